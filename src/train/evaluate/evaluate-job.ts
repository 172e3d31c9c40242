/** The job that evaluates final weights on the test split: its request and message. */
import type { ResolvedDatasetCall, SplitRecord } from '../../data/dataset.js';
import { childJob } from '../../runtime/child/job.js';
import type { ComputeOptions } from '../../runtime/compute.js';
import type { Execution, RuntimeId } from '../../runtime/runtime.js';
import type { Evaluation } from './evaluate-set.js';

export interface EvaluateRequest extends ComputeOptions {
  readonly weights: { readonly file: string; readonly sha256: string };
  readonly dataset: ResolvedDatasetCall;
  readonly datasetHash: string;
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
