/** Images in a grid, as a PNG: one row a class. */
import sharp from 'sharp';
import type { Dataset } from '../../data/dataset.js';

const gap = 2;

/** @param images normalised `[rows·columns, height, width, channels]` of 1 or 3 channels, row by row */
export function gridPng(
  images: Float32Array,
  size: { readonly height: number; readonly width: number; readonly channels: number },
  columns: number,
  { mean, std }: Pick<Dataset, 'mean' | 'std'>,
): Promise<Buffer> {
  const { height, width, channels } = size;
  const count = images.length / (height * width * channels);
  const rows = Math.ceil(count / columns);
  const [gridHeight, gridWidth] = [rows * (height + gap) + gap, columns * (width + gap) + gap];
  const pixels = Buffer.alloc(gridHeight * gridWidth * 3, 255);
  for (let image = 0; image < count; image++) {
    const top = gap + Math.floor(image / columns) * (height + gap);
    const left = gap + (image % columns) * (width + gap);
    for (let y = 0; y < height; y++)
      for (let x = 0; x < width; x++)
        for (let colour = 0; colour < 3; colour++) {
          const channel = channels === 1 ? 0 : colour;
          const value =
            images[((image * height + y) * width + x) * channels + channel]! * std[channel]! + mean[channel]!;
          pixels[((top + y) * gridWidth + left + x) * 3 + colour] = Math.max(
            0,
            Math.min(255, Math.round(value * 255)),
          );
        }
  }
  return sharp(pixels, { raw: { width: gridWidth, height: gridHeight, channels: 3 } })
    .png()
    .toBuffer();
}
