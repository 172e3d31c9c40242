import { describe, expect, it } from 'vitest';
import { seededRandom } from '../../../src/util/random.js';
import { drifts, levelShift } from '../../../src/util/statistics/drift.js';

const series = (count: number, seed: number | string, level: (share: number) => number): number[] => {
  const random = seededRandom(seed);
  return Array.from({ length: count }, (_, i) => 10 * level(i / count) * Math.exp(0.01 * random.normal()));
};
const share = (found: (seed: string) => boolean): number =>
  Array.from({ length: 200 }, (_, i) => found(`drift/${i}`)).filter(Boolean).length / 200;

describe('drifts', () => {
  it('finds 5 % over a series, in at least 95 of 100', () =>
    expect(share((seed) => drifts(series(40, seed, (at) => 1 + 0.05 * at)))).toBeGreaterThanOrEqual(0.95));
  it('calls at most 1 of 100 steady series drifting', () =>
    expect(share((seed) => drifts(series(40, seed, () => 1)))).toBeLessThanOrEqual(0.01));
  it('says nothing of fewer than 8', () => expect(drifts([1, 2, 3, 4, 5, 6, 7])).toBe(false));
});

describe('levelStep', () => {
  it('finds a clock that falls to 90 %, at its place', () => {
    const step = levelShift(series(40, 1, (at) => (at < 0.6 ? 1 : 1 / 0.9)))!;
    expect(step.at).toBe(24);
    expect(step.change).toBeCloseTo(0.11, 1);
    expect(
      share((seed) => levelShift(series(40, seed, (at) => (at < 0.6 ? 1 : 1 / 0.9))) !== undefined),
    ).toBeGreaterThanOrEqual(0.95);
  });
  it('is undefined for a steady series and for spikes', () => {
    expect(share((seed) => levelShift(series(200, seed, () => 1)) !== undefined)).toBeLessThanOrEqual(0.01);
    expect(levelShift(series(60, 2, () => 1).map((ms, i) => (i % 9 === 8 ? 3 * ms : ms)))).toBeUndefined();
  });
});
