/** The job that scores members of a trained supernet by inherited weights: one command for each member. */
import type { Architecture } from '../../architecture/architecture.js';
import type { ResolvedDatasetCall } from '../../data/dataset.js';
import { childJob } from '../../runtime/child/job.js';
import type { ComputeOptions } from '../../runtime/compute.js';
import type { DeviceKey, RuntimeId } from '../../runtime/runtime.js';

export interface InheritRequest extends ComputeOptions {
  readonly supernet: { readonly file: string; readonly sha256: string };
  readonly dataset: ResolvedDatasetCall;
  readonly runtime: RuntimeId;
  readonly threads: number;
}

export interface InheritCommand {
  readonly type: 'score';
  readonly architecture: Architecture;
}

/**
 * A member's score on the validation split with the weights of the supernet, never one of its own training.
 */
export interface InheritedScore {
  readonly loss: number;
  /** Fraction. */
  readonly top1?: number;
  readonly miou?: number;
  readonly seconds: number;
}

export type InheritMessage =
  | { readonly type: 'opened'; readonly deviceKey: DeviceKey }
  | ({ readonly type: 'scored' } & InheritedScore)
  /** The member cannot be sliced out of the supernet. */
  | { readonly type: 'refused'; readonly reason: string };

export const inheritJob = childJob<InheritRequest, InheritMessage, InheritCommand>({
  name: 'inherit',
  entry: 'train/train-child.js',
  silenceLimitMs: 600_000,
});
