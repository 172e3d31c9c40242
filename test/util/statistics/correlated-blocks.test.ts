import { describe, expect, it } from 'vitest';
import { seededRandom } from '../../../src/util/random.js';
import { blockQuantile, independentCount } from '../../../src/util/statistics/correlated-blocks.js';
import { medianInterval } from '../../../src/util/statistics/order-statistics.js';

/** First-order autoregression with unit variance. */
function series(n: number, correlation: number, seed: string): number[] {
  const random = seededRandom(seed);
  let value = random.normal();
  return Array.from({ length: n }, () => {
    value = correlation * value + Math.sqrt(1 - correlation ** 2) * random.normal();
    return value;
  });
}

function coverage(
  n: number,
  correlation: number,
  interval: (values: number[]) => { low: number; high: number },
  truth = 0,
) {
  let covered = 0;
  for (let trial = 0; trial < 1000; trial++) {
    const { low, high } = interval(series(n, correlation, `${n}/${correlation}/${trial}`));
    if (low <= truth && truth <= high) covered++;
  }
  return covered / 1000;
}

describe('blockQuantile', () => {
  it.each([
    [20, 0],
    [20, 0.7],
    [50, 0],
    [50, 0.3],
    [50, 0.7],
    [100, 0.7],
    [200, 0.7],
  ])(
    '%i blocks of autocorrelation %f: the interval of the median holds in at least 93 %',
    (n, correlation) => {
      expect(coverage(n, correlation, blockQuantile)).toBeGreaterThanOrEqual(0.93);
    },
  );
  it('order statistics as of independent blocks hold in less than 75 % there', () => {
    expect(coverage(100, 0.7, medianInterval)).toBeLessThan(0.75);
  });
  it('the lower quartile of 60 blocks holds in at least 93 %, too', () => {
    for (const correlation of [0, 0.5])
      expect(
        coverage(60, correlation, (values) => blockQuantile(values, 0.25), -0.6744898),
      ).toBeGreaterThanOrEqual(0.93);
  });
  it.each([
    [6, 0],
    [10, 0],
    [20, 0],
    [20, 0.3],
    [50, 0],
    [50, 0.7],
    [100, 0.7],
  ])(
    '%i blocks of autocorrelation %f: the interval of the lower decile holds in at least 92 %',
    (n, correlation) => {
      const interval = (values: number[]) => blockQuantile(values, 0.1);
      expect(coverage(n, correlation, interval, -1.2815516)).toBeGreaterThanOrEqual(0.92);
    },
  );
  it('the lower decile hardly depends on the number of blocks, where one in three is delayed, too', () => {
    const decile = (n: number, delayed: number): number => {
      const random = seededRandom(`decile ${n} ${delayed}`);
      const one = (): number => random.normal() + (random.next() < delayed ? 40 * random.next() : 0);
      const values = Array.from(
        { length: 2000 },
        () => blockQuantile(Array.from({ length: n }, one), 0.1).value,
      );
      return values.reduce((sum, value) => sum + value, 0) / values.length;
    };
    for (const delayed of [0, 1 / 3])
      for (const n of [6, 9, 10, 20])
        expect(Math.abs(decile(n, delayed) - decile(100, delayed)), `${n} of ${delayed}`).toBeLessThan(0.2);
  });
  it('is the range of a few, and one block is its own', () => {
    expect(blockQuantile([3, 1, 2])).toEqual({ value: 2, low: 1, high: 3, samples: 3 });
    expect(blockQuantile([5])).toEqual({ value: 5, low: 5, high: 5, samples: 1, unknown: true });
    expect(() => blockQuantile([])).toThrow('at least one value');
  });
});

describe('independentCount', () => {
  it('is near n for independent blocks, n (1 − r) / (1 + r) for correlated ones', () => {
    expect(independentCount(series(4000, 0, 'independent'))).toBeGreaterThan(3600);
    expect(independentCount(series(4000, 0.7, 'correlated')) / ((4000 * 0.3) / 1.7)).toBeCloseTo(1, 0);
    expect(independentCount([2, 2, 2, 2, 2])).toBe(5);
  });
});
