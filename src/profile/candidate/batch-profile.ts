/** Turns the measurement of one batch into the stored row: status, flags, rates. Pure. */
import type { DeviceKey, Inference } from '../../runtime/runtime.js';
import { type Interval, mapInterval, relativeHalfWidth } from '../../util/statistics/interval.js';
import { fewestForMedianInterval, quantile } from '../../util/statistics/order-statistics.js';
import type { BatchProfile, Ceilings } from '../profile-result.js';
import type { Measurement } from '../protocol/measure.js';

/** What is recorded beside the times. */
export interface MeasurementContext {
  readonly buildMs: number;
  readonly firstRunMs: number;
  readonly peakBytes: number;
  readonly peakOf: 'device' | 'process';
  readonly baseBytes: number;
  /** Whether host and device work in parallel: only then can a measurement be host-bound. */
  readonly asynchronous: boolean;
  /**
   * Milliseconds that the host takes to launch a pass, where enqueueing cannot be timed: a compiled pass
   * returns when it is done.
   */
  readonly launchMs?: number;
  readonly busy: boolean;
  readonly throttled: boolean;
  /** Multiply-accumulates of one image, where known. */
  readonly macsPerImage?: number;
  /** Least bytes moved by a pass of this batch, where known. */
  readonly bytesPerPass?: number;
  readonly ceilings?: Ceilings;
}

const hostBoundShare = 0.8;

/**
 * Whether a row can be host-bound; for a compiled pass, whose enqueueing cannot be timed, the time of its
 * launches.
 */
export function dispatchOf(
  key: Pick<DeviceKey, 'kind' | 'execution' | 'xla'>,
  { launches }: Pick<Inference, 'launches'>,
  ceilings: { launchMs(): number | undefined },
  inWorker: boolean,
): Pick<MeasurementContext, 'asynchronous' | 'launchMs'> {
  if (key.kind !== 'gpu') return { asynchronous: false };
  if (key.execution === 'eager' || inWorker) return { asynchronous: true };
  const each = key.xla || launches === undefined ? undefined : ceilings.launchMs(); // XLA joins launches
  return each === undefined ? { asynchronous: false } : { asynchronous: true, launchMs: launches! * each };
}

/**
 * The row of one measured batch. A rate above a measured ceiling of the device is a flag, never a failure:
 * ceilings are measured too, and Winograd convolutions do fewer products than MACs count.
 */
export function batchProfile(
  batch: number,
  measured: Measurement,
  context: MeasurementContext,
): BatchProfile {
  const { stepMs } = measured;
  const enqueueShare =
    context.launchMs === undefined ? measured.enqueueShare : Math.min(1, context.launchMs / stepMs.value);
  const ceilingShare = shareOf(
    perSecond(context.macsPerImage, batch, stepMs),
    context.ceilings?.macsPerSecond,
  );
  const copyShare = shareOf(perSecond(context.bytesPerPass, 1, stepMs), context.ceilings?.bytesPerSecond);
  return {
    batch,
    ...outcomeOf(measured),
    flags: flagsOf({ ...measured, enqueueShare }, context, Math.max(ceilingShare ?? 0, copyShare ?? 0)),
    ...estimatesOf(batch, measured),
    peakBytes: context.peakBytes,
    peakOf: context.peakOf,
    baseBytes: context.baseBytes,
    buildMs: context.buildMs,
    firstRunMs: context.firstRunMs,
    warmupMs: measured.warmupMs,
    samplesMs: measured.samplesMs,
    ...(measured.load ? { load: measured.load } : {}),
    estimator: measured.estimator,
    outliers: measured.outliers,
    latencySamplesMs: measured.latencySamplesMs,
    passesPerBlock: measured.passesPerBlock,
    overheadShare: measured.overheadShare,
    enqueueShare,
    rejectedBlocks: measured.rejectedBlocks,
    ...(ceilingShare === undefined ? {} : { ceilingShare }),
    ...(context.bytesPerPass === undefined ? {} : { bytesPerPass: context.bytesPerPass }),
    ...(copyShare === undefined ? {} : { copyShare }),
  };
}

const perSecond = (amount: number | undefined, times: number, stepMs: Interval): number | undefined =>
  amount === undefined ? undefined : (amount * times) / (stepMs.value / 1000);

const shareOf = (rate: number | undefined, ceiling: number | undefined): number | undefined =>
  rate === undefined || ceiling === undefined ? undefined : rate / ceiling;

/**
 * The larger of the two shares of the device's ceilings that a step time means; 0 where nothing is known.
 * Above 1, the ceilings are worth measuring again.
 */
export function largestShare(
  batch: number,
  stepMs: Interval,
  {
    macsPerImage,
    bytesPerPass,
    ceilings,
  }: Pick<MeasurementContext, 'macsPerImage' | 'bytesPerPass' | 'ceilings'>,
): number {
  return Math.max(
    shareOf(perSecond(macsPerImage, batch, stepMs), ceilings?.macsPerSecond) ?? 0,
    shareOf(perSecond(bytesPerPass, 1, stepMs), ceilings?.bytesPerSecond) ?? 0,
  );
}

function outcomeOf(measured: Measurement): Pick<BatchProfile, 'status' | 'reason'> {
  if (measured.reachedAim) return { status: 'ok', reason: '' };
  return { status: 'capped', reason: cappedReason(measured) };
}

function flagsOf(measured: Measurement, context: MeasurementContext, largest: number): BatchProfile['flags'] {
  const flags: BatchProfile['flags'][number][] = [];
  if (!measured.steady) flags.push('not-steady');
  if (context.asynchronous && measured.enqueueShare > hostBoundShare) flags.push('host-bound');
  if (measured.outliers.length > 0) flags.push('outliers');
  if (context.throttled || measured.rejectedBlocks > 0) flags.push('throttled');
  if (context.busy) flags.push('busy');
  if (largest > 1) flags.push('above-ceiling');
  return flags;
}

type Estimates = Pick<
  BatchProfile,
  'stepMs' | 'imagesPerSecond' | 'latencyMs' | 'anchorRatio' | 'anchorSamplesMs'
>;

function estimatesOf(batch: number, { stepMs, latencySamplesMs, anchor }: Measurement): Estimates {
  return {
    stepMs,
    imagesPerSecond: mapInterval(stepMs, (ms) => (batch / ms) * 1000),
    ...(latencySamplesMs.length === 0 ? {} : { latencyMs: percentiles(latencySamplesMs) }),
    ...(anchor === undefined ? {} : { anchorRatio: anchor.ratio, anchorSamplesMs: anchor.samplesMs }),
  };
}

/** The row of a batch without any measurement. */
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
  const capped = `capped after ${samplesMs.length} blocks`;
  return samplesMs.length < fewestForMedianInterval
    ? `${capped}: the interval is their range`
    : `${capped} with a half-width of ${(100 * relativeHalfWidth(stepMs)).toFixed(1)} %`;
}
