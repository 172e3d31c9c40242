/** Augmentation operations on worked cases, and what every policy must keep. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Augmenter } from '../../../src/data/augment/augmenter.js';
import {
  autocontrast,
  brightness,
  contrast,
  equalize,
  posterize,
  saturation,
  sharpness,
  solarize,
} from '../../../src/data/augment/colour-operations.js';
import { betaDraw, mixBatch } from '../../../src/data/augment/mix-batch.js';
import { operations, randaugment } from '../../../src/data/augment/randaugment.js';
import { type Affine, type ImageBuffer, imageBuffer, warp } from '../../../src/data/augment/warp.js';
import { seededRandom } from '../../../src/util/random.js';

const grey = (height: number, width: number, values: readonly number[]): ImageBuffer => ({
  height,
  width,
  channels: 1,
  pixels: Uint8Array.from(values),
});
const applied = (image: ImageBuffer, change: (image: ImageBuffer) => void): number[] => {
  change(image);
  return [...image.pixels];
};

describe('colour operations', () => {
  it.each<[string, (image: ImageBuffer) => void, readonly number[], readonly number[]]>([
    ['brightness halves', (image) => brightness(image, 0.5), [0, 100, 200, 255], [0, 50, 100, 128]],
    ['contrast 0 is the mean', (image) => contrast(image, 0), [0, 100, 200, 100], [100, 100, 100, 100]],
    [
      'contrast 2 doubles the distance to it',
      (image) => contrast(image, 2),
      [50, 100, 150, 100],
      [0, 100, 200, 100],
    ],
    ['autocontrast stretches', (image) => autocontrast(image), [50, 100, 150, 100], [0, 128, 255, 128]],
    ['posterize to one bit', (image) => posterize(image, 1), [0, 127, 128, 255], [0, 0, 128, 128]],
    ['solarize from 128', (image) => solarize(image, 128), [0, 127, 128, 255], [0, 127, 127, 0]],
    [
      'equalize leaves two values at the ends',
      (image) => equalize(image),
      [10, 10, 10, 10],
      [10, 10, 10, 10],
    ],
  ])('%s', (_, change, before, after) => expect(applied(grey(2, 2, before), change)).toEqual(after));
  it('saturation 0 is the luma in all channels', () => {
    const image: ImageBuffer = { height: 1, width: 1, channels: 3, pixels: Uint8Array.of(255, 0, 0) };
    expect(applied(image, (each) => saturation(each, 0))).toEqual([76, 76, 76]);
  });
  it('sharpness 0 smooths the middle and leaves the border', () => {
    expect(applied(grey(3, 3, [0, 0, 0, 0, 130, 0, 0, 0, 0]), (image) => sharpness(image, 0))).toEqual([
      0, 0, 0, 0, 50, 0, 0, 0, 0,
    ]);
  });
  it('equalize flattens a histogram', () => {
    const image = grey(
      16,
      32,
      Array.from({ length: 512 }, (_, i) => i % 4),
    ); // 4 values, 128 of each
    expect([...new Set(applied(image, equalize))]).toEqual([0, 128, 255]);
  });
});

describe('warp', () => {
  it('is the identity under the identity, and moves by whole pixels exactly', () => {
    const from = grey(2, 3, [1, 2, 3, 4, 5, 6]);
    const to = imageBuffer(2, 3, 1);
    warp(from, to, [1, 0, 0, 0, 1, 0], [9]);
    expect([...to.pixels]).toEqual([1, 2, 3, 4, 5, 6]);
    warp(from, to, [1, 0, 0, 0, 1, 1], [9]);
    expect([...to.pixels]).toEqual([2, 3, 9, 5, 6, 9]);
    warp(from, to, [1, 0, 0, 0, 1, 0.5], [9]);
    expect([...to.pixels]).toEqual([2, 3, 6, 5, 6, 8]);
  });
});

describe('randaugment', () => {
  it.each(Object.keys(operations))('%s changes nothing at magnitude 0 but what has no magnitude', (name) => {
    const image = grey(
      6,
      6,
      Array.from({ length: 36 }, (_, i) => (i * 7) % 256),
    );
    const before = [...image.pixels];
    const scratch = imageBuffer(6, 6, 1);
    (
      operations as Readonly<
        Record<
          string,
          (image: ImageBuffer, strength: number, geometry: (affine: Affine) => void, sign: number) => void
        >
      >
    )[name]!(
      image,
      0,
      (affine) => {
        warp(image, scratch, affine, [0]);
        image.pixels.set(scratch.pixels);
      },
      1,
    );
    if (!['autocontrast', 'equalize'].includes(name)) expect([...image.pixels]).toEqual(before);
  });
  it('is a function of its stream, and stays within 8 bits at any magnitude', () => {
    fc.assert(
      fc.property(
        fc.integer(),
        fc.integer({ min: 0, max: 30 }),
        fc.integer({ min: 1, max: 4 }),
        (seed, magnitude, count) => {
          const run = (): number[] => {
            const image: ImageBuffer = {
              height: 5,
              width: 7,
              channels: 3,
              pixels: Uint8Array.from({ length: 105 }, (_, i) => (i * 37) % 256),
            };
            randaugment(
              image,
              imageBuffer(5, 7, 3),
              seededRandom(seed),
              { operations: count, magnitude },
              [1, 2, 3],
            );
            return [...image.pixels];
          };
          expect(run()).toEqual(run());
        },
      ),
      { seed: 3, numRuns: 40 },
    );
  });
});

describe('mixBatch', () => {
  const size = { height: 4, width: 4, channels: 1 };
  const batch = (): Float32Array => Float32Array.from({ length: 48 }, (_, i) => Math.floor(i / 16)); // three images of 0, 1, 2
  it('mixup: image i takes its share of image n-1-i, labels likewise', () => {
    const pixels = batch();
    const { labels, share } = mixBatch(pixels, Int32Array.of(5, 6, 7), size, seededRandom(1), { mixup: 0.8 });
    expect([...labels]).toEqual([7, 6, 5]);
    expect(pixels[0]).toBeCloseTo(2 * (1 - share), 6);
    expect(pixels[16]).toBe(1);
    expect(pixels[32]).toBeCloseTo(2 * share, 6);
  });
  it('CutMix: the share is that of the pixels which stayed', () => {
    for (let seed = 0; seed < 20; seed++) {
      const pixels = batch();
      const { share } = mixBatch(pixels, Int32Array.of(0, 1, 2), size, seededRandom(seed), { cutmix: 1 });
      expect([...pixels.subarray(0, 16)].filter((value) => value === 0).length / 16).toBeCloseTo(share, 6);
      expect([...pixels.subarray(32)].filter((value) => value === 2).length / 16).toBeCloseTo(share, 6);
    }
  });
  it('draws shares with the mean and variance of Beta(a, a)', () => {
    const random = seededRandom(7);
    for (const alpha of [0.2, 1, 3]) {
      const draws = Array.from({ length: 4000 }, () => betaDraw(random, alpha));
      const mean = draws.reduce((a, b) => a + b) / draws.length;
      const variance = draws.reduce((sum, x) => sum + (x - mean) ** 2, 0) / draws.length;
      expect(mean).toBeCloseTo(0.5, 1);
      expect(variance / (1 / (4 * (2 * alpha + 1)))).toBeCloseTo(1, 1);
    }
  });
});

describe('Augmenter', () => {
  const size = { height: 8, width: 8, channels: 1 };
  const statistics = { mean: [0], std: [1 / 255] };
  const ramp = Uint8Array.from({ length: 64 }, (_, i) => i);
  it('erases one rectangle of the stated area, and nothing where the probability is 0', () => {
    const to = new Float32Array(64);
    const random = seededRandom(2);
    let most = 0;
    for (let i = 0; i < 50; i++) {
      new Augmenter(size, statistics, { flip: false, crop: 0, erase: 1 }).augment(ramp, 0, to, 0, random);
      const changed = [...to].filter((value, at) => Math.round(value) !== at).length;
      most = Math.max(most, changed);
      expect(changed).toBeLessThanOrEqual(Math.ceil(0.4 * 64)); // 33 % and rounding
    }
    expect(most).toBeGreaterThan(3);
    new Augmenter(size, statistics, { flip: false, crop: 0, erase: 0 }).augment(ramp, 0, to, 0, random);
    expect([...to].map(Math.round)).toEqual([...ramp]);
  });
  it('the fast path and the resampling path of crop and mirror agree, mask included', () => {
    for (let seed = 0; seed < 12; seed++) {
      const [fast, slow] = [new Float32Array(64), new Float32Array(64)];
      const masks = [new Uint8Array(64), new Uint8Array(64)] as const;
      new Augmenter(size, statistics, { flip: true, crop: 2 }).augment(ramp, 0, fast, 0, seededRandom(seed), {
        from: ramp,
        to: masks[0],
      });
      new Augmenter(size, statistics, { flip: true, crop: 2, jitter: 1e-12 }).augment(
        ramp,
        0,
        slow,
        0,
        seededRandom(seed),
        { from: ramp, to: masks[1] },
      );
      expect([...slow].map(Math.round)).toEqual([...fast].map(Math.round));
      expect(masks[1]).toEqual(masks[0]);
      masks[0].forEach((label, at) => {
        if (label !== 255) expect(Math.round(fast[at]!)).toBe(label);
      }); // the mask went where its pixels went
    }
  });
  it('a resized crop is a window of the image', () => {
    const to = new Float32Array(64);
    new Augmenter(size, statistics, { flip: false, crop: 0, resizedCrop: 0.3 }).augment(
      Uint8Array.from({ length: 64 }, (_, i) => 10 * (i >> 3)),
      0,
      to,
      0,
      seededRandom(4),
    );
    for (let row = 1; row < 8; row++) {
      expect(to[row * 8]!).toBeGreaterThanOrEqual(to[(row - 1) * 8]!); // rows keep their order
      expect(new Set([...to.subarray(row * 8, row * 8 + 8)].map(Math.round)).size).toBe(1); // and are constant along x
    }
  });
});
