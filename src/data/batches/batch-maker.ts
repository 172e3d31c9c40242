/**
 * Training and scoring batches: seeded epoch order, augmentation, normalised float32. A batch is a function
 * of seeds, epoch and its index alone, so that any worker can make it and a resumed training sees the same
 * batches as an uninterrupted one.
 */

import { seededRandom } from '../../util/random.js';
import type { AugmentationRecipe } from '../augment/augmentation-recipe.js';
import { Augmenter, type ImageSize, normalisationTable } from '../augment/augmenter.js';
import { drawCropWindow, roundWindow } from '../augment/crop-window.js';
import { type LabelMix, mixBatch } from '../augment/mix-batch.js';
import type { Dataset, ImageSet } from '../dataset.js';
import type { CropFunction } from '../images/decode-image.js';
import { streamImages } from '../images/image-stream.js';

export interface Batch {
  /** Images in it; the last batch of a scoring pass may be smaller. */
  readonly count: number;
  /** `[count, height, width, channels]`, normalised; a view of a buffer that the next batch overwrites. */
  readonly pixels: Float32Array;
  /** `[count]` 0-based classes, or `[count, height, width]` where the set has masks; overwritten likewise. */
  readonly labels: Int32Array;
  /** Where mixup or CutMix is on. */
  readonly mixed?: LabelMix;
}

export interface BatchOptions extends AugmentationRecipe {
  readonly batch: number;
  /** Of order and augmentation, where they have none of their own. */
  readonly seed: number | string;
  readonly orderSeed?: number | undefined;
  readonly augmentationSeed?: number | undefined;
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

/** A training set without its pixels. */
export interface TrainingSet extends ImageSize, Pick<ImageSet, 'count' | 'labels' | 'masks' | 'stream'> {}

/** Locates the 8-bit pixels of an image. */
export type PixelsOf = (image: number) => { readonly pixels: Uint8Array; readonly from: number };

/** Pixels of the images of one batch for `BatchMaker.make`: in memory, or read, cropped and decoded now. */
export async function pixelsFor(
  set: ImageSet,
  images: Uint32Array,
  cuts?: readonly CropFunction[],
): Promise<PixelsOf> {
  if (!set.stream) return pixelsInMemory(set);
  const wanted = Uint32Array.from(images);
  const pixels = await streamImages.read(set, wanted, cuts);
  const at = new Map(Array.from(wanted, (image, index) => [image, index]));
  const imageSize = set.height * set.width * set.channels;
  return (image) => ({ pixels, from: at.get(image)! * imageSize });
}

export const pixelsInMemory = (set: ImageSet): PixelsOf => {
  const imageSize = set.height * set.width * set.channels;
  return (image) => ({ pixels: set.pixels, from: image * imageSize });
};

/**
 * Makes any batch of any epoch. The incomplete last batch of an epoch is dropped, so that all batches have
 * one shape.
 */
export class BatchMaker {
  readonly #augmenter: Augmenter;
  readonly #pixels: Float32Array;
  readonly #labels: Int32Array;
  readonly #mask: Uint8Array | undefined;
  #order: { readonly epoch: number; readonly images: Uint32Array } | undefined;
  readonly steps: number;

  /** @throws RangeError where the set is smaller than one batch */
  constructor(
    private readonly set: TrainingSet,
    statistics: Pick<Dataset, 'mean' | 'std'>,
    private readonly options: BatchOptions,
  ) {
    const { batch } = options;
    if (set.count < batch)
      throw new RangeError(
        `trainingBatches: batch must be at most the ${set.count} training images, got ${batch}`,
      );
    const area = set.height * set.width;
    // a stream's images are cropped while decoding: cropsOf
    this.#augmenter = new Augmenter(set, statistics, set.stream ? { ...options, resizedCrop: 0 } : options);
    this.#pixels = new Float32Array(batch * area * set.channels);
    this.#labels = new Int32Array(set.masks ? batch * area : batch);
    this.#mask = set.masks && new Uint8Array(area);
    this.steps = stepsPerEpoch(set.count, batch);
  }

  /** Images of a batch, in its order. @param index from 0 */
  imagesOf(epoch: number, index: number): Uint32Array {
    const { batch, seed, orderSeed } = this.options;
    if (this.#order?.epoch !== epoch)
      this.#order = { epoch, images: epochOrder(this.set.count, orderSeed ?? seed, epoch) };
    return this.#order.images.subarray(index * batch, (index + 1) * batch);
  }

  /** Random resized crops of a streamed set's images; undefined where the images are not cropped so. */
  cropsOf(epoch: number, index: number): readonly CropFunction[] | undefined {
    const { batch, seed, augmentationSeed, resizedCrop = 0 } = this.options;
    if (!this.set.stream || resizedCrop === 0) return undefined;
    return Array.from(
      { length: batch },
      (_, i): CropFunction =>
        (size) => {
          const window = drawCropWindow(
            seededRandom(augmentationSeed ?? seed).fork(`window/${epoch}/${index}/${i}`),
            resizedCrop,
            size,
          );
          return window && roundWindow(window, size);
        },
    );
  }

  /** The buffers are overwritten by the next call. */
  make(epoch: number, index: number, pixelsOf: PixelsOf): Batch {
    const { set, options } = this;
    const { batch, seed, augmentationSeed, mixup, cutmix } = options;
    const random = seededRandom(augmentationSeed ?? seed).fork(`augmentation/${epoch}/${index}`);
    const area = set.height * set.width;
    const [pixels, labels] = [this.#pixels, this.#labels];
    this.imagesOf(epoch, index).forEach((image, i) => {
      const source = pixelsOf(image);
      const mask = set.masks && {
        from: set.masks.subarray(image * area, (image + 1) * area),
        to: this.#mask!,
      };
      this.#augmenter.augment(source.pixels, source.from, pixels, i * area * set.channels, random, mask);
      if (mask) labels.set(mask.to, i * area);
      else labels[i] = set.labels[image]!;
    });
    const mixed =
      set.masks === undefined && ((mixup ?? 0) > 0 || (cutmix ?? 0) > 0)
        ? mixBatch(pixels, labels, set, random, { mixup, cutmix })
        : undefined;
    return { count: batch, pixels, labels, ...(mixed && { mixed }) };
  }
}

/**
 * Batches of one training epoch.
 *
 *   for (const { pixels, labels } of trainingBatches(dataset, { batch: 32, seed, epoch: 1, flip: true, crop:
 *   4 })) step(pixels, labels);
 *
 * @throws RangeError where the set is smaller than one batch
 */
export function* trainingBatches(
  dataset: Pick<Dataset, 'train' | 'mean' | 'std'>,
  options: BatchOptions & { readonly epoch: number },
): Generator<Batch, void, void> {
  const maker = new BatchMaker(dataset.train, dataset, options);
  const pixelsOf = pixelsInMemory(dataset.train);
  for (let index = 0; index < maker.steps; index++) yield maker.make(options.epoch, index, pixelsOf);
}

/** Steps of one training epoch. */
export const stepsPerEpoch = (count: number, batch: number): number => Math.floor(count / batch);

/**
 * Every image once, in order, not augmented; the last batch holds what is left. Of a stream, the next batch
 * is read ahead.
 */
export async function* scoringBatches(
  set: ImageSet,
  statistics: Pick<Dataset, 'mean' | 'std'>,
  batch: number,
): AsyncGenerator<Batch, void, void> {
  const table = normalisationTable(statistics);
  const area = set.height * set.width;
  const imageSize = area * set.channels;
  const perImage = set.masks ? area : 1;
  const pixels = new Float32Array(Math.min(batch, set.count) * imageSize);
  const labels = new Int32Array(Math.min(batch, set.count) * perImage);
  const images = (start: number): Uint32Array =>
    Uint32Array.from({ length: Math.min(batch, set.count - start) }, (_, i) => start + i);
  const load = (start: number): Promise<PixelsOf> => pixelsFor(set, images(start));
  let coming = load(0);
  for (let start = 0; start < set.count; start += batch) {
    const count = Math.min(batch, set.count - start);
    const pixelsOf = await coming;
    if (start + batch < set.count) coming = load(start + batch);
    coming.catch(() => {}); // thrown when it is awaited
    for (let i = 0; i < count; i++) {
      const { pixels: source, from } = pixelsOf(start + i);
      for (
        let at = 0, channel = 0;
        at < imageSize;
        at++, channel = channel + 1 === set.channels ? 0 : channel + 1
      ) {
        pixels[i * imageSize + at] = table[(channel << 8) + source[from + at]!]!;
      }
    }
    labels.set((set.masks ?? set.labels).subarray(start * perImage, (start + count) * perImage));
    yield {
      count,
      pixels: pixels.subarray(0, count * imageSize),
      labels: labels.subarray(0, count * perImage),
    };
  }
}
