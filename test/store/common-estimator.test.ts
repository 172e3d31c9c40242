import { describe, expect, it } from 'vitest';
import type { BatchProfile } from '../../src/profile/profile-result.js';
import { estimators } from '../../src/profile/protocol/estimators.js';
import { withCommonEstimator } from '../../src/store/common-estimator.js';

const samplesMs = [10, 11, 9, 30, 10.5, 9.5, 10.2, 28, 9.8, 10.1];
const row = (estimator?: 'median' | 'lower-decile'): BatchProfile => {
  const stepMs = estimators[estimator ?? 'median']({ samplesMs });
  const { samples } = stepMs;
  const imagesPerSecond = {
    samples,
    value: 4000 / stepMs.value,
    low: 4000 / stepMs.high,
    high: 4000 / stepMs.low,
  };
  return {
    batch: 4,
    status: 'ok',
    reason: '',
    flags: [],
    stepMs,
    imagesPerSecond,
    samplesMs,
    ceilingShare: 0.5,
    ...(estimator && { estimator }),
  };
};
const rows = (...each: BatchProfile[]): Map<number, BatchProfile[]> =>
  new Map(each.map((one, id) => [id, [one]]));

describe('withCommonEstimator', () => {
  it('leaves rows of one estimator as they were stored, also those that name none', () => {
    expect(withCommonEstimator(rows(row(), row('median'))).get(0)![0]).toEqual(row());
    expect(withCommonEstimator(rows(row('lower-decile'))).get(0)![0]).toEqual(row('lower-decile'));
  });
  it('estimates all anew from their blocks where an older row meets a newer one', () => {
    const [old, recent] = [...withCommonEstimator(rows(row(), row('lower-decile'))).values()].map(
      ([one]) => one!,
    );
    expect(recent).toEqual(row('lower-decile'));
    expect(old).toMatchObject({ estimator: 'lower-decile', stepMs: recent!.stepMs });
    expect(old!.imagesPerSecond!.value).toBeCloseTo(4000 / recent!.stepMs!.value, 9);
    expect(old!.ceilingShare! / 0.5).toBeCloseTo(row().stepMs!.value / recent!.stepMs!.value, 9);
  });
  it('a time without its blocks is not compared with those of another estimator', () => {
    const { samplesMs: _, ...bare } = row();
    const [old] = withCommonEstimator(rows(bare, row('lower-decile'))).get(0)!;
    expect(old).not.toHaveProperty('stepMs');
    expect(old!.reason).toContain('timed blocks are missing');
  });
});
