/** Scoring a denoising network, and drawing images with it. */

import { scoringBatches } from '../../data/batches/batch-maker.js';
import type { Dataset, ImageSet } from '../../data/dataset.js';
import { alphaBars, diffusionSteps } from '../../runtime/diffusion.js';
import type { Inference } from '../../runtime/runtime.js';
import { seededRandom } from '../../util/random.js';

/**
 * Mean squared error of the noise told in every image of the set, each at a time and with a noise that its
 * place decides.
 */
export async function denoisingError(
  inference: Inference,
  set: ImageSet,
  dataset: Pick<Dataset, 'mean' | 'std'>,
  batch: number,
  classes: number,
  pause: () => Promise<void>,
): Promise<{ loss: number; count: number }> {
  const imageSize = set.height * set.width * set.channels;
  const random = seededRandom('denoising score');
  const [noisy, noise, times] = [
    new Float32Array(batch * imageSize),
    new Float32Array(batch * imageSize),
    new Float32Array(batch),
  ];
  let [sum, count] = [0, 0];
  for await (const scored of scoringBatches(set, dataset, batch)) {
    const shares = classes > 0 ? new Float32Array(batch * classes) : undefined;
    for (let i = 0; i < scored.count; i++) {
      times[i] = random.integer(diffusionSteps);
      const kept = alphaBars[times[i]!]!;
      for (let at = i * imageSize; at < (i + 1) * imageSize; at++) {
        noise[at] = random.normal();
        noisy[at] = Math.sqrt(kept) * scored.pixels[at]! + Math.sqrt(1 - kept) * noise[at]!;
      }
      if (shares) shares[i * classes + scored.labels[i]!] = 1;
    }
    const told = await inference.denoise!(noisy, times, shares);
    for (let at = 0; at < scored.count * imageSize; at++) sum += (told[at]! - noise[at]!) ** 2;
    count += scored.count;
    await pause();
  }
  return { loss: sum / (count * imageSize), count };
}

export interface SampleOptions {
  readonly batch: number;
  /** Class of each image of the batch. */
  readonly labels: readonly number[];
  readonly classes: number;
  /** Evaluations of the network, conditional ones; AsCAN's 30 by default. */
  readonly steps?: number;
  /** Classifier-free guidance; AsCAN's 1.78 by default, 1: none. */
  readonly guidance?: number;
  readonly seed: number;
  readonly imageSize: number;
}

/**
 * Images by deterministic DDIM steps (https://arxiv.org/abs/2010.02502) from noise, `[batch, h, w, c]`,
 * normalised as the network saw them. The prediction of x_0 is kept within 4 deviations, so that an untrained
 * network gives a picture too.
 */
export async function drawSamples(
  inference: Inference,
  { batch, labels, classes, steps = 30, guidance = 1.78, seed, imageSize }: SampleOptions,
): Promise<Float32Array> {
  const random = seededRandom(seed).fork('samples');
  const x = Float32Array.from({ length: batch * imageSize }, () => random.normal());
  const shares = classes > 0 ? new Float32Array(batch * classes) : undefined;
  if (shares)
    labels.forEach((label, i) => {
      shares[i * classes + label] = 1;
    });
  const times = new Float32Array(batch);
  for (let step = 0; step < steps; step++) {
    const at = (index: number): number => Math.round(((diffusionSteps - 1) * (steps - index)) / steps);
    const [now, next] = [alphaBars[at(step)]!, step + 1 < steps ? alphaBars[at(step + 1)]! : 1];
    times.fill(at(step));
    const told = Float32Array.from(await inference.denoise!(x, times, shares));
    if (shares && guidance !== 1) {
      const free = await inference.denoise!(x, times, new Float32Array(shares.length));
      for (let i = 0; i < told.length; i++) told[i] = free[i]! + guidance * (told[i]! - free[i]!);
    }
    for (let i = 0; i < x.length; i++) {
      const clean = Math.max(-4, Math.min(4, (x[i]! - Math.sqrt(1 - now) * told[i]!) / Math.sqrt(now)));
      const noise = (x[i]! - Math.sqrt(now) * clean) / Math.sqrt(1 - now);
      x[i] = Math.sqrt(next) * clean + Math.sqrt(1 - next) * noise;
    }
  }
  return x;
}
