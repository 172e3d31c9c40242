import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { ImageSet } from '../../../src/data/dataset.js';
import {
  channelStatistics,
  classCounts,
  pickImages,
  splitsHash,
} from '../../../src/data/images/image-set.js';
import { balancedSubset, holdOut, limitSplits } from '../../../src/data/images/limit-splits.js';
import { seededRandom } from '../../../src/util/random.js';

const classes = 4;
/** Images of one 16-bit number each, so that every image can be told apart. */
const setOf = (labels: readonly number[]): ImageSet => ({
  count: labels.length,
  height: 1,
  width: 2,
  channels: 1,
  pixels: Uint8Array.from(labels.flatMap((_, i) => [i >> 8, i & 255])),
  labels: Uint16Array.from(labels),
});
const identities = (set: ImageSet): number[] =>
  Array.from({ length: set.count }, (_, i) => set.pixels[2 * i]! * 256 + set.pixels[2 * i + 1]!);
const labelLists = fc.array(fc.nat(classes - 1), { minLength: 1, maxLength: 60 });

describe('holdOut', () => {
  it('parts the set in two, keeps order and labels, leaves one of each class, takes shares', () => {
    fc.assert(
      fc.property(labelLists, fc.nat(100), fc.integer(), (labels, percent, seed) => {
        const set = setOf(labels);
        const count = Math.floor((percent / 100) * labels.length);
        const { rest, held } = holdOut(set, classes, count, seededRandom(seed));
        expect([...identities(rest), ...identities(held)].sort((a, b) => a - b)).toEqual(
          labels.map((_, i) => i),
        );
        for (const part of [rest, held]) {
          expect(identities(part)).toEqual([...identities(part)].sort((a, b) => a - b));
          identities(part).forEach((image, i) => expect(part.labels[i]).toBe(labels[image]));
        }
        const [all, left, taken] = [set, rest, held].map((part) => classCounts(part, classes)) as [
          number[],
          number[],
          number[],
        ];
        all.forEach((n, label) => {
          if (n > 0) expect(left[label]).toBeGreaterThan(0);
          expect(taken[label]).toBeLessThanOrEqual(Math.ceil((count * n) / labels.length));
        });
      }),
      { seed: 1 },
    );
  });
});

describe('balancedSubset', () => {
  it('has the size asked for, no image twice, classes as even as they can be', () => {
    fc.assert(
      fc.property(labelLists, fc.nat(100), fc.integer(), (labels, percent, seed) => {
        const count = Math.floor((percent / 100) * labels.length);
        const subset = balancedSubset(setOf(labels), classes, count, seededRandom(seed));
        expect(new Set(identities(subset)).size).toBe(count);
        const [all, taken] = [classCounts(setOf(labels), classes), classCounts(subset, classes)];
        const most = Math.max(...taken);
        taken.forEach((n, label) => {
          if (n < most - 1) expect(n).toBe(all[label]);
        });
      }),
      { seed: 1 },
    );
  });
  it('refuses more than there is', () => {
    expect(() => balancedSubset(setOf([0, 1]), classes, 3, seededRandom(1))).toThrow(
      'balancedSubset: count must be at most 2, got 3',
    );
  });
});

describe('limitSplits', () => {
  it('keeps a validation part that is there, whole or limited', () => {
    const parts = { classes: ['a', 'b'], train: setOf([0, 1, 0, 1]), validation: setOf([1, 0, 1, 0, 1, 0]) };
    const all = limitSplits('x', parts, { train: 0, validation: 0, seed: 1 });
    expect([all.train, all.validation]).toEqual([parts.train, parts.validation]);
    const fewer = limitSplits('x', parts, { train: 2, validation: 4, seed: 1 });
    expect([classCounts(fewer.train, 2), classCounts(fewer.validation, 2)]).toEqual([
      [1, 1],
      [2, 2],
    ]);
    expect(() => limitSplits('x', parts, { train: 0, validation: 7, seed: 1 })).toThrow(
      'x: validation must be at most the 6 images there are, got 7',
    );
  });
});

describe('channelStatistics', () => {
  it('equals mean and deviation of the fractions', () => {
    const { mean, std } = channelStatistics({
      count: 1,
      height: 1,
      width: 2,
      channels: 2,
      pixels: Uint8Array.of(0, 51, 255, 51),
      labels: Uint16Array.of(0),
    });
    [0.5, 0.2].forEach((value, i) => expect(mean[i]).toBeCloseTo(value, 12));
    [0.5, 0].forEach((value, i) => expect(std[i]).toBeCloseTo(value, 7));
  });
});

describe('splitsHash', () => {
  const splits = { classes: ['a', 'b'], train: setOf([0, 1, 0]), validation: setOf([1, 0]) };
  it('sees pixels, labels, shape and which part an image is in', () => {
    const changedPixel = {
      ...splits,
      train: {
        ...splits.train,
        pixels: Uint8Array.from(splits.train.pixels, (value, i) => (i === 5 ? value + 1 : value)),
      },
    };
    const changedLabel = { ...splits, validation: setOf([1, 1]) };
    const changedShape = { ...splits, train: { ...splits.train, height: 2, width: 1 } };
    const swapped = { ...splits, train: splits.validation, validation: splits.train };
    const hashes = [splits, changedPixel, changedLabel, changedShape, swapped].map(splitsHash);
    expect(new Set(hashes).size).toBe(5);
    expect(splitsHash({ ...splits, train: pickImages(splits.train, [0, 1, 2]) })).toBe(hashes[0]);
  });
});
