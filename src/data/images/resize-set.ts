/** Image sets at another size. Pure. */
import type { ImageSet } from '../dataset.js';

/**
 * Source pixels and their weights for each target pixel along one axis: a triangle as wide as the reduction
 * (antialiased bilinear).
 */
function taps(from: number, to: number): { readonly start: number; readonly weights: readonly number[] }[] {
  const scale = from / to;
  const reach = Math.max(1, scale);
  return Array.from({ length: to }, (_, target) => {
    const centre = (target + 0.5) * scale - 0.5;
    const start = Math.max(0, Math.ceil(centre - reach));
    const end = Math.min(from - 1, Math.floor(centre + reach));
    const raw = Array.from({ length: end - start + 1 }, (_, i) =>
      Math.max(0, 1 - Math.abs(start + i - centre) / reach),
    );
    const sum = raw.reduce((a, b) => a + b, 0);
    return { start, weights: raw.map((weight) => weight / sum) };
  });
}

/**
 * The set with images of `height` × `width`; masks take the nearest pixel. The same set where the size is the
 * same.
 */
export function resizeSet(set: ImageSet, height: number, width: number): ImageSet {
  if (set.height === height && set.width === width) return set;
  // decoded at it; streams are square
  if (set.stream) return { ...set, height, width, stream: { ...set.stream, size: height } };
  const { count, channels } = set;
  const [rows, columns] = [taps(set.height, height), taps(set.width, width)];
  const pixels = new Uint8Array(count * height * width * channels);
  const between = new Float64Array(set.height * width * channels);
  for (let image = 0; image < count; image++) {
    const from = image * set.height * set.width * channels;
    for (let y = 0; y < set.height; y++) {
      for (let x = 0; x < width; x++) {
        const { start, weights } = columns[x]!;
        for (let channel = 0; channel < channels; channel++) {
          let sum = 0;
          for (let i = 0; i < weights.length; i++)
            sum += weights[i]! * set.pixels[from + (y * set.width + start + i) * channels + channel]!;
          between[(y * width + x) * channels + channel] = sum;
        }
      }
    }
    const to = image * height * width * channels;
    for (let y = 0; y < height; y++) {
      const { start, weights } = rows[y]!;
      for (let i = 0; i < width * channels; i++) {
        let sum = 0.5;
        for (let j = 0; j < weights.length; j++)
          sum += weights[j]! * between[(start + j) * width * channels + i]!;
        pixels[to + y * width * channels + i] = Math.min(255, sum);
      }
    }
  }
  return {
    ...set,
    height,
    width,
    pixels,
    ...(set.masks && { masks: resizeMasks(set, set.masks, height, width) }),
  };
}

function resizeMasks(set: ImageSet, masks: Uint8Array, height: number, width: number): Uint8Array {
  const resized = new Uint8Array(set.count * height * width);
  for (let image = 0; image < set.count; image++) {
    for (let y = 0; y < height; y++) {
      const row = Math.floor(((y + 0.5) * set.height) / height);
      for (let x = 0; x < width; x++) {
        const column = Math.floor(((x + 0.5) * set.width) / width);
        resized[(image * height + y) * width + x] = masks[(image * set.height + row) * set.width + column]!;
      }
    }
  }
  return resized;
}
