/**
 * Executes what the store does not yet hold. Profiles run alone on the machine, since anything beside them
 * would be measured with them; trainings run side by side. Every result is one transaction; what was in
 * flight when the tool died is done again.
 */
import { availableParallelism, hostname, loadavg, release, totalmem } from 'node:os';
import { scoreAmong, scoresAt } from '../../analysis/objectives/result-score.js';
import { type ProfileProgress, profileInChild } from '../../profile/candidate/run-profile.js';
import { type Probe, probeDevice } from '../../profile/probe.js';
import type { ProfileResult } from '../../profile/profile-result.js';
import { anchorNetwork } from '../../profile/session/anchor-network.js';
import { controlText, measureControl } from '../../profile/session/control.js';
import { computeOf } from '../../runtime/compute.js';
import {
  recordExperiment,
  recordProfile,
  recordSession,
  recordTraining,
  recordZeroCost,
  trialState,
} from '../../store/record-results.js';
import type { Store } from '../../store/store.js';
import { deviceId } from '../../store/tables/device-table.js';
import { zeroCostOfArchitecture } from '../../store/tables/zero-cost-table.js';
import { epochLine } from '../../train/loop/epoch-line.js';
import type { StepProgress } from '../../train/loop/train-loop.js';
import { atFidelity, fidelityText } from '../../train/recipe/training-fidelity.js';
import { trainInChild } from '../../train/run-train.js';
import type { EpochRow, TrainResult } from '../../train/train-result.js';
import { zeroCostInChild } from '../../train/zero-cost/run-zero-cost.js';
import type { ZeroCostName } from '../../train/zero-cost/zero-cost-table.js';
import { UserError } from '../../util/errors.js';
import { seededRandom } from '../../util/random.js';
import type { Experiment } from '../experiment.js';
import { type Job, type Plan, scoreJobs, zeroCostSettings } from '../plan.js';
import { checkData } from './check-data.js';
import { EarlyStopping } from './early-stopping.js';
import { openRunLog, type RunLog } from './run-log.js';
import { openWorkFolder, type WorkFolder, weightsFile } from './work-folder.js';

export type RunEvent =
  | {
      readonly type: 'started';
      readonly probe: Probe;
      readonly profiles: number;
      readonly trainings: number;
      readonly stored: number;
      readonly storedFailed: number;
    }
  /** The A/A control begins (no text) or has come out. */
  | { readonly type: 'control'; readonly text: string | undefined }
  | { readonly type: 'phase'; readonly kind: Job['kind']; readonly jobs: number; readonly workers: number }
  | { readonly type: 'job'; readonly job: Job }
  | {
      readonly type: 'progress';
      readonly job: Job;
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

export interface RunOptions {
  /** Do failed trials again. */
  readonly retryFailed: boolean;
  readonly signal: AbortSignal;
  onEvent(event: RunEvent): void;
}

export interface RunSummary {
  readonly probe: Probe;
  readonly done: number;
  readonly failed: number;
}

/** The machine as it was when the session began. */
function sessionEnvironment(probe: Probe): Readonly<Record<string, string | number>> {
  return {
    host: hostname(),
    system: `${process.platform} ${release()}`,
    cores: availableParallelism(),
    memoryBytes: totalmem(),
    node: process.version,
    runtime: probe.deviceKey.runtimeVersion,
    load1: Math.round(loadavg()[0]! * 100) / 100,
    ...(probe.ceilings
      ? {
          matmulGmacsPerSecond: Math.round(probe.ceilings.macsPerSecond / 1e8) / 10,
          copyGbPerSecond: Math.round((probe.ceilings.bytesPerSecond ?? 0) / 1e8) / 10,
        }
      : {}),
  };
}

/**
 * @param store open for writing, its lock held by the caller
 * @throws InterruptedError when `signal` aborts: children are dead, everything that was reported is stored
 * @throws UserError for data that does not load or fit, a runtime that is not there, a full disk
 */
export async function runExperiment(
  experiment: Experiment,
  plan: Plan,
  store: Store,
  options: RunOptions,
): Promise<RunSummary> {
  recordExperiment(store, plan.experiment, plan.architectures, plan.trials);
  const threads = experiment.profile
    ? experiment.profile.threads || availableParallelism()
    : experiment.workers.threads;
  const probe = await probeDevice(
    {
      runtime: experiment.runtime.id,
      execution: experiment.runtime.execution,
      ...computeOf(experiment.runtime),
      threads,
      ceilings: experiment.profile !== undefined,
    },
    options.signal,
  );
  const device = deviceId(probe.deviceKey);
  const state = (job: Job): string =>
    trialState(store, { id: job.id, job: job.kind as 'profile' | 'train' }, device);
  const pending = plan.jobs.filter((job) => {
    const is = state(job);
    return is === 'pending' || (is === 'failed' && options.retryFailed);
  });
  const [profiles, trainings] = [
    pending.filter(({ kind }) => kind === 'profile'),
    pending.filter(({ kind }) => kind === 'train'),
  ];
  const storedFailed = plan.jobs.filter((job) => !pending.includes(job) && state(job) === 'failed').length;
  options.onEvent({
    type: 'started',
    probe,
    profiles: profiles.length,
    trainings: trainings.length,
    stored: plan.jobs.length - pending.length,
    storedFailed,
  });
  const dataset = trainings.length > 0 ? await checkData(experiment, store) : undefined;
  const control =
    profiles.length > 0 && experiment.profile!.control
      ? await runControl(experiment, probe, threads, options)
      : undefined;
  const { sessionId } = recordSession(store, experiment.id, probe.deviceKey, {
    ...sessionEnvironment(probe),
    ...(control === undefined ? (profiles.length > 0 ? { control: 'none was made' } : {}) : { control }),
  });

  const stored = new Set(plan.jobs.filter((job) => state(job) === 'done').map(({ id }) => id));
  const folder = openWorkFolder(store.file, (trialId) => stored.has(trialId));
  const log = openRunLog(store.file);
  log.say(
    `${experiment.name}: ${profiles.length} profiles and ${trainings.length} trainings to do, ${plan.jobs.length - pending.length} stored; ${probe.deviceKey.device}, ${probe.deviceKey.runtimeVersion}`,
  );
  const context: Context = {
    experiment,
    store,
    sessionId,
    probe,
    threads,
    folder,
    options,
    log,
    datasetHash: dataset?.hash,
    paused: new Map(),
  };
  try {
    await runAll(profiles, 1, options, (job, signal) => profileJob(job, context, signal));
    await runAll(
      scoreJobs(experiment).filter((job) => missingMeasures(job, context).length > 0),
      experiment.workers.trainings,
      options,
      (job, signal) => scoreJob(job, context, signal),
    );
    const rule =
      experiment.train?.stopping && trainings.length > 0
        ? new EarlyStopping(experiment, plan, store, device)
        : undefined;
    const runTrainings = (jobs: readonly Job[], until?: (job: Job) => number): Promise<void> =>
      runAll(jobs, Math.min(experiment.workers.trainings, jobs.length), options, (job, signal) =>
        trainJob(job, context, signal, rule, until?.(job)),
      );
    if (rule?.isSynchronous) {
      const pendingIds = new Set(trainings.map(({ id }) => id));
      await rule.runRounds(
        (jobs, until) =>
          runTrainings(
            jobs.filter(({ id }) => pendingIds.has(id)),
            until,
          ),
        (job, reason) => endPaused(job, reason, context),
      );
      await runTrainings(trainings.filter(({ fidelity }) => fidelity));
    } else await runTrainings(trainings);
  } finally {
    folder.close();
  }
  const states = plan.jobs.map(state);
  return {
    probe,
    done: states.filter((is) => is === 'done').length,
    failed: states.filter((is) => is === 'failed').length,
  };
}

/**
 * The A/A control of this run's measurements, at the middle one of its batch sizes; as text, since it is for
 * people.
 */
async function runControl(
  experiment: Experiment,
  probe: Probe,
  threads: number,
  { signal, onEvent }: RunOptions,
): Promise<string> {
  const { batches, protocol } = experiment.profile!;
  onEvent({ type: 'control', text: undefined });
  const plan = {
    runtime: probe.runtime,
    execution: probe.execution,
    ...probe.compute,
    threads,
    batch: batches[Math.floor(batches.length / 2)]!,
    protocol,
  };
  const text = await measureControl(plan, seededRandom('control'), { signal }).then(
    controlText,
    (error: unknown) => {
      if (!(error instanceof UserError)) throw error;
      return `VOID: ${error.message}`; // the anchor does not run here: the candidates may still, and their rows say so
    },
  );
  onEvent({ type: 'control', text });
  return text;
}

interface Context {
  readonly experiment: Experiment;
  readonly store: Store;
  readonly sessionId: number;
  readonly probe: Probe;
  readonly threads: number;
  readonly folder: WorkFolder;
  readonly log: RunLog;
  readonly datasetHash: string | undefined;
  readonly options: RunOptions;
  /** Trainings held at a rung of a synchronous rule. */
  readonly paused: Map<string, TrainResult>;
}

/** `workers` jobs at a time, in order. The first error stops the rest, and is thrown once all have ended. */
async function runAll(
  jobs: readonly Job[],
  workers: number,
  { signal, onEvent }: RunOptions,
  run: (job: Job, signal: AbortSignal) => Promise<void>,
): Promise<void> {
  if (jobs.length === 0) return;
  onEvent({ type: 'phase', kind: jobs[0]!.kind, jobs: jobs.length, workers });
  const stop = new AbortController();
  const both = AbortSignal.any([signal, stop.signal]);
  const queue = jobs.values();
  const errors: unknown[] = [];
  const worker = async (): Promise<void> => {
    for (const job of queue) {
      if (both.aborted) break;
      onEvent({ type: 'job', job });
      try {
        await run(job, both);
      } catch (error) {
        errors.push(error);
        stop.abort();
      }
    }
  };
  await Promise.all(Array.from({ length: workers }, worker));
  if (errors.length > 0) throw errors[0];
  signal.throwIfAborted();
}

async function profileJob(
  job: Job,
  { experiment, store, sessionId, probe, threads, options, log }: Context,
  signal: AbortSignal,
): Promise<void> {
  const { batches, anchor, protocol } = experiment.profile!;
  const result = await profileInChild(
    {
      architecture: job.architecture,
      runtime: probe.runtime,
      execution: probe.execution,
      ...probe.compute,
      batches,
      threads,
      launch: job.replicate,
      protocol,
      ...(anchor ? { anchor: anchorNetwork } : {}),
      ...(probe.ceilings ? { ceilings: probe.ceilings } : {}),
    },
    {
      signal,
      expectedKey: probe.deviceKey,
      onProgress: (progress) =>
        options.onEvent({
          type: 'progress',
          job,
          profile: progress,
          share: Math.max(0, batches.indexOf(progress.batch)) / batches.length,
        }),
    },
  );
  assertSameDevice(result, probe);
  const { status, reason } = recordProfile(store, { trialId: job.id, sessionId }, result);
  log.say(
    `profile ${job.layout} ${job.architectureId} launch ${job.replicate}: ${status}${reason === '' ? '' : `: ${reason}`}`,
  );
  options.onEvent({ type: 'done', job, profile: result, status, reason });
}

function missingMeasures(job: Job, { experiment, store }: Context): ZeroCostName[] {
  const stored = new Set(
    zeroCostOfArchitecture(store, job.architectureId, zeroCostSettings(experiment)!).map(
      ({ measure }) => measure,
    ),
  );
  return experiment.train!.zeroCost!.measures.filter((measure) => !stored.has(measure));
}

/**
 * What its child reports is stored, a measure without a number too; what died with the child is asked again
 * by the next run.
 */
async function scoreJob(job: Job, context: Context, signal: AbortSignal): Promise<void> {
  const { experiment, store, probe, log, options } = context;
  const { dataset, zeroCost } = experiment.train!;
  const measures = missingMeasures(job, context);
  let done = 0;
  const result = await zeroCostInChild(
    {
      architecture: job.architecture,
      dataset: { ...dataset, baseFolder: experiment.baseFolder },
      measures,
      batch: zeroCost!.batch,
      seed: zeroCost!.seed,
      runtime: probe.runtime,
      threads: experiment.workers.threads,
    },
    { signal, onScore: () => options.onEvent({ type: 'progress', job, share: ++done / measures.length }) },
  );
  const reported = result.scores.slice(0, done);
  recordZeroCost(store, job.architectureId, zeroCostSettings(experiment)!, { ...result, scores: reported });
  const reason = result.scores
    .filter((score) => score.value === undefined)
    .map((score) => `${score.measure}: ${score.reason}`)
    .join('; ');
  log.say(
    `score ${job.layout} ${job.architectureId}: ${reported.length} of ${measures.length} measures${reason === '' ? '' : `; ${reason}`}`,
  );
  options.onEvent({
    type: 'done',
    job,
    status: reason === '' ? 'ok' : 'partial',
    reason:
      reason === ''
        ? `${reported.length} measures in ${reported.reduce((sum, { seconds }) => sum + seconds, 0).toFixed(1)} s`
        : reason,
  });
}

/**
 * @param rule told of every epoch of a full training, and asked whether it goes on
 * @param until the epoch that it is held at; its checkpoint stays, nothing is stored
 */
async function trainJob(
  job: Job,
  context: Context,
  signal: AbortSignal,
  rule: EarlyStopping | undefined,
  until: number | undefined,
): Promise<void> {
  const { experiment, store, probe, folder, options, log, datasetHash } = context;
  const { dataset, initial } = experiment.train!;
  const { architecture, recipe } = job.fidelity
    ? atFidelity(job.architecture, experiment.train!.recipe, job.fidelity)
    : { architecture: job.architecture, recipe: experiment.train!.recipe };
  let stopReason = '';
  const { threads, loaders } = experiment.workers;
  const name = trainName(job);
  const result = await trainInChild(
    {
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
      ...(datasetHash === undefined ? {} : { expectedHash: datasetHash }),
    },
    {
      signal,
      expectedKey: { ...probe.deviceKey, threads },
      onProgress: (progress) =>
        options.onEvent({ type: 'progress', job, train: progress, share: progress.step / progress.steps }),
      onEpoch: (row) => log.say(`${name}: ${epochLine(row, recipe.epochs)}`),
      ...(rule &&
        !job.fidelity && {
          stop: (rows: readonly EpochRow[]) => {
            rule.report(job, rows);
            stopReason = rule.stops(job) ?? '';
            return stopReason !== '' || (until !== undefined && rows.length >= until);
          },
        }),
      onNote: (note) => options.onEvent({ type: 'note', job, note }),
    },
  );
  if (rule && !job.fidelity) rule.report(job, result.epochs);
  if (result.status === 'stopped' && stopReason === '') {
    context.paused.set(job.id, result);
    const reason = `${heldText(experiment, result.epochs)} after ${result.epochs.length} ${result.epochs.length === 1 ? 'epoch' : 'epochs'}`;
    log.say(`${name}: held, ${reason}`);
    options.onEvent({ type: 'done', job, train: result, status: 'held', reason });
    return;
  }
  settleTraining(job, result.status === 'stopped' ? { ...result, reason: stopReason } : result, context);
}

/** The score that a training stands at: `mIoU 41.2 %`. */
function heldText({ objectives }: Experiment, epochs: readonly EpochRow[]): string {
  const last = epochs.at(-1);
  const score = last && scoreAmong(objectives, [scoresAt(last)]);
  const value = last && score?.ofEpoch(last);
  return score && value !== undefined ? `${score.short} ${score.valueText(value)}` : 'no score';
}

const trainName = (job: Job): string =>
  `train ${job.layout} ${job.architectureId} seed ${job.replicate}${job.fidelity ? ` at ${fidelityText(job.fidelity)}` : ''}`;

/**
 * Stores a training that was held at a rung and does not go on. One that an earlier run has stored already
 * stays as it is.
 */
function endPaused(job: Job, reason: string, context: Context): void {
  const held = context.paused.get(job.id);
  if (held) settleTraining(job, { ...held, reason }, context);
}

function settleTraining(
  job: Job,
  result: TrainResult,
  { store, sessionId, folder, log, options }: Context,
): void {
  recordTraining(store, { trialId: job.id, sessionId }, result);
  folder.finish(job.id);
  log.say(
    `${trainName(job)}: ${result.status}${result.reason === '' ? '' : `: ${result.reason}`} after ${result.steps} steps, ${result.seconds.toFixed(1)} s${result.weights ? `; weights in ${result.weights.file}` : ''}${result.samplesFile === undefined ? '' : `; samples in ${result.samplesFile}`}`,
  );
  options.onEvent({ type: 'done', job, train: result, status: result.status, reason: result.reason });
}

/** Rows of different keys never share a ranking: a device that changes under a run ends it. */
function assertSameDevice(result: ProfileResult, probe: Probe): void {
  const differs = (Object.keys(probe.deviceKey) as (keyof typeof probe.deviceKey)[]).find(
    (name) => result.deviceKey[name] !== probe.deviceKey[name],
  );
  if (differs === undefined) return;
  throw new UserError(
    `run: the device must stay the same during a run, got ${differs} ${JSON.stringify(result.deviceKey[differs])} after ${JSON.stringify(probe.deviceKey[differs])}`,
    { fix: 'run again: it goes on on the device that is there now' },
  );
}
