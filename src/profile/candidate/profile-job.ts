/** The job that measures one candidate at one launch: its messages. */
import { childJob } from '../../runtime/child/job.js';
import type { BatchProfile, ProfileRequest, ProfileResult } from '../profile-result.js';
import type { LoopProgress } from '../protocol/measure.js';
import type { EnvironmentRecord } from './environment.js';

/**
 * Messages in order: `opened`, then per batch `start`, `progress`…, `batch`, and `environment` at the end.
 */
export type ProfileMessage =
  | { readonly type: 'opened'; readonly deviceKey: ProfileResult['deviceKey']; readonly coldStartMs: number }
  | { readonly type: 'start'; readonly batch: number }
  | {
      readonly type: 'progress';
      readonly batch: number;
      readonly progress: LoopProgress;
      /** Clock and temperature, once a second. */
      readonly machine?: EnvironmentRecord;
    }
  | { readonly type: 'batch'; readonly profile: BatchProfile }
  | { readonly type: 'environment'; readonly environment: ProfileResult['environment'] };

export const profileJob = childJob<ProfileRequest, ProfileMessage>({
  name: 'profile',
  entry: 'profile/profile-child.js',
  silenceLimitMs: 180_000,
});
