/** The job that scores one untrained network: its request and messages. */
import type { Architecture } from '../../architecture/architecture.js';
import { childJob } from '../../runtime/child/job.js';
import type { ComputeOptions } from '../../runtime/compute.js';
import type { DeviceKey, RuntimeId } from '../../runtime/runtime.js';
import type { ZeroCostName } from './zero-cost-table.js';

export interface ZeroCostRequest extends Pick<ComputeOptions, 'device' | 'python'> {
  readonly architecture: Architecture;
  readonly dataset: {
    readonly name: string;
    readonly args: Readonly<Record<string, number | string | boolean>>;
    readonly baseFolder: string;
  };
  readonly measures: readonly ZeroCostName[];
  /** Images of the one batch. */
  readonly batch: number;
  /** Of weights, of the batch's images and of what a measure draws. */
  readonly seed: number;
  readonly runtime: RuntimeId;
  readonly threads: number;
}

/** A measure's score, or why there is none. */
export interface ZeroCostScore {
  readonly measure: ZeroCostName;
  readonly value?: number;
  readonly reason: string;
  readonly seconds: number;
}

export type ZeroCostMessage =
  | { readonly type: 'opened'; readonly deviceKey: DeviceKey }
  | { readonly type: 'loaded'; readonly datasetHash: string }
  | ({ readonly type: 'score' } & ZeroCostScore);

export const zeroCostJob = childJob<ZeroCostRequest, ZeroCostMessage>({
  name: 'zero-cost',
  entry: 'train/train-child.js',
  silenceLimitMs: 300_000,
});
