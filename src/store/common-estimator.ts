/**
 * Times of one experiment are compared only where one estimator gave them. Where launches of several versions
 * meet, all times are estimated anew from their stored blocks.
 */
import type { BatchProfile } from '../profile/profile-result.js';
import {
  defaultEstimator,
  type EstimatorName,
  estimators,
  unnamedEstimator,
} from '../profile/protocol/estimators.js';
import { mapInterval } from '../util/statistics/interval.js';

const estimatorOf = ({ estimator }: BatchProfile): string => estimator ?? unnamedEstimator;

/**
 * Whether all times come from one estimator.
 * @param rows by profile id
 * @param wanted the estimator that it has to be; default: any
 */
export function hasOneEstimator(
  rows: ReadonlyMap<number, readonly BatchProfile[]>,
  wanted?: EstimatorName,
): boolean {
  const used = new Set<string>(wanted === undefined ? [] : [wanted]);
  for (const batches of rows.values())
    for (const row of batches) if (row.stepMs !== undefined) used.add(estimatorOf(row));
  return used.size <= 1;
}

/**
 * The rows with times of one estimator: as stored where all have the same, else of today's default.
 * @param rows by profile id
 * @param wanted the estimator that it has to be
 */
export function withCommonEstimator(
  rows: ReadonlyMap<number, readonly BatchProfile[]>,
  wanted?: EstimatorName,
): Map<number, readonly BatchProfile[]> {
  if (hasOneEstimator(rows, wanted)) return new Map(rows);
  return new Map(
    [...rows].map(([id, batches]) => [
      id,
      batches.map((row) => estimatedBy(row, wanted ?? defaultEstimator)),
    ]),
  );
}

/** A row whose time comes from another estimator; without stored blocks it has no time any more. */
export function estimatedBy(row: BatchProfile, estimator: EstimatorName): BatchProfile {
  const { stepMs: before, imagesPerSecond: _, samplesMs, load, ...rest } = row;
  if (!before || estimatorOf(row) === estimator) return row;
  if (!samplesMs || samplesMs.length === 0)
    return {
      ...rest,
      status: 'failed',
      reason: 'its timed blocks are missing, so its time cannot be compared',
    };
  const stepMs = estimators[estimator]({ samplesMs, load });
  const faster = before.value / stepMs.value;
  return {
    ...row,
    estimator,
    stepMs,
    imagesPerSecond: mapInterval(stepMs, (ms) => (row.batch / ms) * 1000),
    ...(row.ceilingShare === undefined ? {} : { ceilingShare: row.ceilingShare * faster }),
    ...(row.copyShare === undefined ? {} : { copyShare: row.copyShare * faster }),
  };
}
