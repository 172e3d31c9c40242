/** The job that times the parts of one network: its request and messages. */
import type { Architecture } from '../../architecture/architecture.js';
import { childJob } from '../../runtime/child/job.js';
import type { ComputeOptions } from '../../runtime/compute.js';
import type { DeviceKey, Execution, RuntimeId } from '../../runtime/runtime.js';
import type { Protocol } from '../protocol/protocol.js';
import type { PartTime } from './part-times.js';

export interface PartsRequest extends ComputeOptions {
  readonly architecture: Architecture;
  readonly batch: number;
  readonly runtime: RuntimeId;
  readonly execution: Execution;
  readonly threads: number;
  readonly protocol: Protocol;
  /** Blocks of each prefix. */
  readonly rounds: number;
}

export type PartsMessage =
  | { readonly type: 'opened'; readonly deviceKey: DeviceKey }
  | {
      readonly type: 'progress';
      readonly phase: 'build' | 'measure';
      readonly done: number;
      readonly of: number;
    }
  | {
      readonly type: 'parts';
      readonly parts: readonly PartTime[];
      readonly samplesMs: readonly (readonly number[])[];
    };

export const partsJob = childJob<PartsRequest, PartsMessage>({
  name: 'parts',
  entry: 'profile/profile-child.js',
  silenceLimitMs: 180_000,
});
