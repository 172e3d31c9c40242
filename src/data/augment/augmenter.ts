/**
 * Augments one training image and writes it normalised into a batch: crop, mirror, RandAugment, jitter,
 * erasing, in this order. A mask is cropped and mirrored with its image; recipes for masks have no other
 * geometry.
 */

import type { Random } from '../../util/random.js';
import type { Dataset, ImageSet } from '../dataset.js';
import { unlabelled } from '../dataset.js';
import type { AugmentationRecipe } from './augmentation-recipe.js';
import { brightness, contrast, saturation } from './colour-operations.js';
import { drawCropWindow } from './crop-window.js';
import { randaugment } from './randaugment.js';
import { type Affine, clamp8, type ImageBuffer, imageBuffer, warp, warpMask } from './warp.js';

/** `(pixel / 255 - mean) / std` by a table lookup per value; a constant channel stays finite. */
export function normalisationTable({ mean, std }: Pick<Dataset, 'mean' | 'std'>): Float32Array {
  return Float32Array.from({ length: 256 * mean.length }, (_, at) => {
    const channel = at >> 8;
    return ((at & 255) / 255 - mean[channel]!) / Math.max(std[channel]!, 1e-6);
  });
}

export type ImageSize = Pick<ImageSet, 'height' | 'width' | 'channels'>;

export class Augmenter {
  readonly #table: Float32Array;
  readonly #fill: number[];
  readonly #image: ImageBuffer;
  readonly #scratch: ImageBuffer;

  constructor(
    private readonly size: ImageSize,
    statistics: Pick<Dataset, 'mean' | 'std'>,
    private readonly recipe: AugmentationRecipe,
  ) {
    this.#table = normalisationTable(statistics);
    this.#fill = statistics.mean.map((mean) => clamp8(mean * 255));
    this.#image = imageBuffer(size.height, size.width, size.channels);
    this.#scratch = imageBuffer(size.height, size.width, size.channels);
  }

  /**
   * @param pixels 8-bit pixels that hold the image from `from` on
   * @param to normalised image goes here, from `start` on
   * @param mask where there is one: its classes before, and where they go
   */
  augment(
    pixels: Uint8Array,
    from: number,
    to: Float32Array,
    start: number,
    random: Random,
    mask?: { readonly from: Uint8Array; readonly to: Uint8Array },
  ): void {
    const { flip, crop, resizedCrop = 0, randaugment: policy, jitter = 0, erase = 0 } = this.recipe;
    const dy = crop > 0 ? random.integer(2 * crop + 1) - crop : 0;
    const dx = crop > 0 ? random.integer(2 * crop + 1) - crop : 0;
    const window = resizedCrop > 0 ? this.#window(random, resizedCrop) : undefined;
    const mirrored = flip && random.integer(2) === 1;
    if (window === undefined && policy === undefined && jitter === 0)
      this.#shifted(pixels, from, to, start, dy, dx, mirrored);
    else {
      this.#colourful(pixels, from, to, start, random, window ?? [1, 0, dy, 0, 1, dx], mirrored);
    }
    if (mask !== undefined)
      warpMask(
        mask.from,
        mask.to,
        this.size,
        mirroredAffine(window ?? [1, 0, dy, 0, 1, dx], mirrored, this.size.width),
        unlabelled,
      );
    if (erase > 0 && random.next() < erase) this.#erase(to, start, random);
  }

  /** Fast path for shift and mirror only; pixels from outside take the mean colour (0). */
  #shifted(
    pixels: Uint8Array,
    from: number,
    to: Float32Array,
    start: number,
    dy: number,
    dx: number,
    mirrored: boolean,
  ): void {
    const { height, width, channels } = this.size;
    const table = this.#table;
    if (dy !== 0 || dx !== 0) to.fill(0, start, start + height * width * channels);
    const [firstY, lastY] = [Math.max(0, -dy), Math.min(height, height - dy)];
    // of the row before it is mirrored
    const [firstX, lastX] = [Math.max(0, -dx), Math.min(width, width - dx)];
    for (let y = firstY; y < lastY; y++) {
      let source = from + ((y + dy) * width + firstX + dx) * channels;
      for (let x = firstX; x < lastX; x++) {
        let at = start + (y * width + (mirrored ? width - 1 - x : x)) * channels;
        for (let channel = 0; channel < channels; channel++)
          to[at++] = table[(channel << 8) + pixels[source++]!]!;
      }
    }
  }

  #colourful(
    pixels: Uint8Array,
    from: number,
    to: Float32Array,
    start: number,
    random: Random,
    window: Affine,
    mirrored: boolean,
  ): void {
    const { randaugment: policy, jitter = 0 } = this.recipe;
    const { height, width, channels } = this.size;
    const length = height * width * channels;
    const image = this.#image;
    warp(
      { ...this.size, pixels: pixels.subarray(from, from + length) },
      image,
      mirroredAffine(window, mirrored, width),
      this.#fill,
    );
    if (policy !== undefined) randaugment(image, this.#scratch, random, policy, this.#fill);
    if (jitter > 0) {
      for (const change of random.shuffled([brightness, contrast, saturation]))
        change(image, 1 + jitter * (2 * random.next() - 1));
    }
    const table = this.#table;
    for (let i = 0, channel = 0; i < length; i++, channel = channel + 1 === channels ? 0 : channel + 1)
      to[start + i] = table[(channel << 8) + image.pixels[i]!]!;
  }

  /** The crop's window stretched over the image. */
  #window(random: Random, least: number): Affine {
    const { height, width } = this.size;
    const window = drawCropWindow(random, least, this.size);
    if (window === undefined) return [1, 0, 0, 0, 1, 0];
    const [stepY, stepX] = [window.height / height, window.width / width];
    return [stepY, 0, window.top + (stepY - 1) / 2, 0, stepX, window.left + (stepX - 1) / 2];
  }

  /**
   * A rectangle of 2 to 33 % of the area and aspect 0.3 to 3.3 becomes normal noise; whole where none fits in
   * ten tries.
   */
  #erase(to: Float32Array, start: number, random: Random): void {
    const { height, width, channels } = this.size;
    for (let attempt = 0; attempt < 10; attempt++) {
      const area = (0.02 + 0.31 * random.next()) * height * width;
      const aspect = Math.exp(Math.log(0.3) + random.next() * Math.log(3.3 / 0.3));
      const [h, w] = [Math.round(Math.sqrt(area * aspect)), Math.round(Math.sqrt(area / aspect))];
      if (h < 1 || w < 1 || h > height || w > width) continue;
      const [top, left] = [random.integer(height - h + 1), random.integer(width - w + 1)];
      for (let y = top; y < top + h; y++) {
        const row = start + (y * width + left) * channels;
        for (let i = 0; i < w * channels; i++) to[row + i] = random.normal();
      }
      return;
    }
  }
}

function mirroredAffine([yy, yx, y0, xy, xx, x0]: Affine, mirrored: boolean, width: number): Affine {
  return mirrored
    ? [yy, -yx, y0 + yx * (width - 1), xy, -xx, x0 + xx * (width - 1)]
    : [yy, yx, y0, xy, xx, x0];
}
