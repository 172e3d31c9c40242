/** One training in a child process, stored in one transaction; early stopping may pause or end it. */
import { dirname, resolve } from 'node:path';
import { scoreAmong, scoresAt } from '../../analysis/objectives/result-score.js';
import { recordTraining } from '../../store/record-results.js';
import type { Store } from '../../store/store.js';
import { lastTraining } from '../../store/tables/training-table.js';
import { epochLine } from '../../train/loop/epoch-line.js';
import { atFidelity, fidelityText } from '../../train/recipe/training-fidelity.js';
import { trainInChild } from '../../train/run-train.js';
import type { TrainRequest } from '../../train/train-request.js';
import type { EpochRow, TrainResult } from '../../train/train-result.js';
import type { InitialWeights } from '../../train/weights/inherit/initial-weights.js';
import { UserError } from '../../util/errors.js';
import type { Experiment } from '../experiment.js';
import type { Job } from '../job.js';
import type { EarlyStopping } from './early-stopping.js';
import type { RunContext } from './run-context.js';
import { weightsFile } from './work-folder.js';

/**
 * @param rule receives every epoch of a full training, and decides whether it continues
 * @param until epoch at which a full training pauses: its checkpoint stays, nothing is stored
 */
export async function trainJob(
  job: Job,
  context: RunContext,
  signal: AbortSignal,
  rule: EarlyStopping | undefined,
  until: number | undefined,
): Promise<void> {
  const { experiment, probe, options, log } = context;
  const request = trainRequest(job, context);
  const followed = job.fidelity ? undefined : rule;
  let stopReason = '';
  const stop = (rows: readonly EpochRow[]): boolean => {
    followed?.report(job, rows);
    stopReason = followed?.stops(job) ?? '';
    return stopReason !== '' || (until !== undefined && rows.length >= until);
  };
  const result = await trainInChild(request, {
    signal,
    expectedKey: { ...probe.deviceKey, threads: experiment.workers.threads },
    onProgress: (progress) =>
      options.onEvent({ type: 'progress', job, train: progress, share: progress.step / progress.steps }),
    onEpoch: (row) => log.write(`${trainName(job)}: ${epochLine(row, request.recipe.epochs)}`),
    ...((followed || until !== undefined) && { stop }),
    onNote: (note) => options.onEvent({ type: 'note', job, note }),
  });
  followed?.report(job, result.epochs);
  if (result.status !== 'stopped') return storeTraining(job, result, context);
  if (stopReason !== '') return storeTraining(job, { ...result, reason: stopReason }, context);
  return pauseTraining(job, result, context);
}

function trainRequest(job: Job, context: RunContext): TrainRequest {
  const { experiment, store, probe, folder, datasetHash } = context;
  const { dataset, guide, recipe: standard } = experiment.train!;
  const initial = job.parentId === undefined ? experiment.train!.initial : parentWeights(store, job.parentId);
  const full = job.recipe ?? standard;
  const { threads, loaders } = experiment.workers;
  const { architecture, recipe } = job.fidelity
    ? atFidelity(job.architecture, full, job.fidelity)
    : { architecture: job.architecture, recipe: full };
  return {
    architecture,
    dataset: { ...dataset, baseFolder: experiment.baseFolder },
    recipe,
    runtime: probe.runtime,
    execution: probe.execution,
    ...probe.compute,
    threads,
    seed: job.replicate,
    checkpointFile: folder.checkpointFile(job.id),
    weightsFile: weightsFile(store.file, job.id),
    loaders,
    ...(initial && { initial }),
    ...(recipe.guidance && guide && { guide }),
    ...(datasetHash === undefined ? {} : { expectedHash: datasetHash }),
  };
}

/**
 * Final weights of a stored training, for a child that grows them.
 * @throws UserError where it has none
 */
export function parentWeights(store: Store, trialId: string): InitialWeights {
  const row = lastTraining(store, trialId);
  const stored = row === 'damaged' || row?.status !== 'ok' ? undefined : row;
  if (!stored?.weights_file || !stored.weights_sha256)
    throw new UserError(`${store.file}: training ${trialId} must have final weights to grow, got none`);
  const file = resolve(dirname(store.file), stored.weights_file);
  return { file, sha256: stored.weights_sha256, mode: 'grow' };
}

function pauseTraining(
  job: Job,
  result: TrainResult,
  { experiment, paused, log, options }: RunContext,
): void {
  paused.set(job.id, result);
  const epochs = result.epochs.length;
  const trained = `${epochs} ${epochs === 1 ? 'epoch' : 'epochs'}`;
  const reason = `${currentScore(experiment, result.epochs)} after ${trained}`;
  log.write(`${trainName(job)}: held, ${reason}`);
  options.onEvent({ type: 'done', job, train: result, status: 'held', reason });
}

/** The score after the last epoch, e.g. `mIoU 41.2 %`. */
function currentScore({ objectives }: Experiment, epochs: readonly EpochRow[]): string {
  const last = epochs.at(-1);
  const score = last && scoreAmong(objectives, [scoresAt(last)]);
  const value = last && score?.ofEpoch(last);
  return score && value !== undefined ? `${score.short} ${score.valueText(value)}` : 'no score';
}

function trainName({ layout, architectureId, replicate, fidelity }: Job): string {
  const at = fidelity ? ` at ${fidelityText(fidelity)}` : '';
  return `train ${layout} ${architectureId} seed ${replicate}${at}`;
}

/**
 * Stores a training that was paused at a rung and does not continue. One that an earlier run has stored
 * stays as it is.
 */
export function endPaused(job: Job, reason: string, context: RunContext): void {
  const paused = context.paused.get(job.id);
  if (paused) storeTraining(job, { ...paused, reason }, context);
}

function storeTraining(
  job: Job,
  result: TrainResult,
  { store, sessionId, folder, log, options }: RunContext,
): void {
  recordTraining(store, { trialId: job.id, sessionId }, result);
  folder.finish(job.id);
  const { status, reason, steps, seconds, weights, samplesFile } = result;
  const end = reason === '' ? status : `${status}: ${reason}`;
  const outcome = `${end} after ${steps} steps, ${seconds.toFixed(1)} s`;
  const files = [weights && `weights in ${weights.file}`, samplesFile && `samples in ${samplesFile}`];
  log.write(`${trainName(job)}: ${[outcome, ...files.filter(Boolean)].join('; ')}`);
  options.onEvent({ type: 'done', job, train: result, status, reason });
}
