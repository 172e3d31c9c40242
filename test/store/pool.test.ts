import { describe, expect, it } from 'vitest';
import { poolBatch, poolLaunches, poolSeeds, studentT95 } from '../../src/store/pool.js';
import { seededRandom } from '../../src/util/random.js';
import { batchProfile, failedBatch } from './fixtures.js';

const launch = (value: number, half: number): { value: number; low: number; high: number; samples: number } => ({ value, low: value - half, high: value + half, samples: 40 });

describe('studentT95', () => {
  it('agrees with the tables and falls monotonically to the normal quantile', () => {
    expect([1, 2, 10, 30].map(studentT95)).toEqual([12.706, 4.303, 2.228, 2.042]);
    expect(studentT95(60)).toBeCloseTo(2.0, 2);
    const grid = Array.from({ length: 400 }, (_, index) => studentT95(1 + index / 4));
    expect(grid.every((value, index) => index === 0 || value < grid[index - 1]!)).toBe(true);
  });
});

describe('poolLaunches', () => {
  it('of one launch is that launch', () => expect(poolLaunches([launch(10, 1)])).toEqual(launch(10, 1)));
  it('narrows where launches agree, and widens far beyond each where they do not', () => {
    const agree = poolLaunches([launch(10, 1), launch(10.1, 1), launch(9.9, 1)])!;
    expect(agree.value).toBe(10);
    expect(agree.high - agree.value).toBeLessThan(1);
    expect(agree.samples).toBe(120);
    const differ = poolLaunches([launch(10, 0.1), launch(12, 0.1), launch(8, 0.1)])!;
    expect(differ.high - differ.value).toBeGreaterThan(2);
  });
  it('covers the truth about 95 times in 100, whether launches or samples vary', () => {
    const random = seededRandom(5);
    for (const [between, within] of [[1, 0.1], [0.1, 1], [1, 1]] as const) {
      let covered = 0;
      const rounds = 2000;
      for (let round = 0; round < rounds; round++) {
        const pooled = poolLaunches([1, 2, 3].map(() => launch(100 + between * random.normal() + within * random.normal(), 1.96 * within)))!;
        if (pooled.low <= 100 && pooled.high >= 100) covered += 1;
      }
      expect(covered / rounds).toBeGreaterThan(0.9);
    }
  });
});

describe('poolBatch', () => {
  it('uses the launches that measured, and is a failure where none did', () => {
    const pooled = poolBatch([batchProfile(16, 10), failedBatch(16), { ...batchProfile(16, 12), status: 'capped', flags: ['outliers'] }]);
    expect(pooled).toMatchObject({ batch: 16, status: 'capped', flags: ['outliers'], stepMs: { value: 11 }, latencyMs: { p50: 11, samples: 400 } });
    expect(poolBatch([failedBatch(64), failedBatch(64)])).toEqual(failedBatch(64));
  });
});

describe('poolSeeds', () => {
  it('of one seed is the binomial interval, of several Student’s over the seeds', () => {
    const one = poolSeeds([0.5], 1000)!;
    expect(one).toMatchObject({ value: 0.5, samples: 1 });
    expect(one.high - one.low).toBeCloseTo(2 * 1.96 * Math.sqrt(0.25 / 1000), 3);
    const three = poolSeeds([0.5, 0.6, 0.7], 1000)!;
    expect(three.value).toBeCloseTo(0.6, 10);
    expect(three.high - three.value).toBeCloseTo(4.303 * 0.1 / Math.sqrt(3), 6);
    expect(poolSeeds([0, 1], 10)).toMatchObject({ low: 0, high: 1 });
    expect(poolSeeds([], 10)).toBeUndefined();
    expect(poolSeeds([1], 100)!.high).toBeLessThanOrEqual(1);
  });
});
