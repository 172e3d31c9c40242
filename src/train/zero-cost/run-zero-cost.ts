/** Scores one untrained network in a child process; what goes wrong is a reason, never an exception. */
import { noResult } from '../../runtime/child/failure.js';
import { type JobOptions, runJob } from '../../runtime/child/job.js';
import { unopenedKey } from '../../runtime/child/unopened-key.js';
import type { DeviceKey } from '../../runtime/runtime.js';
import { type ZeroCostRequest, type ZeroCostScore, zeroCostJob } from './zero-cost-job.js';

export interface ZeroCostHooks extends JobOptions {
  onScore?(score: ZeroCostScore): void;
}

export interface ZeroCostResult {
  readonly deviceKey: DeviceKey;
  readonly datasetHash: string;
  /** One per measure asked for, in that order. */
  readonly scores: readonly ZeroCostScore[];
}

/** @throws InterruptedError when `signal` aborts */
export async function zeroCostInChild(
  request: ZeroCostRequest,
  hooks: ZeroCostHooks = {},
): Promise<ZeroCostResult> {
  let deviceKey: DeviceKey | undefined;
  let datasetHash = '';
  const scores: ZeroCostScore[] = [];
  const failure = await runJob(
    zeroCostJob,
    request,
    {
      opened: (message) => {
        deviceKey = message.deviceKey;
      },
      loaded: (message) => {
        datasetHash = message.datasetHash;
      },
      score: ({ type: _, ...score }) => {
        scores.push(score);
        hooks.onScore?.(score);
      },
    },
    hooks,
  );
  const { reason } = failure ?? noResult;
  const missing = request.measures.filter((measure) => !scores.some((score) => score.measure === measure));
  return {
    deviceKey: deviceKey ?? unopenedKey({ ...request, execution: 'eager' }),
    datasetHash,
    scores: [...scores, ...missing.map((measure) => ({ measure, reason, seconds: 0 }))],
  };
}
