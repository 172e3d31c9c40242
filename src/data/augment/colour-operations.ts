/**
 * Operations on the colours of an 8-bit image, in place; the words are Pillow's ImageOps and ImageEnhance.
 */
import { clamp8, type ImageBuffer, mapValues } from './warp.js';

/** Luma of RGB (ITU-R 601); of one channel the value itself. */
function luma({ pixels, channels }: ImageBuffer, at: number): number {
  return channels === 3
    ? 0.299 * pixels[at]! + 0.587 * pixels[at + 1]! + 0.114 * pixels[at + 2]!
    : pixels[at]!;
}

/** Blends with black. @param factor 1: unchanged */
export function brightness(image: ImageBuffer, factor: number): void {
  mapValues(
    image,
    Uint8Array.from({ length: 256 }, (_, value) => clamp8(value * factor)),
  );
}

/** Blends with the mean grey. */
export function contrast(image: ImageBuffer, factor: number): void {
  const count = image.height * image.width;
  let sum = 0;
  for (let i = 0; i < count; i++) sum += luma(image, i * image.channels);
  const grey = Math.round(sum / count);
  mapValues(
    image,
    Uint8Array.from({ length: 256 }, (_, value) => clamp8(grey + (value - grey) * factor)),
  );
}

/** Blends with the image in grey; nothing to do on one channel. */
export function saturation(image: ImageBuffer, factor: number): void {
  const { pixels, channels } = image;
  if (channels !== 3) return;
  for (let at = 0; at < pixels.length; at += 3) {
    const grey = luma(image, at);
    for (let channel = 0; channel < 3; channel++)
      pixels[at + channel] = clamp8(grey + (pixels[at + channel]! - grey) * factor);
  }
}

/** Blends with a smoothed copy (3×3, centre 5 of 13); the border stays. */
export function sharpness(image: ImageBuffer, factor: number): void {
  const { pixels, height, width, channels } = image;
  const before = pixels.slice();
  for (let y = 1; y < height - 1; y++) {
    for (let x = 1; x < width - 1; x++) {
      for (let channel = 0; channel < channels; channel++) {
        const at = (y * width + x) * channels + channel;
        let sum = 4 * before[at]!;
        for (let dy = -1; dy <= 1; dy++)
          for (let dx = -1; dx <= 1; dx++) sum += before[at + (dy * width + dx) * channels]!;
        const smooth = sum / 13;
        pixels[at] = clamp8(smooth + (before[at]! - smooth) * factor);
      }
    }
  }
}

const eachChannel = (
  image: ImageBuffer,
  table: (histogram: Float64Array) => ArrayLike<number> | undefined,
): void => {
  const { pixels, channels } = image;
  for (let channel = 0; channel < channels; channel++) {
    const histogram = new Float64Array(256);
    for (let at = channel; at < pixels.length; at += channels) histogram[pixels[at]!]!++;
    const values = table(histogram);
    if (values) for (let at = channel; at < pixels.length; at += channels) pixels[at] = values[pixels[at]!]!;
  }
};

/** Stretches each channel to 0..255. */
export function autocontrast(image: ImageBuffer): void {
  eachChannel(image, (histogram) => {
    const low = histogram.findIndex((count) => count > 0);
    const high = histogram.findLastIndex((count) => count > 0);
    return high > low
      ? Uint8Array.from({ length: 256 }, (_, value) => clamp8(((value - low) * 255) / (high - low)))
      : undefined;
  });
}

/** Flattens each channel's histogram. */
export function equalize(image: ImageBuffer): void {
  eachChannel(image, (histogram) => {
    const used = histogram.filter((count) => count > 0);
    const step = Math.floor((image.height * image.width - (used.at(-1) ?? 0)) / 255);
    if (used.length < 2 || step === 0) return undefined;
    let sum = Math.floor(step / 2);
    return Uint8Array.from(histogram, (count) => {
      const value = Math.min(255, Math.floor(sum / step));
      sum += count;
      return value;
    });
  });
}

/** Keeps the highest `bits` of each value. */
export function posterize(image: ImageBuffer, bits: number): void {
  const mask = 0xff & ~(2 ** (8 - bits) - 1);
  mapValues(
    image,
    Uint8Array.from({ length: 256 }, (_, value) => value & mask),
  );
}

/** Inverts values from `threshold` on. */
export function solarize(image: ImageBuffer, threshold: number): void {
  mapValues(
    image,
    Uint8Array.from({ length: 256 }, (_, value) => (value < threshold ? value : 255 - value)),
  );
}
