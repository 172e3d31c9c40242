/**
 * Executes the jobs that the store lacks. Profiles run alone on the machine, since other load would change
 * their times; trainings run side by side. Every result is one transaction; jobs in flight when the process
 * ends are run again.
 */
import { availableParallelism, hostname, loadavg, release, totalmem } from 'node:os';
import { QuietGate, standardQuietWaitMs } from '../../profile/candidate/quiet-gate.js';
import { type Probe, probeDevice } from '../../profile/probe.js';
import { computeOf, xlaOf } from '../../runtime/compute.js';
import type { DeviceKey } from '../../runtime/runtime.js';
import { packageVersion } from '../../setup/host/package-version.js';
import { assertFrozenPlan, type FrozenPlan, recordAblation } from '../../store/record-ablation.js';
import { recordExperiment, recordSession, trialState } from '../../store/record-results.js';
import type { Store } from '../../store/store.js';
import { deviceId, devicesOf } from '../../store/tables/device-table.js';
import { lastTraining } from '../../store/tables/training-table.js';
import type { Experiment } from '../experiment.js';
import { type Job, scoreJobs } from '../job.js';
import { armRows, type Plan } from '../plan.js';
import { checkData } from './check-data.js';
import { EarlyStopping } from './early-stopping.js';
import { extraLaunches } from './extra-launches.js';
import { runJobs } from './job-queue.js';
import { profileJob } from './profile-job.js';
import type { RunContext, RunOptions } from './run-context.js';
import type { SearchSummary } from './run-event.js';
import { openRunLog } from './run-log.js';
import { missingMeasures, scoreJob } from './score-job.js';
import { runSearch } from './search/run-search.js';
import { endPaused, trainJob } from './train-job.js';
import { openWorkFolder } from './work-folder.js';

export interface RunSummary {
  readonly probe: Probe;
  readonly done: number;
  readonly failed: number;
  /** Of an experiment with a strategy; its trials count as `done` and `failed`. */
  readonly search?: SearchSummary;
}

/**
 * @param store open for writing, its lock held by the caller
 * @throws InterruptedError when `signal` aborts: children have ended, every reported result is stored
 * @throws UserError for data that does not load or fit, a runtime that is not installed, a full disk
 */
export async function runExperiment(
  experiment: Experiment,
  plan: Plan,
  store: Store,
  options: RunOptions,
): Promise<RunSummary> {
  const frozen = frozenPlan(experiment);
  if (frozen) assertFrozenPlan(store, frozen);
  recordExperiment(store, plan.experiment, plan.architectures, plan.trials);
  if (frozen) recordAblation(store, frozen, armRows(experiment));
  const threads = threadsOf(experiment);
  const probe = await probeFor(experiment, threads, store, options.signal);
  const device = deviceId(probe.deviceKey);
  const stateOf = (job: Job): string =>
    trialState(store, { id: job.id, job: job.kind as 'profile' | 'train' }, device);
  const { pending, storedFailed } = pendingJobs(plan.jobs, stateOf, options.retryFailed);
  const profiles = pending.filter(({ kind }) => kind === 'profile');
  const trainings = pending.filter(({ kind }) => kind === 'train');
  const stored = plan.jobs.length - pending.length;
  options.onEvent({
    type: 'started',
    probe,
    profiles: profiles.length,
    trainings: trainings.length,
    stored,
    storedFailed,
  });
  const needsData = trainings.length > 0 || experiment.search !== undefined;
  const dataset = needsData ? await checkData(experiment, store) : undefined;
  const { sessionId } = recordSession(store, experiment.id, probe.deviceKey, sessionEnvironment(probe));
  const isStored = (trialId: string): boolean => {
    const last = lastTraining(store, trialId);
    return last !== undefined && last !== 'damaged' && last.status === 'ok';
  };
  const folder = openWorkFolder(store.file, isStored);
  const log = openRunLog(store.file);
  log.write(
    `${experiment.name}: ${profiles.length} profiles and ${trainings.length} trainings to do, ` +
      `${stored} stored; ${probe.deviceKey.device}, ${probe.deviceKey.runtimeVersion}`,
  );
  const datasetHash = dataset?.hash;
  const quiet = new QuietGate(options.quietWaitMs ?? standardQuietWaitMs);
  const shared = { experiment, store, sessionId, probe, threads, folder, options, log, datasetHash, quiet };
  const context = { ...shared, paused: new Map() };
  let added: readonly Job[] = [];
  try {
    if (experiment.search) {
      const search = await runSearch(context);
      return { probe, done: search.answered - search.failed, failed: search.failed, search };
    }
    added = await runPending(context, plan, { profiles, trainings }, device, stateOf);
  } finally {
    folder.close();
  }
  const states = [...plan.jobs, ...added].map(stateOf);
  const countOf = (state: string): number => states.filter((each) => each === state).length;
  return { probe, done: countOf('done'), failed: countOf('failed') + countOf('damaged') };
}

const frozenPlan = ({ id, name, ablation }: Experiment): FrozenPlan | undefined =>
  ablation && { experimentId: id, name, planHash: ablation.planHash, plan: ablation.plan };

const threadsOf = ({ profile, workers }: Experiment): number =>
  profile ? profile.threads || availableParallelism() : workers.threads;

/** Where the file says nothing of XLA, an experiment that goes on keeps what its last session had. */
const probeFor = (
  { id, runtime, profile }: Experiment,
  threads: number,
  store: Store,
  signal: AbortSignal,
): Promise<Probe> =>
  probeDevice(
    {
      runtime: runtime.id,
      execution: runtime.execution,
      ...computeOf(runtime),
      ...xlaOf(runtime),
      threads,
      ceilings: profile !== undefined,
    },
    { signal, earlierXla: (key) => earlierXla(key, devicesOf(store, id)) },
  );

/** Whether the latest key that equals `key` but for XLA has XLA; undefined where there is none. */
function earlierXla(key: DeviceKey, earlier: readonly { readonly key: DeviceKey }[]): boolean | undefined {
  const own = deviceId({ ...key, xla: false });
  return earlier.find((each) => deviceId({ ...each.key, xla: false }) === own)?.key.xla;
}

/** Jobs to run, and the number of failed ones that stay as they are. */
function pendingJobs(
  jobs: readonly Job[],
  stateOf: (job: Job) => string,
  retryFailed: boolean,
): { readonly pending: readonly Job[]; readonly storedFailed: number } {
  const failed = jobs.filter((job) => stateOf(job) === 'failed');
  const open = jobs.filter((job) => stateOf(job) === 'pending' || (retryFailed && failed.includes(job)));
  // Copies of the anchor measure a launch; without other networks in it they would measure nothing.
  const launches = new Set(
    open
      .filter(({ kind, anchorCopy }) => kind === 'profile' && !anchorCopy)
      .map(({ replicate }) => replicate),
  );
  const pending = open.filter(({ anchorCopy, replicate }) => !anchorCopy || launches.has(replicate));
  return { pending, storedFailed: retryFailed ? 0 : failed.length };
}

/** The machine at the start of the session. */
function sessionEnvironment({ deviceKey, ceilings }: Probe): Readonly<Record<string, string | number>> {
  return {
    host: hostname(),
    system: `${process.platform} ${release()}`,
    cores: availableParallelism(),
    memoryBytes: totalmem(),
    stagecraft: packageVersion(),
    node: process.version,
    runtime: deviceKey.runtimeVersion,
    load1: Math.round(loadavg()[0]! * 100) / 100,
    ...(ceilings && {
      matmulGmacsPerSecond: Math.round(ceilings.macsPerSecond / 1e8) / 10,
      copyGbPerSecond: Math.round((ceilings.bytesPerSecond ?? 0) / 1e8) / 10,
    }),
  };
}

/**
 * Profiles with further launches, then zero-cost scores, then trainings.
 * @returns jobs of further launches
 */
async function runPending(
  context: RunContext,
  plan: Plan,
  { profiles, trainings }: { readonly profiles: readonly Job[]; readonly trainings: readonly Job[] },
  device: string,
  stateOf: (job: Job) => string,
): Promise<readonly Job[]> {
  const { experiment, store, options } = context;
  const profile = (jobs: readonly Job[]): Promise<void> =>
    runJobs(jobs, 1, options, (job, signal) => profileJob(job, context, signal));
  await profile(profiles);
  const added = await extraLaunches(experiment, store, {
    device,
    onEvent: options.onEvent,
    run: (jobs) => profile(pendingJobs(jobs, stateOf, options.retryFailed).pending),
  });
  const unscored = scoreJobs(experiment).filter((job) => missingMeasures(job, context).length > 0);
  await runJobs(unscored, experiment.workers.trainings, options, (job, signal) =>
    scoreJob(job, context, signal),
  );
  const isStopping = experiment.train?.stopping !== undefined && trainings.length > 0;
  const rule = isStopping ? new EarlyStopping(experiment, plan, store, device) : undefined;
  await runTrainings(context, trainings, rule);
  return added;
}

async function runTrainings(
  context: RunContext,
  trainings: readonly Job[],
  rule: EarlyStopping | undefined,
): Promise<void> {
  const { experiment, options } = context;
  const run = (jobs: readonly Job[], until?: (job: Job) => number): Promise<void> =>
    runJobs(jobs, Math.min(experiment.workers.trainings, jobs.length), options, (job, signal) =>
      trainJob(job, context, signal, rule, until?.(job)),
    );
  if (!rule?.isSynchronous) return run(trainings);
  const pendingIds = new Set(trainings.map(({ id }) => id));
  await rule.runRounds(
    (jobs, until) =>
      run(
        jobs.filter(({ id }) => pendingIds.has(id)),
        until,
      ),
    (job, reason) => endPaused(job, reason, context),
  );
  return run(trainings.filter(({ fidelity }) => fidelity));
}
