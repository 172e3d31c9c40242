/**
 * The measuring loop, independent of engine and clock. Warms up until steady and times blocks of passes that
 * end in a read-back. Stops when the estimate's interval is narrow enough or at a time limit. Latency is
 * sampled per call, separately. See docs/measurement.md; stopping criteria as in nvbench, block sizes as in
 * torch.utils.benchmark.
 */
import type { PassTime } from '../../runtime/runtime.js';
import type { Random } from '../../util/random.js';
import { drifts, levelShift } from '../../util/statistics/drift.js';
import { type Estimate, relativeHalfWidth } from '../../util/statistics/interval.js';
import { fewestForMedianInterval, median, outlierIndices } from '../../util/statistics/order-statistics.js';
import { comparePaired } from '../../util/statistics/paired.js';
import { isSteady } from '../../util/statistics/trend.js';
import { type BlockLoad, type LoadPoint, LoadSeries } from './block-load.js';
import { defaultEstimator, type EstimatorName, estimators } from './estimators.js';
import type { Protocol } from './protocol.js';

/**
 * The object to time, such as an `Inference`. `enqueue` may return before the work is done; `synchronise`
 * waits.
 */
export interface Measurable {
  enqueue(): void;
  synchronise(): Promise<number>;
  /** Where another process computes: a timed block by its own clock. */
  timePasses?(passes: number): Promise<PassTime>;
}

/** The host as the loop needs it: clock, event loop, device clock, progress. */
export interface MeasurementHost {
  /** Milliseconds, monotonic, of sub-microsecond resolution. */
  now(): number;
  /** Lets other events of the process run; called between blocks, outside the timed region. */
  pause(): Promise<void>;
  /** Clock of the device as a fraction of its default, where readable; blocks below 0.75 are discarded. */
  clockShare?(): number | undefined;
  /** Running totals of load; read before and after each timed block, outside the timed region. */
  loadPoint?(): LoadPoint;
  onProgress?(progress: LoopProgress): void;
}

export interface LoopProgress {
  readonly phase: 'warm-up' | 'measure' | 'latency';
  readonly samples: number;
  /** Relative 95 % half-width so far, against its aim. */
  readonly halfWidth?: number;
  readonly aim: number;
}

export interface Measurement {
  readonly stepMs: Estimate;
  readonly samplesMs: readonly number[];
  /** What the machine did to each block, where the host tells. */
  readonly load?: BlockLoad;
  /** The estimator of `stepMs`. */
  readonly estimator: EstimatorName;
  readonly outliers: readonly number[];
  readonly reachedAim: boolean;
  /** Whether the warm-up ended level, within 0.5 %, and the measured blocks show no drift. */
  readonly steady: boolean;
  readonly passesPerBlock: number;
  readonly overheadShare: number;
  readonly enqueueShare: number;
  readonly warmupMs: number;
  readonly rejectedBlocks: number;
  readonly latencySamplesMs: readonly number[];
  /** Per block the anchor's milliseconds per pass, and the paired ratio to it. */
  readonly anchor?: { readonly samplesMs: readonly number[]; readonly ratio: Estimate };
}

/** A second network, timed alternately with the first. */
export interface Anchor {
  readonly target: Measurable;
  /** Draws the order within each pair of blocks. */
  readonly random: Random;
}

/** A block is grown until timer and read-back are under this fraction of it. */
const overheadLimit = 0.001;
/** Fewest blocks whose change is estimated; later the second half of all. */
const steadyWindow = 8;
/** Fewest blocks whose autocorrelation is known well enough to stop before the cap. */
const fewestToStop = 20;
const lowestClockShare = 0.75;

/**
 * Measures one batch size.
 * @example await measure(inference, standardProtocol, { now: () => performance.now(), pause: () =>
 * setImmediate() })
 */
export async function measure(
  target: Measurable,
  protocol: Protocol,
  host: MeasurementHost,
  anchor?: Anchor,
): Promise<Measurement> {
  const anchorWarm = anchor === undefined ? undefined : await warmUp(anchor.target, protocol, host);
  const warm = await warmUp(target, protocol, host);
  const overheadMs = await readBackCost(target, host);
  const passes = passesFor(warm.stepMs, overheadMs, protocol);
  const beside =
    anchor === undefined
      ? undefined
      : { ...anchor, passes: passesFor(anchorWarm!.stepMs, overheadMs, protocol) };
  const timed = await timeBlocks(target, passes, protocol, host, beside);
  const latencySamplesMs = await sampleLatency(target, protocol, host);
  const { anchorMs, ...blocks } = timed;
  return measurementOf(
    { warm, overheadMs, passes, ...blocks, latencySamplesMs, ...(anchor !== undefined && { anchorMs }) },
    protocol,
  );
}

/** Everything that a measuring loop recorded. */
export interface RecordedBlocks {
  readonly warm: { readonly steady: boolean; readonly spentMs: number };
  readonly overheadMs: number;
  readonly passes: number;
  readonly samplesMs: readonly number[];
  readonly load?: BlockLoad | undefined;
  /** Beside `samplesMs`, where an anchor was timed. */
  readonly anchorMs?: readonly number[];
  readonly enqueueShare: number;
  readonly rejected: number;
  readonly latencySamplesMs: readonly number[];
}

/** Estimates from what was recorded, here or by the loop of a bundle. Pure. */
export function measurementOf(recorded: RecordedBlocks, { halfWidth }: Protocol): Measurement {
  const { warm, overheadMs, passes, samplesMs, load, anchorMs } = recorded;
  const stepMs = estimators[defaultEstimator]({ samplesMs, load });
  const moves = drifts(samplesMs) || levelShift(samplesMs) !== undefined;
  return {
    stepMs,
    estimator: defaultEstimator,
    samplesMs,
    ...(load ? { load } : {}),
    outliers: outlierIndices(samplesMs),
    reachedAim: hasReachedAim(samplesMs, stepMs, halfWidth),
    steady: warm.steady && !moves,
    passesPerBlock: passes,
    overheadShare: overheadMs / (stepMs.value * passes),
    enqueueShare: recorded.enqueueShare,
    warmupMs: warm.spentMs,
    rejectedBlocks: recorded.rejected,
    latencySamplesMs: recorded.latencySamplesMs,
    ...(anchorMs && { anchor: { samplesMs: anchorMs, ratio: anchorRatio(samplesMs, anchorMs) } }),
  };
}

const hasReachedAim = (samplesMs: readonly number[], stepMs: Estimate, aim: number): boolean =>
  samplesMs.length >= fewestToStop && relativeHalfWidth(stepMs) <= aim;

export interface Block {
  readonly perPassMs: number;
  readonly totalMs: number;
  readonly enqueueMs: number;
}

/**
 * One timed block: `passes` enqueued, then one read-back of a value that depends on all of them. Timed by the
 * process that computes.
 */
export async function timeBlock(target: Measurable, passes: number, now: () => number): Promise<Block> {
  if (target.timePasses) {
    const { totalMs, enqueueMs } = await target.timePasses(passes);
    return { perPassMs: totalMs / passes, totalMs, enqueueMs };
  }
  const start = now();
  for (let pass = 0; pass < passes; pass++) target.enqueue();
  const enqueued = now();
  await target.synchronise();
  const totalMs = now() - start;
  return { perPassMs: totalMs / passes, totalMs, enqueueMs: enqueued - start };
}

/**
 * Warm-up: blocks of at least `minBlockMs` until `warmupMs` is spent and the time changes by less than 0.5 %
 * over the second half of them, by an equivalence test; capped.
 */
export async function warmUp(
  target: Measurable,
  protocol: Protocol,
  host: MeasurementHost,
): Promise<{ stepMs: number; steady: boolean; spentMs: number }> {
  const start = host.now();
  const perPass: number[] = [];
  let passes = 1;
  for (;;) {
    const block = await timeBlock(target, passes, host.now);
    if (block.totalMs < protocol.minBlockMs / 2 && host.now() - start < protocol.warmupCapMs) {
      passes = Math.max(
        passes * 2,
        Math.min(passes * 100, Math.floor((passes * protocol.minBlockMs) / Math.max(block.totalMs, 1e-3))),
      );
      continue; // the block size is not settled: these calls do not count
    }
    perPass.push(block.perPassMs);
    const spentMs = host.now() - start;
    const recent = perPass.slice(-Math.max(steadyWindow, Math.ceil(perPass.length / 2)));
    const steady = isSteady(recent);
    host.onProgress?.({ phase: 'warm-up', samples: perPass.length, aim: protocol.halfWidth });
    if ((steady && spentMs >= protocol.warmupMs) || spentMs >= protocol.warmupCapMs)
      return { stepMs: median(recent), steady, spentMs };
    await host.pause();
  }
}

/**
 * Milliseconds of the clock and a read-back without pending work: the smallest of a few, since noise only
 * adds.
 */
export async function readBackCost(target: Measurable, host: MeasurementHost): Promise<number> {
  let smallest = Infinity;
  for (let i = 0; i < 7; i++) smallest = Math.min(smallest, (await timeBlock(target, 0, host.now)).totalMs);
  return smallest;
}

/**
 * Passes per block: overhead under 0.1 %, at least `minBlockMs`, yet short enough that six blocks fit under
 * the cap.
 */
export function passesFor(stepMs: number, overheadMs: number, protocol: Protocol): number {
  const wanted = Math.max(protocol.minBlockMs, (1.1 * overheadMs) / overheadLimit);
  const longest = Math.max(protocol.minBlockMs, protocol.capMs / (fewestForMedianInterval + 2));
  return Math.max(1, Math.ceil(Math.min(wanted, longest) / Math.max(stepMs, 1e-6)));
}

async function timeBlocks(
  target: Measurable,
  passes: number,
  protocol: Protocol,
  host: MeasurementHost,
  anchor?: Anchor & { readonly passes: number },
): Promise<{
  samplesMs: number[];
  load: BlockLoad | undefined;
  anchorMs: number[];
  enqueueShare: number;
  rejected: number;
}> {
  const start = host.now();
  const samplesMs: number[] = [];
  const anchorMs: number[] = [];
  const load = new LoadSeries();
  // After the other network, one pass outside the timed region brings a network's own data back into the
  // caches.
  const alternate = async (own: Measurable, count: number): Promise<Block> => {
    if (anchor !== undefined) await timeBlock(own, 1, host.now);
    return timeBlock(own, count, host.now);
  };
  const enqueueShares: number[] = [];
  let rejected = 0;
  for (;;) {
    const anchorFirst = anchor !== undefined && anchor.random.integer(2) === 0;
    let anchorBlock = anchorFirst ? await alternate(anchor.target, anchor.passes) : undefined;
    if (anchor !== undefined) await timeBlock(target, 1, host.now);
    const before = host.loadPoint?.();
    const block = await timeBlock(target, passes, host.now);
    const after = host.loadPoint?.();
    if (anchor !== undefined && !anchorFirst) anchorBlock = await alternate(anchor.target, anchor.passes);
    const spentMs = host.now() - start;
    if ((host.clockShare?.() ?? 1) < lowestClockShare && spentMs < 3 * protocol.capMs) {
      rejected++;
      await host.pause();
      continue;
    }
    samplesMs.push(block.perPassMs);
    if (before && after) load.add(before, after, passes);
    if (anchorBlock !== undefined) anchorMs.push(anchorBlock.perPassMs);
    enqueueShares.push(block.enqueueMs / block.totalMs);
    const stepMs = estimators[defaultEstimator]({ samplesMs, load: load.result() });
    const halfWidth = relativeHalfWidth(stepMs);
    const enough = samplesMs.length >= fewestForMedianInterval;
    const reachedAim = hasReachedAim(samplesMs, stepMs, protocol.halfWidth);
    host.onProgress?.({
      phase: 'measure',
      samples: samplesMs.length,
      ...(enough ? { halfWidth } : {}),
      aim: protocol.halfWidth,
    });
    // A slow network may pass the cap to get the six blocks that an interval needs, but not by more than
    // twice its length.
    if (reachedAim || (spentMs >= protocol.capMs && enough) || spentMs >= 3 * protocol.capMs) {
      const enqueueShare = median(enqueueShares);
      return { samplesMs, load: load.result(), anchorMs, enqueueShare, rejected };
    }
    await host.pause();
  }
}

async function sampleLatency(
  target: Measurable,
  protocol: Protocol,
  host: MeasurementHost,
): Promise<number[]> {
  const start = host.now();
  const samplesMs: number[] = [];
  while (
    samplesMs.length < protocol.latencySamples &&
    (samplesMs.length < 5 || host.now() - start < protocol.capMs / 2)
  ) {
    samplesMs.push((await timeBlock(target, 1, host.now)).totalMs);
    if (samplesMs.length % 10 === 0) {
      host.onProgress?.({ phase: 'latency', samples: samplesMs.length, aim: protocol.halfWidth });
      await host.pause();
    }
  }
  return samplesMs;
}

function anchorRatio(samplesMs: readonly number[], anchorMs: readonly number[]): Estimate {
  if (samplesMs.length < 2) {
    // one block of a network slower than every limit: there is no interval
    const ratio = samplesMs[0]! / anchorMs[0]!;
    return { value: ratio, low: 0, high: Infinity, samples: 1 };
  }
  return comparePaired(samplesMs, anchorMs).ratio;
}
