import { describe, expect, it } from 'vitest';
import { poolBatch, poolSeeds } from '../../src/store/pool-replicates.js';
import { batchProfile, failedBatch } from './stored-experiment.js';

describe('poolBatch', () => {
  it('uses the launches that measured, and is a failure where none did', () => {
    const pooled = poolBatch([
      batchProfile(16, 10),
      failedBatch(16),
      { ...batchProfile(16, 12), status: 'capped', flags: ['outliers'] },
    ]);
    expect(pooled).toMatchObject({
      batch: 16,
      status: 'capped',
      flags: ['outliers'],
      stepMs: { value: 11 },
      latencyMs: { p50: 11, samples: 400 },
    });
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
    expect(three.high - three.value).toBeCloseTo((4.30265 * 0.1) / Math.sqrt(3), 5);
    expect(poolSeeds([0, 1], 10)).toMatchObject({ low: 0, high: 1 });
    expect(poolSeeds([], 10)).toBeUndefined();
    expect(poolSeeds([1], 100)!.high).toBeLessThanOrEqual(1);
  });
});
