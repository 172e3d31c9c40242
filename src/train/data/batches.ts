/**
 * Training and scoring batches: seeded epoch order, flip and padded random crop on 8-bit pixels, normalised into a reused
 * float32 buffer. Order and augmentation of an epoch depend on seed and epoch number alone, so a training resumed at an epoch
 * boundary sees what the uninterrupted one would have seen.
 */
import { seededRandom } from '../../util/random.js';
import type { Dataset, ImageSet } from '../contract.js';

export interface Batch {
  /** Images in it; the last batch of a scoring pass may be smaller. */
  readonly count: number;
  /** `[count, height, width, channels]`, normalised; a view of a buffer that the next batch overwrites. */
  readonly pixels: Float32Array;
  /** `[count]`, 0-based classes; overwritten likewise. */
  readonly labels: Int32Array;
}

export interface Augmentation {
  /** Mirror each image left to right with probability one half. */
  readonly flip: boolean;
  /** Pad by so many pixels of the mean colour on every side and crop at a random place; 0 for none. */
  readonly crop: number;
}

/** Indices of the training images in the order of `epoch` (from 1). */
export function epochOrder(count: number, seed: number | string, epoch: number): Uint32Array {
  const random = seededRandom(seed).fork(`order/${epoch}`);
  const order = new Uint32Array(count);
  for (let i = 0; i < count; i++) order[i] = i;
  for (let i = count - 1; i > 0; i--) {
    const j = random.integer(i + 1);
    const kept = order[i]!;
    order[i] = order[j]!;
    order[j] = kept;
  }
  return order;
}

/** Writes images as `(pixel / 255 - mean) / std` by a table lookup per value. */
class Normaliser {
  /** `[channels, 256]` */
  readonly #table: Float32Array;

  constructor({ mean, std }: Pick<Dataset, 'mean' | 'std'>) {
    this.#table = Float32Array.from({ length: 256 * mean.length }, (_, at) => {
      const channel = at >> 8;
      return ((at & 255) / 255 - mean[channel]!) / Math.max(std[channel]!, 1e-6); // a constant channel stays finite
    });
  }

  /** One image, shifted by `(dy, dx)` with 0 (the mean colour) outside, mirrored where `flip`. */
  write(set: ImageSet, image: number, to: Float32Array, start: number, dy = 0, dx = 0, flip = false): void {
    const { height, width, channels, pixels } = set;
    const table = this.#table;
    const imageStart = image * height * width * channels;
    if (dy !== 0 || dx !== 0) to.fill(0, start, start + height * width * channels);
    const [firstY, lastY] = [Math.max(0, -dy), Math.min(height, height - dy)];
    const [firstX, lastX] = [Math.max(0, -dx), Math.min(width, width - dx)]; // of the row before it is mirrored
    for (let y = firstY; y < lastY; y++) {
      let from = imageStart + ((y + dy) * width + firstX + dx) * channels;
      for (let x = firstX; x < lastX; x++) {
        let at = start + (y * width + (flip ? width - 1 - x : x)) * channels;
        for (let channel = 0; channel < channels; channel++) to[at++] = table[(channel << 8) + pixels[from++]!]!;
      }
    }
  }
}

/**
 * Batches of one training epoch; the incomplete last one is left out, so that every step has one shape.
 *
 *   for (const { pixels, labels } of trainingBatches(dataset, { batch: 32, seed, epoch: 1, flip: true, crop: 4 })) step(pixels, labels);
 *
 * @throws RangeError where the set is smaller than one batch
 */
export function* trainingBatches(
  dataset: Pick<Dataset, 'train' | 'mean' | 'std'>,
  options: Augmentation & { readonly batch: number; readonly seed: number | string; readonly epoch: number },
): Generator<Batch, void, void> {
  const { train } = dataset;
  const { batch, seed, epoch, flip, crop } = options;
  if (train.count < batch) throw new RangeError(`trainingBatches: batch must be at most the ${train.count} training images, got ${batch}`);
  const order = epochOrder(train.count, seed, epoch);
  const random = seededRandom(seed).fork(`augmentation/${epoch}`);
  const normaliser = new Normaliser(dataset);
  const imageSize = train.height * train.width * train.channels;
  const pixels = new Float32Array(batch * imageSize);
  const labels = new Int32Array(batch);
  for (let start = 0; start + batch <= train.count; start += batch) {
    for (let i = 0; i < batch; i++) {
      const image = order[start + i]!;
      const dy = crop > 0 ? random.integer(2 * crop + 1) - crop : 0;
      const dx = crop > 0 ? random.integer(2 * crop + 1) - crop : 0;
      normaliser.write(train, image, pixels, i * imageSize, dy, dx, flip && random.integer(2) === 1);
      labels[i] = train.labels[image]!;
    }
    yield { count: batch, pixels, labels };
  }
}

/** Steps of one training epoch. */
export const stepsPerEpoch = (count: number, batch: number): number => Math.floor(count / batch);

/** Every image once, in order, not augmented; the last batch holds what is left. */
export function* scoringBatches(set: ImageSet, statistics: Pick<Dataset, 'mean' | 'std'>, batch: number): Generator<Batch, void, void> {
  const normaliser = new Normaliser(statistics);
  const imageSize = set.height * set.width * set.channels;
  const pixels = new Float32Array(Math.min(batch, set.count) * imageSize);
  const labels = new Int32Array(Math.min(batch, set.count));
  for (let start = 0; start < set.count; start += batch) {
    const count = Math.min(batch, set.count - start);
    for (let i = 0; i < count; i++) {
      normaliser.write(set, start + i, pixels, i * imageSize);
      labels[i] = set.labels[start + i]!;
    }
    yield { count, pixels: pixels.subarray(0, count * imageSize), labels: labels.subarray(0, count) };
  }
}
