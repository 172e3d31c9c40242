/** Times the parts of one network in a child; a failure of the child is a result with its reason. */
import { type Failure, noResult } from '../../runtime/child/failure.js';
import { type JobOptions, runJob } from '../../runtime/child/job.js';
import type { DeviceKey } from '../../runtime/runtime.js';
import type { PartTime } from './part-times.js';
import { type PartsMessage, type PartsRequest, partsJob } from './parts-job.js';

export interface PartsHooks extends JobOptions {
  onProgress?(progress: {
    readonly phase: 'build' | 'measure';
    readonly done: number;
    readonly of: number;
  }): void;
}

export type PartsResult =
  | {
      readonly status: 'ok';
      readonly deviceKey: DeviceKey;
      readonly parts: readonly PartTime[];
      readonly samplesMs: readonly (readonly number[])[];
    }
  | ({ readonly parts?: undefined } & Failure);

/** @throws InterruptedError when `signal` aborts */
export async function partsInChild(request: PartsRequest, hooks: PartsHooks = {}): Promise<PartsResult> {
  let deviceKey: DeviceKey | undefined;
  let found: Extract<PartsMessage, { type: 'parts' }> | undefined;
  const failure = await runJob(
    partsJob,
    request,
    {
      opened: (message) => {
        deviceKey = message.deviceKey;
      },
      progress: (message) => hooks.onProgress?.(message),
      parts: (message) => {
        found = message;
      },
    },
    hooks,
  );
  if (found !== undefined && deviceKey !== undefined)
    return { status: 'ok', deviceKey, parts: found.parts, samplesMs: found.samplesMs };
  return failure ?? noResult;
}
