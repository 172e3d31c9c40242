import { describe, expect, it } from 'vitest';
import { poolBatch } from '../../src/store/pool-replicates.js';
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
      latencyMs: { p50: 11, samples: 400 },
    });
    // Times are pooled as logarithms: the geometric mean of 10 and 12 ms.
    expect('stepMs' in pooled && pooled.stepMs?.value).toBeCloseTo(Math.sqrt(120), 12);
    expect(poolBatch([failedBatch(64), failedBatch(64)])).toEqual(failedBatch(64));
  });
  it('takes peak and base memory of the launch that needed most', () => {
    const launch = (peakBytes: number, baseBytes?: number) => ({
      ...batchProfile(16, 10),
      peakBytes,
      ...(baseBytes === undefined ? {} : { baseBytes }),
    });
    expect(poolBatch([launch(900, 300), launch(1000, 200), launch(800, 700)])).toMatchObject({
      peakBytes: 1000,
      baseBytes: 200,
    });
    expect(poolBatch([launch(900, 300), launch(1000)])).not.toHaveProperty('baseBytes');
  });
});
