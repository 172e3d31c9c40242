/** The job of one network in a measuring session: its request, commands and messages. */
import type { Architecture } from '../../architecture/architecture.js';
import { childJob } from '../../runtime/child/job.js';
import type { ComputeOptions } from '../../runtime/compute.js';
import type { DeviceKey, Execution, RuntimeId } from '../../runtime/runtime.js';
import type { Protocol } from '../protocol/protocol.js';

export interface SessionRequest extends ComputeOptions {
  readonly architecture: Architecture;
  readonly anchor: Architecture;
  readonly runtime: RuntimeId;
  readonly execution: Execution;
  readonly threads: number;
  readonly batch: number;
  readonly protocol: Protocol;
}

/**
 * Commands: warm up until steady, or time `pairs` pairs of blocks, one of each network; `seed` draws the
 * order within each pair.
 */
export type SessionCommand =
  | { readonly type: 'warm' }
  | { readonly type: 'turn'; readonly pairs: number; readonly seed: number };

export type SessionMessage =
  | { readonly type: 'opened'; readonly deviceKey: DeviceKey }
  | { readonly type: 'built'; readonly buildMs: number; readonly firstRunMs: number }
  | { readonly type: 'warm'; readonly steady: boolean; readonly stepMs: number; readonly passes: number }
  /** Milliseconds per pass of the network and of the anchor beside it, `[pairs]`. */
  | { readonly type: 'turn'; readonly stepMs: readonly number[]; readonly anchorMs: readonly number[] };

export const sessionJob = childJob<SessionRequest, SessionMessage, SessionCommand>({
  name: 'session',
  entry: 'profile/profile-child.js',
  silenceLimitMs: 180_000,
});
