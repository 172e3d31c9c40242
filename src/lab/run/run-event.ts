/** Events of a run, in the order in which they happen. */
import type { ProfileProgress } from '../../profile/candidate/run-profile.js';
import type { Probe } from '../../profile/probe.js';
import type { ProfileResult } from '../../profile/profile-result.js';
import type { StepProgress } from '../../train/loop/loop-options.js';
import type { TrainResult } from '../../train/train-result.js';
import type { Job } from '../job.js';

export type RunEvent =
  | {
      readonly type: 'started';
      readonly probe: Probe;
      readonly profiles: number;
      readonly trainings: number;
      readonly stored: number;
      readonly storedFailed: number;
    }
  | { readonly type: 'phase'; readonly kind: Job['kind']; readonly jobs: number; readonly workers: number }
  | { readonly type: 'job'; readonly job: Job }
  | {
      readonly type: 'progress';
      readonly job: Job;
      /** Fraction of the job that is done. */
      readonly share: number;
      readonly profile?: ProfileProgress;
      readonly train?: StepProgress;
    }
  | { readonly type: 'note'; readonly job: Job; readonly note: string }
  | {
      readonly type: 'done';
      readonly job: Job;
      readonly profile?: ProfileResult;
      readonly train?: TrainResult;
      readonly status: string;
      readonly reason: string;
    };
