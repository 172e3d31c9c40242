/** Runs an experiment into a database: lock, store, jobs, and the result read back. */
import { copyFileSync, mkdirSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { removeStaleFoldersOnce, temporaryFolder } from '../runtime/temporary-folder.js';
import type { ExperimentResult } from '../store/experiment-result.js';
import { openStore, readExperimentResult } from '../store/open-store.js';
import { lockWriter } from '../store/writer-lock.js';
import { UserError } from '../util/errors.js';
import { databaseName } from './database-name.js';
import type { Experiment } from './experiment.js';
import { type Plan, planExperiment } from './plan.js';
import { holdLatency } from './run/hold-latency.js';
import type { RunOptions } from './run/run-context.js';
import { type RunSummary, runExperiment } from './run/run-experiment.js';
import { withNextArms } from './settings/ablation/next-arms.js';

export interface ExecuteOptions extends Omit<RunOptions, 'onEvent'> {
  /** Undefined: a temporary one, deleted afterwards. */
  readonly database: string | undefined;
  /** Where the final weights of the first finished training are copied to. */
  readonly keepWeights?: string;
  /** Called with the plan before the first event. */
  readonly onEvent: (event: Parameters<RunOptions['onEvent']>[0], plan: Plan) => void;
}

export interface ExecutedExperiment {
  readonly plan: Plan;
  readonly summary: RunSummary;
  readonly result: ExperimentResult;
}

/**
 * @throws UserError where the database is locked or cannot be written, or the experiment cannot run here
 * @throws InterruptedError when `signal` aborts; finished jobs are stored
 */
export async function executeExperiment(
  experiment: Experiment,
  options: ExecuteOptions,
): Promise<ExecutedExperiment> {
  removeStaleFoldersOnce();
  const temporary = options.database === undefined ? temporaryFolder('run') : undefined;
  const database = options.database ?? join(temporary!, databaseName);
  try {
    makeFolder(dirname(database));
    const lock = lockWriter(database);
    try {
      return await executeLocked(experiment, database, options);
    } finally {
      lock.release();
    }
  } finally {
    if (temporary !== undefined) rmSync(temporary, { recursive: true, force: true });
  }
}

async function executeLocked(
  experiment: Experiment,
  database: string,
  { keepWeights, onEvent, ...options }: ExecuteOptions,
): Promise<ExecutedExperiment> {
  const store = openStore(database);
  try {
    const run = (of: Experiment, plan: Plan): Promise<RunSummary> =>
      runExperiment(of, plan, store, { ...options, onEvent: (event) => onEvent(event, plan) });
    for (let current = experiment; ; ) {
      current = await holdLatency(current, store, run);
      const plan = planExperiment(current, new Date().toISOString());
      const summary = await run(current, plan);
      const result = readExperimentResult(store, current.id);
      const next = withNextArms(current, result);
      if (next) {
        current = next;
        continue;
      }
      if (keepWeights !== undefined) copyWeights(result, database, keepWeights);
      return { plan, summary, result };
    }
  } finally {
    store.close();
  }
}

function makeFolder(folder: string): void {
  try {
    mkdirSync(folder, { recursive: true });
  } catch (error) {
    throw new UserError(`${folder}: the folder cannot be made (${(error as Error).message})`, {
      cause: error,
    });
  }
}

/** @throws UserError where the weights cannot be written */
function copyWeights({ candidates }: ExperimentResult, database: string, to: string): void {
  const kept = candidates.flatMap(({ scores }) => scores.flatMap(({ weightsFile }) => weightsFile ?? []))[0];
  if (kept === undefined) return; // no training finished, which the caller reports
  try {
    makeFolder(dirname(to));
    copyFileSync(join(dirname(database), kept), to);
  } catch (error) {
    throw new UserError(`${to}: the weights cannot be written (${(error as Error).message})`, {
      cause: error,
    });
  }
}
