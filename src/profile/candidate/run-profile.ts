/**
 * Profiles one candidate at one launch in a child process. A crash, exhausted memory or a hang becomes a row
 * with its reason; a new child measures the remaining batches.
 */

import type { Failure } from '../../runtime/child/failure.js';
import { type JobOptions, runJob } from '../../runtime/child/job.js';
import { unopenedKey } from '../../runtime/child/unopened-key.js';
import type { DeviceKey } from '../../runtime/runtime.js';
import type { BatchProfile, ProfileRequest, ProfileResult } from '../profile-result.js';
import type { LoopProgress } from '../protocol/measure.js';
import { failedBatch } from './batch-profile.js';
import type { EnvironmentRecord } from './environment.js';
import { profileJob } from './profile-job.js';

export interface ProfileProgress {
  readonly batch: number;
  /** `load`: engine; `build`: network, first run included; then the loop's phases. */
  readonly phase: 'load' | 'build' | LoopProgress['phase'];
  readonly samples: number;
  readonly halfWidth?: number;
  readonly aim: number;
  /** Clock and temperature when they were last read. */
  readonly machine?: EnvironmentRecord;
}

export interface ProfileHooks extends JobOptions {
  onProgress?(progress: ProfileProgress): void;
  /** Called when a batch is done, so that its row survives a later failure. */
  onBatch?(profile: BatchProfile): void;
  /** The key of rows whose child died before it sent its own. */
  readonly expectedKey?: DeviceKey;
}

const unmeasured: Failure = { status: 'failed', reason: 'child: ended without measuring every batch' };

/**
 * @returns one profile per requested batch, in that order
 * @throws InterruptedError when `signal` aborts
 */
export async function profileInChild(
  request: ProfileRequest,
  hooks: ProfileHooks = {},
): Promise<ProfileResult> {
  const done = new Map<number, BatchProfile>();
  let [deviceKey, coldStartMs, environment]: [DeviceKey | undefined, number, ProfileResult['environment']] = [
    undefined,
    0,
    {},
  ];
  const keep = (profile: BatchProfile): void => {
    done.set(profile.batch, profile);
    hooks.onBatch?.(profile);
  };
  for (
    let batches = request.batches;
    batches.length > 0;
    batches = request.batches.filter((batch) => !done.has(batch))
  ) {
    let current: number | undefined;
    let machine: EnvironmentRecord | undefined;
    const progress = (phase: ProfileProgress['phase'], loop?: LoopProgress): void =>
      hooks.onProgress?.({
        batch: current ?? batches[0]!,
        phase,
        samples: loop?.samples ?? 0,
        aim: request.protocol.halfWidth,
        ...(loop?.halfWidth === undefined ? {} : { halfWidth: loop.halfWidth }),
        ...(machine === undefined ? {} : { machine }),
      });
    progress('load');
    const failure = await runJob(
      profileJob,
      { ...request, batches },
      {
        opened: (message) => {
          if (deviceKey === undefined) ({ deviceKey, coldStartMs } = message);
        },
        start: ({ batch }) => {
          current = batch;
          progress('build');
        },
        progress: (message) => {
          machine = message.machine ?? machine;
          progress(message.progress.phase, message.progress);
        },
        batch: ({ profile }) => {
          current = undefined;
          keep(profile);
        },
        environment: (message) => {
          environment = message.environment;
        },
      },
      hooks,
    );
    // A child that ended well after a batch leaves the rest to a new one.
    if (failure === undefined && current === undefined && batches.some((batch) => done.has(batch))) continue;
    // Dead before any batch began: no batch would fare better. Dead inside one: that one is the row, the rest
    // get a new child.
    const lost = current === undefined ? batches.filter((batch) => !done.has(batch)) : [current];
    for (const batch of lost) keep(failedBatch(batch, failure ?? unmeasured));
  }
  return {
    deviceKey: deviceKey ?? hooks.expectedKey ?? unopenedKey(request),
    coldStartMs,
    environment,
    batches: request.batches.map((batch) => done.get(batch)!),
  };
}
