/**
 * Random resized crops (https://arxiv.org/abs/1409.4842): a window of random area and aspect, to be stretched
 * to the image's size.
 */
import type { Random } from '../../util/random.js';

/** A part of an image, in its pixels. */
export interface CropWindow {
  readonly top: number;
  readonly left: number;
  readonly height: number;
  readonly width: number;
}
export interface PixelSize {
  readonly height: number;
  readonly width: number;
}

/**
 * Area U(least, 1) of the image's and aspect 3/4 to 4/3 (log-uniform), anywhere; undefined where none fits in
 * ten tries.
 */
export function drawCropWindow(
  random: Random,
  least: number,
  { height, width }: PixelSize,
): CropWindow | undefined {
  for (let attempt = 0; attempt < 10; attempt++) {
    const area = (least + (1 - least) * random.next()) * height * width;
    const aspect = Math.exp(Math.log(3 / 4) + random.next() * 2 * Math.log(4 / 3));
    const [h, w] = [Math.sqrt(area / aspect), Math.sqrt(area * aspect)];
    const [y, x] = [random.next(), random.next()];
    if (h <= height && w <= width)
      return { top: y * (height - h), left: x * (width - w), height: h, width: w };
  }
  return undefined;
}

/** The window on whole pixels: at least one, and within the image. */
export function roundWindow({ top, left, height, width }: CropWindow, size: PixelSize): CropWindow {
  const [h, w] = [Math.max(1, Math.round(height)), Math.max(1, Math.round(width))];
  return {
    top: Math.min(Math.round(top), size.height - h),
    left: Math.min(Math.round(left), size.width - w),
    height: h,
    width: w,
  };
}
