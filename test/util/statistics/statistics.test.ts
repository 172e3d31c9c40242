import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { seededRandom } from '../../../src/util/random.js';
import { bootstrapInterval } from '../../../src/util/statistics/bootstrap.js';
import { holmAdjusted } from '../../../src/util/statistics/holm.js';
import { mapInterval, overlaps, relativeHalfWidth } from '../../../src/util/statistics/interval.js';
import { kendallTau } from '../../../src/util/statistics/kendall.js';
import {
  median,
  medianInterval,
  medianRank,
  outlierIndices,
  quantile,
} from '../../../src/util/statistics/order-statistics.js';
import { poolLaunches } from '../../../src/util/statistics/pool.js';
import { incompleteBeta, studentCdf, studentQuantile } from '../../../src/util/statistics/student.js';
import { isSteady, trend } from '../../../src/util/statistics/trend.js';

const normals = (n: number, mean: number, deviation: number, seed: number | string): number[] => {
  const random = seededRandom(seed);
  return Array.from({ length: n }, () => mean + deviation * random.normal());
};

describe('medianInterval', () => {
  it('medianRank agrees with the published table of order statistics', () => {
    // Two-sided 95 %: n = 6 → 1, 9 → 2, 12 → 3, 15 → 4, 20 → 6, 30 → 10, 50 → 18, 100 → 40
    expect([5, 6, 8, 9, 12, 15, 20, 30, 50, 100].map((n) => medianRank(n))).toEqual([
      0, 1, 1, 2, 3, 4, 6, 10, 18, 40,
    ]);
    expect(medianRank(2000)).toBe(Math.floor((2000 - 1.96 * Math.sqrt(2000)) / 2));
  });
  it('holds the true median in at least 95 % of 1000 skewed samples', () => {
    const random = seededRandom('coverage');
    let inside = 0;
    for (let round = 0; round < 1000; round++) {
      const interval = medianInterval(Array.from({ length: 25 }, () => -Math.log(1 - random.next())));
      if (interval.low <= Math.LN2 && Math.LN2 <= interval.high) inside++;
    }
    expect(inside).toBeGreaterThanOrEqual(940);
  });
  it('is the range below six samples, and encloses the median always', () => {
    expect(medianInterval([3, 1, 2])).toEqual({ value: 2, low: 1, high: 3, samples: 3 });
    fc.assert(
      fc.property(
        fc.array(fc.double({ noNaN: true, min: -1e6, max: 1e6 }), { minLength: 1, maxLength: 80 }),
        (values) => {
          const { low, value, high } = medianInterval(values);
          return low <= value && value <= high;
        },
      ),
      { seed: 1 },
    );
  });
  it('rejects an empty list', () => expect(() => medianInterval([])).toThrow('at least one value'));
});

describe('quantile, outlierIndices', () => {
  it('are order-free', () => {
    expect(quantile([5, 1, 4, 2, 3], 0.5)).toBe(3);
    expect(outlierIndices([10, 10.1, 9.9, 10, 10.05, 50])).toEqual([5]);
    expect(outlierIndices([1, 1, 1, 1, 1])).toEqual([]);
  });
});

describe('interval', () => {
  it('maps through a falling function with its ends swapped', () => {
    expect(mapInterval({ value: 2, low: 1, high: 4, samples: 9 }, (ms) => 8 / ms)).toEqual({
      value: 4,
      low: 2,
      high: 8,
      samples: 9,
    });
  });
  it('relative half-width; intervals overlap where they share a point', () => {
    expect(relativeHalfWidth({ value: 10, low: 9, high: 11 })).toBeCloseTo(0.1);
    expect(overlaps({ value: 1, low: 0, high: 2 }, { value: 3, low: 2, high: 4 })).toBe(true);
    expect(overlaps({ value: 1, low: 0, high: 2 }, { value: 3, low: 2.1, high: 4 })).toBe(false);
  });
});

describe('bootstrapInterval', () => {
  it('is deterministic in its seed and close to the normal interval of a mean', () => {
    const values = normals(200, 5, 1, 1);
    const mean = (list: readonly number[]): number => list.reduce((a, b) => a + b, 0) / list.length;
    const interval = bootstrapInterval(values, mean, seededRandom(2));
    expect(interval).toEqual(bootstrapInterval(values, mean, seededRandom(2)));
    expect((interval.high - interval.low) / 2).toBeCloseTo(1.96 / Math.sqrt(200), 1);
  });
});

describe('student', () => {
  it('quantiles are those of the printed table', () => {
    for (const [freedom, expected] of [
      [1, 12.7062],
      [2, 4.3027],
      [5, 2.5706],
      [10, 2.2281],
      [30, 2.0423],
      [1000, 1.9623],
    ] as const) {
      expect(studentQuantile(0.975, freedom)).toBeCloseTo(expected, 3);
    }
    expect(studentQuantile(0.025, 5)).toBeCloseTo(-2.5706, 3);
    expect(studentCdf(0, 3)).toBe(0.5);
  });
  it('incompleteBeta is symmetric', () => {
    expect(incompleteBeta(0.3, 2, 5) + incompleteBeta(0.7, 5, 2)).toBeCloseTo(1, 12);
  });
});

describe('trend', () => {
  it('exact p-values of few values are those of the permutation distribution', () => {
    expect(trend([1, 2, 3, 4, 5]).p).toBeCloseTo(2 / 120, 12);
    expect(trend([1, 2, 3, 5, 4]).p).toBeCloseTo((2 * 5) / 120, 12);
    expect(trend([1, 2, 3, 4, 5]).slope).toBe(1);
  });
  it('isSteady: a level series passes once enough is known, a 10 % ramp in none of 500 cases', () => {
    const passes = (n: number, noise: number, ramp: number): number => {
      let count = 0;
      for (let round = 0; round < 500; round++) {
        const values = normals(n, 10, 10 * noise, `steady/${n}/${noise}/${ramp}/${round}`);
        if (isSteady(values.map((value, index) => value * (1 + (ramp * index) / (n - 1))))) count++;
      }
      return count / 500;
    };
    for (const noise of [0.001, 0.005, 0.02, 0.05])
      for (const n of [8, 20, 60]) expect(passes(n, noise, 0.1)).toBe(0);
    for (const n of [8, 20, 60]) expect(passes(n, 0.005, 0.005)).toBeLessThanOrEqual(0.065);
    expect(passes(20, 0.001, 0)).toBeGreaterThan(0.95);
    expect(passes(100, 0.004, 0)).toBeGreaterThan(0.7);
    expect(passes(8, 0.02, 0)).toBeLessThan(0.05); // nothing is known: warm on
  });
  it('isSteady: warm-ups with blocks of 20 ms that scatter by 1 % pass seldom within 1 s, some within 3 s', () => {
    const settles = (seconds: number, noise: number): number => {
      let count = 0;
      for (let round = 0; round < 200; round++) {
        const blocks = normals(seconds * 50, 10, 10 * noise, `warm-up/${seconds}/${noise}/${round}`);
        const ends = blocks.map((_, index) => index + 1).filter((end) => end > 10);
        if (ends.some((end) => isSteady(blocks.slice(end - Math.max(8, Math.ceil(end / 2)), end)))) count++;
      }
      return count / 200;
    };
    expect(settles(1, 0.002)).toBeGreaterThan(0.95);
    expect(settles(1, 0.01)).toBeLessThan(0.05);
    expect(settles(3, 0.01)).toBeGreaterThan(0.15);
    expect(settles(3, 0.01)).toBeLessThan(0.45);
  });
  it('sees a slope through one spike', () => {
    expect(isSteady([10, 9, 8, 40, 6, 5, 4, 3])).toBe(false);
    expect(trend([10, 9, 8, 40, 6, 5, 4, 3]).slope).toBeCloseTo(-1, 0);
  });
  it('four values say nothing', () => expect(isSteady([1, 1, 1, 1])).toBe(false));
});

describe('holmAdjusted', () => {
  it('is the worked example', () => {
    expect(holmAdjusted([0.01, 0.04, 0.03, 0.005])).toEqual([0.03, 0.06, 0.06, 0.02]);
  });
  it('never falls below the raw value, never passes 1, keeps the order', () => {
    fc.assert(
      fc.property(fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { maxLength: 20 }), (values) => {
        const adjusted = holmAdjusted(values);
        return adjusted.every(
          (p, i) => p >= values[i]! && p <= 1 && adjusted.every((q, j) => values[i]! >= values[j]! || p <= q),
        );
      }),
      { seed: 1 },
    );
  });
});

describe('kendallTau', () => {
  it('is 1 for agreement, -1 for reversal, and counts ties', () => {
    expect(kendallTau([1, 2, 3, 4], [2, 4, 6, 8]).tau).toBe(1);
    expect(kendallTau([1, 2, 3, 4], [4, 3, 2, 1]).tau).toBe(-1);
    const tied = kendallTau([1, 1, 2, 3], [1, 2, 3, 4]);
    expect(tied.tau).toBeCloseTo(5 / Math.sqrt(5 * 6), 12);
    expect(tied.ties).toBe(1);
  });
  it('takes declared ties out of the disagreement', () => {
    const near = (i: number, j: number): boolean => Math.abs(i - j) === 1 && Math.min(i, j) === 0;
    expect(kendallTau([1, 1.01, 5], [1.01, 1, 5]).tau).toBeCloseTo(1 / 3, 12);
    expect(kendallTau([1, 1.01, 5], [1.01, 1, 5], near, near).tau).toBe(1);
  });
});

describe('poolLaunches', () => {
  it('keeps one launch as it is', () => {
    expect(poolLaunches([{ value: 4, low: 3, high: 5, samples: 7 }])).toMatchObject({
      value: 4,
      low: 3,
      high: 5,
      samples: 7,
      launches: 1,
      betweenDeviation: 0,
    });
  });
  it('narrows where launches agree and widens where they do not', () => {
    const at = (value: number) => ({ value, low: value - 0.1, high: value + 0.1, samples: 10 });
    const agreeing = poolLaunches([at(10), at(10.01), at(9.99)]);
    expect(agreeing.high - agreeing.low).toBeLessThan(0.2);
    const apart = poolLaunches([at(10), at(11), at(9)]);
    expect(apart.high - apart.low).toBeGreaterThan(3);
    expect(apart.betweenDeviation).toBeCloseTo(1, 1);
  });
  it('covers the truth in about 95 % of 2000 simulated sets of three launches', () => {
    const random = seededRandom('pool');
    for (const launchDeviation of [0, 0.1, 1]) {
      let inside = 0;
      for (let round = 0; round < 2000; round++) {
        const launches = Array.from({ length: 3 }, () => {
          const value = 10 + launchDeviation * random.normal() + 0.1 * random.normal();
          return { value, low: value - 0.196, high: value + 0.196, samples: 20 };
        });
        const { low, high } = poolLaunches(launches);
        if (low <= 10 && 10 <= high) inside++;
      }
      expect(inside / 2000).toBeGreaterThan(0.92);
    }
  });
});

describe('median', () => {
  it('of two is their mean', () => expect(median([1, 3])).toBe(2));
});
