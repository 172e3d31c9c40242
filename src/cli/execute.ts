/**
 * Runs an experiment into a database: lock, store, progress, and the result read back. Shared by `run`,
 * `profile` and `train`.
 */
import { copyFileSync, mkdirSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { Experiment } from '../lab/experiment.js';
import { type Plan, planExperiment } from '../lab/plan.js';
import { type RunSummary, runExperiment } from '../lab/run/run-experiment.js';
import { renderDiagnostics } from '../language/render-diagnostic.js';
import { removeStaleFoldersOnce, temporaryFolder } from '../runtime/temporary.js';
import type { ExperimentResult } from '../store/experiment-result.js';
import { openStore, readExperimentResult } from '../store/open-store.js';
import { lockWriter } from '../store/writer-lock.js';
import { InterruptedError, UserError } from '../util/errors.js';
import { interruptible } from './interruptible.js';
import { databaseName } from './options/database-argument.js';
import { deviceText } from './output/device-text.js';
import type { Io } from './output/io.js';
import { progressView } from './output/run-progress.js';

export interface ExecuteOptions {
  /** Not given: a temporary one, gone afterwards. */
  readonly database: string | undefined;
  readonly retryFailed: boolean;
  /** Where the final weights of the first stored training are copied to. */
  readonly keepWeights?: string;
  /** Typed to go on after an interruption. */
  readonly again: string;
}

export interface Executed {
  readonly plan: Plan;
  readonly summary: RunSummary;
  readonly result: ExperimentResult;
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

/** @throws InterruptedError whose message says how to go on */
export async function execute(experiment: Experiment, options: ExecuteOptions, io: Io): Promise<Executed> {
  for (const warning of experiment.warnings)
    io.stderr.write(`${renderDiagnostics([warning], experiment.text)}\n`);
  removeStaleFoldersOnce();
  const temporary = options.database === undefined ? temporaryFolder('run') : undefined;
  const database = options.database ?? join(temporary!, databaseName);
  try {
    makeFolder(dirname(database));
    const lock = lockWriter(database);
    try {
      return await executeLocked(experiment, database, options, io);
    } finally {
      lock.release();
    }
  } catch (error) {
    if (!(error instanceof InterruptedError)) throw error;
    throw new InterruptedError(
      options.database === undefined
        ? 'interrupted'
        : `interrupted; everything measured so far is in ${database}\n  go on with: ${options.again}`,
    );
  } finally {
    if (temporary !== undefined) rmSync(temporary, { recursive: true, force: true });
  }
}

/** @throws UserError where no weights were kept, or they cannot be written */
function copyWeights({ candidates }: ExperimentResult, database: string, to: string): void {
  const kept = candidates.flatMap(({ scores }) => scores.flatMap(({ weightsFile }) => weightsFile ?? []))[0];
  if (kept === undefined) return; // nothing was trained to its end, which is said elsewhere
  try {
    makeFolder(dirname(to));
    copyFileSync(join(dirname(database), kept), to);
  } catch (error) {
    throw new UserError(`${to}: the weights cannot be written (${(error as Error).message})`, {
      cause: error,
    });
  }
}

async function executeLocked(
  experiment: Experiment,
  database: string,
  options: ExecuteOptions,
  io: Io,
): Promise<Executed> {
  const store = openStore(database);
  const view = progressView(io);
  const plan = planExperiment(experiment, new Date().toISOString());
  try {
    const summary = await interruptible((signal) =>
      runExperiment(experiment, plan, store, {
        signal,
        retryFailed: options.retryFailed,
        onEvent(event) {
          if (event.type === 'started') {
            const { stored, storedFailed, profiles, trainings } = event;
            io.stderr.write(`on ${deviceText(event.probe.deviceKey)}\n`);
            if (stored > 0)
              io.stderr.write(
                `${stored} of ${plan.jobs.length} jobs are in the database already${storedFailed ? ` (${storedFailed} failed; --retry-failed does them again)` : ''}${profiles + trainings ? '' : ', nothing is left to do'}\n`,
              );
          } else view.onEvent(event);
        },
      }),
    );
    const result = readExperimentResult(store, experiment.id);
    if (options.keepWeights !== undefined) copyWeights(result, database, options.keepWeights);
    return { plan, summary, result };
  } finally {
    view.stop();
    store.close();
  }
}
