/** Evaluation of a denoising network. */

import { scoringBatches } from '../../data/batches/batch-maker.js';
import type { Dataset, ImageSet } from '../../data/dataset.js';
import { alphaBars, diffusionSteps } from '../../runtime/diffusion.js';
import type { Inference } from '../../runtime/runtime.js';
import { seededRandom } from '../../util/random.js';
import type { Evaluation } from './evaluate-set.js';

/**
 * Mean squared error of the predicted noise over every image of `set`. Each image gets one diffusion time and
 * one noise, drawn from a fixed seed, so that the error is reproducible.
 * @param classes classes that the network is conditioned on; 0: unconditional
 */
export async function denoisingError(
  inference: Inference,
  set: ImageSet,
  dataset: Pick<Dataset, 'mean' | 'std'>,
  batch: number,
  classes: number,
  pause: () => Promise<void>,
): Promise<Evaluation> {
  const imageSize = set.height * set.width * set.channels;
  const random = seededRandom('denoising score');
  const [noisy, noise, times] = [
    new Float32Array(batch * imageSize),
    new Float32Array(batch * imageSize),
    new Float32Array(batch),
  ];
  let [sum, count] = [0, 0];
  for await (const scored of scoringBatches(set, dataset, batch)) {
    const condition = classes > 0 ? new Float32Array(batch * classes) : undefined;
    for (let i = 0; i < scored.count; i++) {
      times[i] = random.integer(diffusionSteps);
      const kept = alphaBars[times[i]!]!;
      for (let at = i * imageSize; at < (i + 1) * imageSize; at++) {
        noise[at] = random.normal();
        noisy[at] = Math.sqrt(kept) * scored.pixels[at]! + Math.sqrt(1 - kept) * noise[at]!;
      }
      if (condition) condition[i * classes + scored.labels[i]!] = 1;
    }
    const predicted = await inference.denoise!(noisy, times, condition);
    for (let at = 0; at < scored.count * imageSize; at++) sum += (predicted[at]! - noise[at]!) ** 2;
    count += scored.count;
    await pause();
  }
  return { loss: sum / (count * imageSize), count, confusion: [] };
}
