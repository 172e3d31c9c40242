/** Worker threads give the batches that the training's own thread would make. */
import { describe, expect, it } from 'vitest';
import type { BatchOptions } from '../../../src/data/batches/batch-maker.js';
import { type BatchSource, localSource, workerSource } from '../../../src/data/batches/batch-source.js';
import { quarters, quartersDataset } from '../../train/small-data.js';

const dataset = quartersDataset(quarters(40, 6, 3, 1), quarters(4, 6, 3, 2));
const options: BatchOptions = {
  batch: 8,
  seed: 3,
  flip: true,
  crop: 1,
  randaugment: { operations: 2, magnitude: 9 },
  mixup: 0.4,
  cutmix: 1,
  erase: 0.5,
  jitter: 0.3,
};

async function collect(source: BatchSource, epoch: number, first: number) {
  const seen = [];
  for await (const { pixels, labels, mixed } of source.batches(epoch, first))
    seen.push({
      pixels: [...pixels],
      labels: [...labels],
      mixed: mixed && { labels: [...mixed.labels], share: mixed.share },
    });
  return seen;
}

describe('workerSource', () => {
  it.each([1, 3])(
    'of %i workers: every epoch, from any batch on, as localSource makes it',
    async (workers) => {
      const [local, threads] = [localSource(dataset, options), workerSource(dataset, options, workers)];
      try {
        for (const [epoch, first] of [
          [1, 0],
          [2, 3],
          [3, 0],
          [3, 1],
          [4, 4],
        ] as const) {
          const wanted = await collect(local, epoch, first);
          expect(wanted).toHaveLength(5 - first);
          expect(await collect(threads, epoch, first)).toEqual(wanted);
        }
      } finally {
        await threads.close();
      }
    },
  );
  it('an epoch that is left early does not disturb the next', async () => {
    const threads = workerSource(dataset, options, 2);
    try {
      for await (const batch of threads.batches(1, 0)) if (batch.count > 0) break;
      expect(await collect(threads, 2, 0)).toEqual(await collect(localSource(dataset, options), 2, 0));
    } finally {
      await threads.close();
    }
  });
  it('order and augmentation follow seeds of their own', async () => {
    const labelsOf = async (changes: Partial<BatchOptions>): Promise<number[]> =>
      (await collect(localSource(dataset, { ...options, ...changes }), 1, 0)).flatMap(({ labels }) => labels);
    const pixelsOf = async (changes: Partial<BatchOptions>): Promise<number[]> =>
      (await collect(localSource(dataset, { ...options, ...changes }), 1, 0)).flatMap(({ pixels }) => pixels);
    const base = { orderSeed: 9 };
    expect(await labelsOf({ ...base, seed: 1 })).toEqual(await labelsOf({ ...base, seed: 2 })); // pairs share the order of the data
    expect(await pixelsOf({ ...base, seed: 1 })).not.toEqual(await pixelsOf({ ...base, seed: 2 }));
    expect(await pixelsOf({ ...base, augmentationSeed: 5, seed: 1 })).toEqual(
      await pixelsOf({ ...base, augmentationSeed: 5, seed: 2 }),
    );
    expect(await labelsOf({ orderSeed: 8 })).not.toEqual(await labelsOf(base));
  });
});
