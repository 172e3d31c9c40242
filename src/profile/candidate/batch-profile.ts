/** From what the loop measured to the row that is kept: status, flags, rates. Pure. */
import { mapInterval, relativeHalfWidth } from '../../util/statistics/interval.js';
import { fewestForMedianInterval, quantile } from '../../util/statistics/order-statistics.js';
import type { BatchProfile, Ceilings } from '../profile-result.js';
import type { Measurement } from '../protocol/measure.js';

/** What stands beside the times. */
export interface Circumstances {
  readonly buildMs: number;
  readonly firstRunMs: number;
  readonly peakBytes: number;
  readonly peakOf: 'device' | 'process';
  /** Whether enqueueing and computing are different processors: only then can the host be the brake. */
  readonly asynchronous: boolean;
  readonly busy: boolean;
  readonly throttled: boolean;
  /** Multiply-accumulates of one image, where known. */
  readonly macsPerImage?: number;
  /** Least bytes moved by a pass of this batch, where known. */
  readonly bytesPerPass?: number;
  readonly ceilings?: Ceilings;
}

const hostBoundShare = 0.8;

export function batchProfile(batch: number, measured: Measurement, around: Circumstances): BatchProfile {
  const { stepMs, samplesMs } = measured;
  const macsPerSecond =
    around.macsPerImage === undefined ? undefined : (around.macsPerImage * batch) / (stepMs.value / 1000);
  const ceilingShare =
    macsPerSecond === undefined || around.ceilings === undefined
      ? undefined
      : macsPerSecond / around.ceilings.macsPerSecond;
  const copyShare =
    around.bytesPerPass === undefined || around.ceilings?.bytesPerSecond === undefined
      ? undefined
      : around.bytesPerPass / (stepMs.value / 1000) / around.ceilings.bytesPerSecond;
  const impossible = Math.max(ceilingShare ?? 0, copyShare ?? 0) > 1;
  const flags: BatchProfile['flags'][number][] = [];
  if (!measured.steady) flags.push('not-steady');
  if (around.asynchronous && measured.enqueueShare > hostBoundShare) flags.push('host-bound');
  if (measured.outliers.length > 0) flags.push('outliers');
  if (around.throttled || measured.rejectedBlocks > 0) flags.push('throttled');
  if (around.busy) flags.push('busy');
  return {
    batch,
    status: impossible ? 'failed' : measured.reachedAim ? 'ok' : 'capped',
    reason: impossible
      ? (ceilingShare ?? 0) > 1
        ? `rate: must lie below the device's measured matrix-product ceiling, got ${(ceilingShare! * 100).toFixed(0)} % of ${(around.ceilings!.macsPerSecond / 1e9).toFixed(0)} GMAC/s`
        : `rate: must lie below the device's measured copy ceiling, got ${(copyShare! * 100).toFixed(0)} % of ${(around.ceilings!.bytesPerSecond! / 1e9).toFixed(0)} GB/s`
      : measured.reachedAim
        ? ''
        : cappedReason(measured),
    flags,
    // An impossible rate is kept as samples, for whoever looks for the error, and never as an estimate that
    // could rank.
    ...(impossible ? {} : { stepMs, imagesPerSecond: mapInterval(stepMs, (ms) => (batch / ms) * 1000) }),
    ...(measured.latencySamplesMs.length === 0 || impossible
      ? {}
      : { latencyMs: percentiles(measured.latencySamplesMs) }),
    peakBytes: around.peakBytes,
    peakOf: around.peakOf,
    buildMs: around.buildMs,
    firstRunMs: around.firstRunMs,
    warmupMs: measured.warmupMs,
    samplesMs,
    outliers: measured.outliers,
    latencySamplesMs: measured.latencySamplesMs,
    passesPerBlock: measured.passesPerBlock,
    overheadShare: measured.overheadShare,
    enqueueShare: measured.enqueueShare,
    rejectedBlocks: measured.rejectedBlocks,
    ...(measured.anchor === undefined || impossible
      ? {}
      : { anchorRatio: measured.anchor.ratio, anchorSamplesMs: measured.anchor.samplesMs }),
    ...(ceilingShare === undefined ? {} : { ceilingShare }),
    ...(around.bytesPerPass === undefined ? {} : { bytesPerPass: around.bytesPerPass }),
    ...(copyShare === undefined ? {} : { copyShare }),
  };
}

/** A row for a batch of which nothing could be measured. */
export function failedBatch(
  batch: number,
  failure: { readonly status: 'out-of-memory' | 'crashed' | 'timed-out' | 'failed'; readonly reason: string },
): BatchProfile {
  return { batch, status: failure.status, reason: failure.reason, flags: [] };
}

export function percentiles(samplesMs: readonly number[]): NonNullable<BatchProfile['latencyMs']> {
  return {
    p50: quantile(samplesMs, 0.5),
    p90: quantile(samplesMs, 0.9),
    p99: quantile(samplesMs, 0.99),
    samples: samplesMs.length,
  };
}

function cappedReason({ stepMs, samplesMs }: Measurement): string {
  return samplesMs.length < fewestForMedianInterval
    ? `capped after ${samplesMs.length} blocks: the interval is their range`
    : `capped after ${samplesMs.length} blocks with a half-width of ${(100 * relativeHalfWidth(stepMs)).toFixed(1)} %`;
}
