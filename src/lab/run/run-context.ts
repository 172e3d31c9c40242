/** What the jobs of one run share. */

import type { QuietGate } from '../../profile/candidate/quiet-gate.js';
import type { Probe } from '../../profile/probe.js';
import type { Store } from '../../store/store.js';
import type { TrainResult } from '../../train/train-result.js';
import type { Experiment } from '../experiment.js';
import type { RunEvent } from './run-event.js';
import type { RunLog } from './run-log.js';
import type { WorkFolder } from './work-folder.js';

export interface RunOptions {
  /** Run failed trials again. */
  readonly retryFailed: boolean;
  /** Longest wait for other work to pause before launches, ms, over the whole run; default 60,000. */
  readonly quietWaitMs?: number | undefined;
  readonly signal: AbortSignal;
  onEvent(event: RunEvent): void;
}

export interface RunContext {
  readonly experiment: Experiment;
  readonly store: Store;
  readonly sessionId: number;
  readonly probe: Probe;
  /** Of the engine in profiles. */
  readonly threads: number;
  readonly folder: WorkFolder;
  readonly log: RunLog;
  readonly datasetHash: string | undefined;
  /** Lets profiles wait for a quiet moment. */
  readonly quiet: QuietGate;
  readonly options: RunOptions;
  /** Trainings paused at a rung of a synchronous rule, by trial. */
  readonly paused: Map<string, TrainResult>;
}
