import { describe, expect, it } from 'vitest';
import {
  epochOrder,
  scoringBatches,
  stepsPerEpoch,
  trainingBatches,
} from '../../../src/data/batches/batch-maker.js';
import type { ImageSet } from '../../../src/data/dataset.js';

/** `count` images of 4×4×1; pixel value = 16·image + position. */
const set = (count: number): ImageSet => ({
  count,
  height: 4,
  width: 4,
  channels: 1,
  pixels: Uint8Array.from({ length: count * 16 }, (_, i) => i),
  labels: Uint16Array.from({ length: count }, (_, i) => i),
});
/** Normalisation that leaves pixel values as they are, mean at 0. */
const plain = { mean: [0], std: [1 / 255] };
const options = { batch: 2, seed: 5, epoch: 1, flip: false, crop: 0 };

/** Everything the batches of an epoch held, copied. */
function collect(count: number, changes: Partial<typeof options> = {}) {
  return [
    ...(function* () {
      for (const { pixels, labels } of trainingBatches(
        { train: set(count), ...plain },
        { ...options, ...changes },
      ))
        yield { pixels: [...pixels], labels: [...labels] };
    })(),
  ];
}

describe('trainingBatches', () => {
  it('shows each image once an epoch, labels with their pixels, whole batches only', () => {
    const batches = collect(9);
    expect(batches).toHaveLength(stepsPerEpoch(9, 2));
    const labels = batches.flatMap((batch) => batch.labels);
    expect(new Set(labels).size).toBe(8);
    for (const {
      pixels,
      labels: [first, second],
    } of batches) {
      expect(pixels.map(Math.round)).toEqual(
        [...Array(16).keys()]
          .map((i) => 16 * first! + i)
          .concat([...Array(16).keys()].map((i) => 16 * second! + i)),
      );
    }
  });
  it('is a function of seed and epoch alone: an epoch can be resumed at its start', () => {
    const changes = { flip: true, crop: 1 };
    expect(collect(8, { ...changes, epoch: 3 })).toEqual(collect(8, { ...changes, epoch: 3 }));
    expect(collect(8, { ...changes, epoch: 3 })).not.toEqual(collect(8, { ...changes, epoch: 2 }));
    expect(collect(8, { ...changes, seed: 6 })).not.toEqual(collect(8, changes));
  });
  it('keeps the order whatever the augmentation', () => {
    expect(collect(8, { flip: true, crop: 2 }).map(({ labels }) => labels)).toEqual(
      collect(8).map(({ labels }) => labels),
    );
  });
  it('flips about half of the images, exactly mirrored', () => {
    const seen = collect(14, { flip: true }).flatMap(({ pixels, labels }) =>
      labels.map((label, i) => {
        const image = pixels.slice(16 * i, 16 * i + 16).map((value) => Math.round(value) - 16 * label);
        const mirrored = image[0] === 3;
        expect(image).toEqual(
          [...Array(16).keys()].map((at) => (mirrored ? at - (at % 4) + 3 - (at % 4) : at)),
        );
        return mirrored;
      }),
    );
    expect(seen.filter(Boolean).length).toBeGreaterThan(2);
    expect(seen.filter((mirrored) => !mirrored).length).toBeGreaterThan(2);
  });
  it('crops windows of the padded image, every shift possible', () => {
    const shifts = new Set<string>();
    for (let epoch = 1; epoch <= 12; epoch++) {
      for (const { pixels, labels } of collect(14, { crop: 1, epoch })) {
        labels.forEach((label, i) => {
          const image = pixels.slice(16 * i, 16 * i + 16).map(Math.round);
          const dy = Math.floor((image[5]! - 16 * label) / 4) - 1; // the pixel at (1, 1) is always inside
          const dx = ((image[5]! - 16 * label) % 4) - 1;
          shifts.add(`${dy},${dx}`);
          const expected = [...Array(16).keys()].map((at) => {
            const [y, x] = [Math.floor(at / 4) + dy, (at % 4) + dx];
            return y < 0 || y > 3 || x < 0 || x > 3 ? 0 : 16 * label + 4 * y + x;
          });
          expect(image).toEqual(expected);
        });
      }
    }
    expect(shifts.size).toBe(9);
  });
  it('reuses one buffer', () => {
    const buffers = new Set<Float32Array>();
    for (const { pixels } of trainingBatches({ train: set(8), ...plain }, options)) buffers.add(pixels);
    expect(buffers.size).toBe(1);
  });
  it('normalises by the statistics of each channel, a constant channel stays finite', () => {
    const rgb: ImageSet = {
      count: 1,
      height: 1,
      width: 1,
      channels: 3,
      pixels: Uint8Array.of(51, 102, 255),
      labels: Uint16Array.of(0),
    };
    const [batch] = [
      ...trainingBatches({ train: rgb, mean: [0.1, 0.4, 1], std: [0.1, 0.2, 0] }, { ...options, batch: 1 }),
    ];
    expect([...batch!.pixels].map((value) => Number(value.toFixed(5)))).toEqual([1, 0, 0]);
  });
  it('refuses a batch larger than the set', () => {
    expect(() => collect(1)).toThrow('trainingBatches: batch must be at most the 1 training images, got 2');
  });
});

describe('epochOrder', () => {
  it('is a permutation, another one each epoch', () => {
    expect([...epochOrder(50, 1, 1)].sort((a, b) => a - b)).toEqual([...Array(50).keys()]);
    expect([...epochOrder(50, 1, 1)]).not.toEqual([...epochOrder(50, 1, 2)]);
    expect([...epochOrder(5, 1, 1)]).toMatchInlineSnapshot(`
      [
        1,
        4,
        2,
        3,
        0,
      ]
    `);
  });
});

describe('scoringBatches', () => {
  it('gives every image once in order, the rest as a smaller batch', async () => {
    const batches: unknown[] = [];
    for await (const batch of scoringBatches(set(5), plain, 2))
      batches.push([batch.count, [...batch.labels], batch.pixels.length]);
    expect(batches).toEqual([
      [2, [0, 1], 32],
      [2, [2, 3], 32],
      [1, [4], 16],
    ]);
  });
});
