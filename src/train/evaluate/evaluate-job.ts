/** The job that evaluates weights on the test or validation split: its request and message. */
import type { ResolvedDatasetCall, SplitRecord } from '../../data/dataset.js';
import { childJob } from '../../runtime/child/job.js';
import type { ComputeOptions } from '../../runtime/compute.js';
import type { Execution, RuntimeId } from '../../runtime/runtime.js';
import type { Evaluation } from './evaluate-set.js';

export interface EvaluateRequest extends ComputeOptions {
  /** `sha256`: of the file that a training wrote; absent: any. */
  readonly weights: { readonly file: string; readonly sha256?: string };
  readonly dataset: ResolvedDatasetCall;
  /** Of the data that a training used; absent: any, whose classes are found by their names. */
  readonly datasetHash?: string;
  /** Default: test. */
  readonly split?: 'test' | 'validation';
  readonly batch: number;
  readonly runtime: RuntimeId;
  readonly execution: Execution;
  readonly threads: number;
}

export interface EvaluateMessage {
  readonly type: 'tested';
  readonly split: SplitRecord;
  readonly score: Evaluation;
}

export const evaluateJob = childJob<EvaluateRequest, EvaluateMessage>({
  name: 'evaluate',
  entry: 'train/train-child.js',
  silenceLimitMs: 3_600_000,
});
