/**
 * Affine resampling of one 8-bit image `[height, width, channels]` in a reused buffer. Coordinates: y down,
 * first pixel at 0.
 */

export interface ImageBuffer {
  readonly height: number;
  readonly width: number;
  readonly channels: number;
  readonly pixels: Uint8Array;
}

export const imageBuffer = (height: number, width: number, channels: number): ImageBuffer => ({
  height,
  width,
  channels,
  pixels: new Uint8Array(height * width * channels),
});

/** Row-major map `[yy, yx, y0, xy, xx, x0]` from target coordinates to source coordinates. */
export type Affine = readonly [yy: number, yx: number, y0: number, xy: number, xx: number, x0: number];

/** Resamples `from` into `to`, bilinear; pixels from outside take `fill`, one value for each channel. */
export function warp(from: ImageBuffer, to: ImageBuffer, affine: Affine, fill: ArrayLike<number>): void {
  const { channels } = from;
  const [yy, yx, y0, xy, xx, x0] = affine;
  let at = 0;
  for (let y = 0; y < to.height; y++) {
    for (let x = 0; x < to.width; x++, at += channels) {
      const sourceY = yy * y + yx * x + y0;
      const sourceX = xy * y + xx * x + x0;
      const top = Math.floor(sourceY);
      const left = Math.floor(sourceX);
      const [down, right] = [sourceY - top, sourceX - left];
      if (top < -1 || left < -1 || top >= from.height || left >= from.width) {
        for (let channel = 0; channel < channels; channel++) to.pixels[at + channel] = fill[channel]!;
        continue;
      }
      const weights = [(1 - down) * (1 - right), (1 - down) * right, down * (1 - right), down * right];
      for (let channel = 0; channel < channels; channel++) {
        let sum = 0.5; // rounds
        for (let corner = 0; corner < 4; corner++) {
          const [cy, cx] = [top + (corner >> 1), left + (corner & 1)];
          const inside = cy >= 0 && cx >= 0 && cy < from.height && cx < from.width;
          sum +=
            weights[corner]! *
            (inside ? from.pixels[(cy * from.width + cx) * channels + channel]! : fill[channel]!);
        }
        to.pixels[at + channel] = sum;
      }
    }
  }
}

/**
 * Resamples a mask of classes `[height, width]` like `warp`, nearest neighbour; pixels from outside take
 * `outside`.
 */
export function warpMask(
  from: Uint8Array,
  to: Uint8Array,
  size: { readonly height: number; readonly width: number },
  affine: Affine,
  outside: number,
): void {
  const [yy, yx, y0, xy, xx, x0] = affine;
  let at = 0;
  for (let y = 0; y < size.height; y++) {
    for (let x = 0; x < size.width; x++, at++) {
      const sourceY = Math.round(yy * y + yx * x + y0);
      const sourceX = Math.round(xy * y + xx * x + x0);
      to[at] =
        sourceY >= 0 && sourceX >= 0 && sourceY < size.height && sourceX < size.width
          ? from[sourceY * size.width + sourceX]!
          : outside;
    }
  }
}

/** Maps every value by a table of 256. */
export function mapValues({ pixels }: ImageBuffer, table: ArrayLike<number>): void {
  for (let i = 0; i < pixels.length; i++) pixels[i] = table[pixels[i]!]!;
}

/** Rounded to an 8-bit value. */
export const clamp8 = (value: number): number => Math.round(Math.min(255, Math.max(0, value)));
