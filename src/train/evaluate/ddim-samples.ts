/** Drawing images with a denoising network. */
import { alphaBars, diffusionSteps } from '../../runtime/diffusion.js';
import type { Inference } from '../../runtime/runtime.js';
import { seededRandom } from '../../util/random.js';

export interface SampleOptions {
  readonly batch: number;
  /** Class of each image of the batch. */
  readonly labels: readonly number[];
  /** Classes that the network is conditioned on; 0: unconditional. */
  readonly classes: number;
  /** Denoising steps; default 30 (AsCAN). */
  readonly steps?: number;
  /** Scale of classifier-free guidance; default 1.78 (AsCAN), 1: off. */
  readonly guidance?: number;
  readonly seed: number;
  /** height · width · channels */
  readonly imageSize: number;
}

/**
 * Draws images by deterministic DDIM steps (https://arxiv.org/abs/2010.02502) from noise. The predicted x_0
 * is clipped to 4 standard deviations, so that an untrained network gives finite images too.
 * @returns `[batch, height, width, channels]`, normalised like the training images
 */
export async function drawSamples(
  inference: Inference,
  { batch, labels, classes, steps = 30, guidance = 1.78, seed, imageSize }: SampleOptions,
): Promise<Float32Array> {
  const random = seededRandom(seed).fork('samples');
  const x = Float32Array.from({ length: batch * imageSize }, () => random.normal());
  const condition = classes > 0 ? new Float32Array(batch * classes) : undefined;
  if (condition)
    labels.forEach((label, i) => {
      condition[i * classes + label] = 1;
    });
  const times = new Float32Array(batch);
  for (let step = 0; step < steps; step++) {
    const at = (index: number): number => Math.round(((diffusionSteps - 1) * (steps - index)) / steps);
    const [now, next] = [alphaBars[at(step)]!, step + 1 < steps ? alphaBars[at(step + 1)]! : 1];
    times.fill(at(step));
    const predicted = Float32Array.from(await inference.denoise!(x, times, condition));
    if (condition && guidance !== 1) {
      const unconditional = await inference.denoise!(x, times, new Float32Array(condition.length));
      for (let i = 0; i < predicted.length; i++)
        predicted[i] = unconditional[i]! + guidance * (predicted[i]! - unconditional[i]!);
    }
    for (let i = 0; i < x.length; i++) {
      const clean = Math.max(-4, Math.min(4, (x[i]! - Math.sqrt(1 - now) * predicted[i]!) / Math.sqrt(now)));
      const noise = (x[i]! - Math.sqrt(now) * clean) / Math.sqrt(1 - now);
      x[i] = Math.sqrt(next) * clean + Math.sqrt(1 - next) * noise;
    }
  }
  return x;
}
