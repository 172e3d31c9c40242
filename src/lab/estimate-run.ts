/**
 * What a run will take, from what a database has measured: jobs of equal settings, else others scaled by
 * their work. The work of a training is images × MACs, that of a profile its number of batch sizes.
 */
import { profileSeconds, profileSecondsPerBatch } from '../store/read-evaluation.js';
import type { Store } from '../store/store.js';
import { latestTrainingWork, trainingSeconds } from '../store/tables/training-table.js';
import { median } from '../util/statistics/order-statistics.js';
import type { Experiment } from './experiment.js';
import type { PlannedJob } from './plan.js';

export interface RunEstimate {
  /** Of the given jobs, with the experiment's trainings side by side. */
  readonly seconds: number;
  /** Where the numbers come from. */
  readonly from: readonly string[];
  /** Some numbers are of other settings, scaled. */
  readonly isScaled: boolean;
}

/** Training images, for trainings that are scaled. */
interface DataSize {
  readonly images: number;
  /** Pixels a side. */
  readonly height: number;
}

/** The latest rows that scaled estimates read. */
const mostRows = 200;

/**
 * @param jobs that will run
 * @param data undefined where it is not known: trainings are then not scaled
 * @returns undefined where the database has measured nothing like some of them
 */
export function estimateRun(
  store: Store,
  experiment: Experiment,
  jobs: readonly PlannedJob[],
  data: DataSize | undefined,
): RunEstimate | undefined {
  const parts = [
    profileTime(
      store,
      experiment,
      jobs.filter(({ kind }) => kind === 'profile'),
    ),
    trainTime(
      store,
      experiment,
      jobs.filter(({ kind }) => kind === 'train'),
      data,
    ),
  ];
  if (parts.includes(undefined)) return undefined;
  const known = parts as RunEstimate[];
  return {
    seconds: known.reduce((sum, { seconds }) => sum + seconds, 0),
    from: known.flatMap(({ from }) => from),
    isScaled: known.some(({ isScaled }) => isScaled),
  };
}

const counted = (count: number, what: string): string => `${count} ${what}${count === 1 ? '' : 's'}`;

const nothing: RunEstimate = { seconds: 0, from: [], isScaled: false };

function profileTime(
  store: Store,
  { profile }: Experiment,
  jobs: readonly PlannedJob[],
): RunEstimate | undefined {
  if (!profile || jobs.length === 0) return nothing;
  const equal = [...new Set(jobs.map(({ settings }) => settings))].flatMap((settings) =>
    profileSeconds(store, settings),
  );
  if (equal.length > 0)
    return {
      seconds: jobs.length * median(equal),
      from: [counted(equal.length, 'profile')],
      isScaled: false,
    };
  const perBatch = profileSecondsPerBatch(store, mostRows);
  if (perBatch.length === 0) return undefined;
  return {
    seconds: jobs.length * profile.batches.length * median(perBatch),
    from: [`${counted(perBatch.length, 'profile')} of other settings`],
    isScaled: true,
  };
}

function trainTime(
  store: Store,
  { train, workers }: Experiment,
  jobs: readonly PlannedJob[],
  data: DataSize | undefined,
): RunEstimate | undefined {
  if (!train || jobs.length === 0) return nothing;
  const side = Math.min(workers.trainings, jobs.length);
  const bySettings = new Map<string, number[]>();
  for (const { settings } of jobs)
    if (!bySettings.has(settings)) bySettings.set(settings, trainingSeconds(store, settings));
  const equal = [...bySettings.values()].flat();
  const rate = [...bySettings.values()].some(({ length }) => length === 0) ? workRate(store) : undefined;
  const seconds = jobs.map((job) => {
    const own = bySettings.get(job.settings)!;
    if (own.length > 0) return median(own);
    return rate && data ? rate.secondsPerWork * workOf(job, train.recipe, data) : undefined;
  });
  if (seconds.includes(undefined)) return undefined;
  return {
    seconds: (seconds as number[]).reduce((sum, each) => sum + each, 0) / side,
    from: [
      ...(equal.length > 0 ? [counted(equal.length, 'training')] : []),
      ...(rate ? [`${counted(rate.trainings, 'training')} of other settings`] : []),
    ],
    isScaled: rate !== undefined,
  };
}

/** Images × MACs of a job; narrower networks and smaller images count by their squares. */
function workOf(
  { recipe: own, fidelity = {}, macs }: PlannedJob,
  standard: { readonly epochs: number },
  { images, height }: DataSize,
): number {
  const epochs = fidelity.epochs ?? (own ?? standard).epochs;
  const side = (fidelity.resolution ?? height) / height;
  return epochs * images * (fidelity.data ?? 1) * macs * (side * (fidelity.width ?? 1)) ** 2;
}

/** Median seconds per image × MAC of stored trainings. */
function workRate(store: Store): { readonly secondsPerWork: number; readonly trainings: number } | undefined {
  const rates = latestTrainingWork(store, mostRows).flatMap(({ seconds, steps, macs, settings }) => {
    const { recipe } = JSON.parse(settings) as { recipe?: { batch?: number } };
    const work = steps * (recipe?.batch ?? 0) * macs;
    return work > 0 ? [seconds / work] : [];
  });
  return rates.length === 0 ? undefined : { secondsPerWork: median(rates), trainings: rates.length };
}
