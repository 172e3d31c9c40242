/** Executes an experiment with its progress on stderr; Ctrl-C ends it resumably. */

import { deviceLine } from '../lab/device-text.js';
import { type ExecutedExperiment, executeExperiment } from '../lab/execute-experiment.js';
import type { Experiment } from '../lab/experiment.js';
import { warningText } from '../lab/load-experiment.js';
import type { RunEvent } from '../lab/run/run-event.js';
import { unusedGpuNote } from '../setup/engine/unused-gpu.js';
import { InterruptedError } from '../util/errors.js';
import { interruptible } from './interruptible.js';
import { asCalled } from './output/as-called.js';
import type { Io } from './output/io.js';
import { progressView } from './output/progress/run-progress.js';

export interface ProgressOptions {
  /** Undefined: a temporary one. */
  readonly database: string | undefined;
  readonly retryFailed: boolean;
  /** Longest wait for a quiet machine, ms; undefined: the standard. */
  readonly quietWaitMs?: number | undefined;
  /** Where the final weights of the first finished training are copied to. */
  readonly keepWeights?: string;
  /** Command that resumes after an interruption. */
  readonly again: string;
}

/** @throws InterruptedError whose message says how to resume */
export async function executeWithProgress(
  experiment: Experiment,
  { database, again, ...options }: ProgressOptions,
  io: Io,
): Promise<ExecutedExperiment> {
  if (experiment.warnings.length > 0) io.stderr.write(`${warningText(experiment)}\n`);
  const mayAddLaunches = experiment.profile?.resolve !== undefined;
  const view = progressView(io, experiment.search && experiment.objectives);
  try {
    return await interruptible((signal) =>
      executeExperiment(experiment, {
        ...options,
        database,
        signal,
        onEvent(event, plan) {
          if (event.type !== 'started') return view.onEvent(event);
          const note = unusedGpuNote(event.probe.deviceKey, io.env);
          if (note !== undefined) io.stderr.write(`${asCalled(note, io)}\n`);
          io.stderr.write(startText(event, plan.jobs.length, mayAddLaunches));
        },
      }),
    );
  } catch (error) {
    if (!(error instanceof InterruptedError)) throw error;
    throw new InterruptedError(
      database === undefined
        ? 'interrupted'
        : `interrupted; everything measured so far is in ${database}\n  go on with: ${again}`,
    );
  } finally {
    view.stop();
  }
}

/** The device, and what the database has already. */
function startText(
  { probe, stored, storedFailed, profiles, trainings }: Extract<RunEvent, { type: 'started' }>,
  jobs: number,
  mayAddLaunches: boolean,
): string {
  const device = `on ${deviceLine(probe.deviceKey)}\n`;
  if (stored === 0) return device;
  const failed = storedFailed ? ` (${storedFailed} failed; --retry-failed runs them again)` : '';
  const rest = profiles + trainings > 0 || mayAddLaunches ? '' : ', nothing is left to do';
  return `${device}${stored} of ${jobs} jobs are in the database already${failed}${rest}\n`;
}
