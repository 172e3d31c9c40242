/** Events of a run, in the order in which they happen. */
import type { Architecture } from '../../architecture/architecture.js';
import type { ProfileProgress } from '../../profile/candidate/run-profile.js';
import type { Probe } from '../../profile/probe.js';
import type { ProfileResult } from '../../profile/profile-result.js';
import type { Trial } from '../../search/history.js';
import type { StepProgress } from '../../train/loop/loop-options.js';
import type { TrainResult } from '../../train/train-result.js';
import type { Job } from '../job.js';

/** Where a search stands. */
export interface SearchState {
  readonly answered: number;
  readonly failed: number;
  /** Share of the box from the best value seen of each objective to the reference point. */
  readonly hypervolume: number;
  /** Networks on the front. */
  readonly front: number;
  /** Of all evaluations. */
  readonly seconds: number;
}

export interface SearchSummary extends SearchState {
  readonly strategy: string;
  /** Why nothing more was asked. */
  readonly end: string;
  readonly networks: readonly Architecture[];
  /** What the strategy says of itself, one sentence each. */
  readonly notes?: readonly string[];
}

export type RunEvent =
  | {
      readonly type: 'search';
      /** With the reason where it was chosen by `auto`. */
      readonly strategy: string;
      readonly budget: string;
      /** Most trials; absent where another limit ends the search. */
      readonly trials?: number;
      /** Trials that the database holds. */
      readonly answered: number;
      readonly workers: number;
    }
  | { readonly type: 'trial'; readonly trial: Trial<Architecture> }
  | ({ readonly type: 'answer'; readonly trial: Trial<Architecture> } & SearchState)
  | {
      readonly type: 'started';
      readonly probe: Probe;
      readonly profiles: number;
      readonly trainings: number;
      readonly stored: number;
      readonly storedFailed: number;
    }
  | { readonly type: 'phase'; readonly kind: Job['kind']; readonly jobs: number; readonly workers: number }
  | {
      /** A launch that `profile throughput(resolve: …)` adds. */
      readonly type: 'launch';
      readonly launch: number;
      /** Number of the last launch that may be added. */
      readonly most: number;
      readonly aim: number;
      /** So far, relative; undefined: unknown. */
      readonly resolution: number | undefined;
    }
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
