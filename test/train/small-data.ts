/**
 * A small learnable data set, in memory or as IDX files: each class brightens its own quarter of a noisy
 * image.
 */

import type { Dataset, ImageSet } from '../../src/data/dataset.js';
import { finishDataset } from '../../src/data/images/image-set.js';
import { seededRandom } from '../../src/util/random.js';
import { idxBytes, put } from '../data/temporary-files.js';

export function quarters(count: number, side: number, channels: number, seed: number, noise = 200): ImageSet {
  const random = seededRandom(seed);
  const pixels = new Uint8Array(count * side * side * channels);
  const labels = new Uint16Array(count);
  for (let image = 0; image < count; image++) {
    const label = image % 4;
    labels[image] = label;
    for (let y = 0; y < side; y++) {
      for (let x = 0; x < side; x++) {
        const inside = (y < side / 2 ? 0 : 2) + (x < side / 2 ? 0 : 1) === label;
        for (let c = 0; c < channels; c++)
          pixels[((image * side + y) * side + x) * channels + c] =
            random.integer(noise) + (inside ? 255 - noise : 0);
      }
    }
  }
  return { count, height: side, width: side, channels, pixels, labels };
}

export const quartersDataset = (train: ImageSet, validation: ImageSet): Dataset =>
  finishDataset('quarters', 'quarters()', { classes: ['0', '1', '2', '3'], train, validation });

/** Writes both parts as IDX files; the data call to load them is `idx(folder: …, validate-on: test)`. */
export async function putQuarters(folder: string, train: ImageSet, validation: ImageSet): Promise<void> {
  for (const [prefix, set] of [
    ['train', train],
    ['t10k', validation],
  ] as const) {
    await put(
      folder,
      `${prefix}-images-idx3-ubyte`,
      idxBytes([set.count, set.height, set.width, set.channels], set.pixels),
    );
    await put(folder, `${prefix}-labels-idx1-ubyte`, idxBytes([set.count], Uint8Array.from(set.labels)));
  }
}
