/** Request and result of the profiler. One request = one child process = one candidate at one launch. */
import type { Architecture } from '../architecture/architecture.js';
import type { ComputeOptions } from '../runtime/compute.js';
import type { DeviceKey, Execution, RuntimeId } from '../runtime/runtime.js';
import type { Estimate } from '../util/statistics/interval.js';
import type { BlockLoad } from './protocol/block-load.js';
import type { Protocol } from './protocol/protocol.js';

export interface ProfileRequest extends ComputeOptions {
  readonly architecture: Architecture;
  readonly runtime: RuntimeId;
  readonly execution: Execution;
  /** Batch sizes in images, measured in this order in one child. */
  readonly batches: readonly number[];
  /** Threads of the engine; set in the child's environment before it loads. */
  readonly threads: number;
  /** Repetition over process launches, from 1; autotuning picks algorithms per process. */
  readonly launch: number;
  readonly protocol: Protocol;
  /**
   * A second network, timed alternately with the candidate in random order. The ratio to it is free of drift
   * that both share, and comparable between runs. Doubles the measuring time. Default: none.
   */
  readonly anchor?: Architecture;
  /** Highest rates measured on this device; a network above one is flagged. */
  readonly ceilings?: Ceilings;
}

/** Measured peak rates of the device, not those of a data sheet. */
export interface Ceilings {
  /** Multiply-accumulates per second of the best large matrix product. */
  readonly macsPerSecond: number;
  /** Bytes read and written per second by the best element-wise copy. */
  readonly bytesPerSecond?: number;
}

export type ProfileStatus =
  /** Measured to the aimed interval. */
  | 'ok'
  /** Measured, but stopped at the time limit with a wider interval. */
  | 'capped'
  | 'out-of-memory'
  | 'crashed'
  | 'timed-out'
  | 'failed';

/**
 * `above-ceiling`: the rate exceeds one of the device, measured again beside the run; one of the two is
 * wrong.
 */
export const profileFlags = [
  'not-steady',
  'host-bound',
  'outliers',
  'throttled',
  'busy',
  'above-ceiling',
] as const;
export type ProfileFlag = (typeof profileFlags)[number];

export interface BatchProfile {
  readonly batch: number;
  readonly status: ProfileStatus;
  /** One line of reason where the status is not ok. */
  readonly reason: string;
  readonly flags: readonly ProfileFlag[];
  /**
   * Milliseconds per pass from timed blocks; images per second is batch / it. Absent where nothing could be
   * measured.
   */
  readonly stepMs?: Estimate;
  readonly imagesPerSecond?: Estimate;
  /** Milliseconds per single synchronised call. */
  readonly latencyMs?: {
    readonly p50: number;
    readonly p90: number;
    readonly p99: number;
    readonly samples: number;
  };
  /**
   * Peak memory while this batch was run, in bytes, of the device or of the process. The peak of the process
   * is reset when the network is built, where the system supports it. It includes memory that earlier batches
   * of the child still hold.
   */
  readonly peakBytes?: number;
  readonly peakOf?: 'device' | 'process';
  /**
   * Bytes held before the first pass, of the same device or process: runtime, weights and the built network.
   * `peakBytes` less it is what passes add. Absent in old rows.
   */
  readonly baseBytes?: number;
  readonly buildMs?: number;
  readonly firstRunMs?: number;
  readonly warmupMs?: number;
  /** Every block's milliseconds per pass, in order: stored, never only a summary. */
  readonly samplesMs?: readonly number[];
  /** What the machine did to each of these blocks. */
  readonly load?: BlockLoad;
  /** Estimator of `stepMs`; absent in old rows, which have the median. */
  readonly estimator?: string;
  /** Time over the anchor's time, from pairs of blocks side by side, where the request named an anchor. */
  readonly anchorRatio?: Estimate;
  /** The anchor's milliseconds per pass, block by block beside `samplesMs`. */
  readonly anchorSamplesMs?: readonly number[];
  /** Indices into `samplesMs` of outliers: flagged, never dropped. */
  readonly outliers?: readonly number[];
  /** Every singly timed call, in order. */
  readonly latencySamplesMs?: readonly number[];
  readonly passesPerBlock?: number;
  /** Timer and read-back as a fraction of a block. */
  readonly overheadShare?: number;
  /** Time until enqueue returned as a fraction of the block. */
  readonly enqueueShare?: number;
  /** Multiply-accumulates per second as a fraction of the device's measured ceiling. */
  readonly ceilingShare?: number;
  /** Least bytes moved by a pass: weights, and input and output of every part once. */
  readonly bytesPerPass?: number;
  /** Those bytes per second as a fraction of the device's measured copy ceiling. */
  readonly copyShare?: number;
  /** Blocks discarded and repeated because the clock was below 75 % of its default. */
  readonly rejectedBlocks?: number;
}

export interface ProfileResult {
  readonly deviceKey: DeviceKey;
  /** Milliseconds from the child's start to the engine being loaded. */
  readonly coldStartMs: number;
  readonly batches: readonly BatchProfile[];
  /**
   * Load average, frequency or clocks, temperature and other processes, as far as the system reports them;
   * with the time of the sample.
   */
  readonly environment: Readonly<Record<string, number | string>>;
}
