/** What a run would do, as `check` and `run --dry-run` print it: jobs with their state, and the time. */
import { existsSync } from 'node:fs';
import type { Dataset } from '../../data/dataset.js';
import { databasesNear } from '../../lab/databases-near.js';
import { estimateRun } from '../../lab/estimate-run.js';
import type { Experiment } from '../../lab/experiment.js';
import { type PlannedJob, planExperiment } from '../../lab/plan.js';
import { openStore } from '../../store/open-store.js';
import type { Store } from '../../store/store.js';
import { type StoredOutcome, storedOutcome } from '../../store/stored-outcome.js';
import { duration } from '../output/text-format.js';

export interface StatedJob extends StoredOutcome {
  readonly job: PlannedJob;
}

function withStore<V>(file: string, read: (store: Store) => V): V {
  const store = openStore(file, { readonly: true });
  try {
    return read(store);
  } finally {
    store.close();
  }
}

/** Every job of the plan, and what the database holds of it. */
export function statedJobs(experiment: Experiment, database: string): StatedJob[] {
  const { jobs } = planExperiment(experiment, '');
  if (!existsSync(database)) return jobs.map((job) => ({ job, state: 'open', reason: '' }));
  return withStore(database, (store) =>
    jobs.map((job) => ({
      job,
      ...storedOutcome(store, { id: job.id, job: job.kind as 'profile' | 'train' }),
    })),
  );
}

/** Jobs that the next run computes. */
export const openJobs = (jobs: readonly StatedJob[], retryFailed: boolean): StatedJob[] =>
  jobs.filter(({ state }) => state === 'open' || (retryFailed && state === 'failed'));

/** `22 jobs: 3 to do, 18 stored, 1 failed (--retry-failed runs it again)` */
export function stateText(jobs: readonly StatedJob[], retryFailed: boolean): string {
  const count = (state: StoredOutcome['state']): number => jobs.filter((job) => job.state === state).length;
  const [stored, failed, damaged] = [count('stored'), count('failed'), count('damaged')];
  const again = retryFailed
    ? `${failed} of them failed before`
    : `${failed} failed (--retry-failed runs ${failed === 1 ? 'it' : 'them'} again)`;
  const parts = [
    `${openJobs(jobs, retryFailed).length} to do`,
    ...(failed > 0 ? [again] : []),
    ...(stored > 0 ? [`${stored} stored`] : []),
    ...(damaged > 0 ? [`${damaged} damaged`] : []),
  ];
  return `${jobs.length} jobs: ${parts.join(', ')}`;
}

/**
 * The expected time of the jobs, from the database of the run or one beside it.
 * @param data undefined where it was not opened
 */
export function timeText(
  experiment: Experiment,
  database: string,
  jobs: readonly StatedJob[],
  data: Dataset | undefined,
): string {
  if (jobs.length === 0) return 'time: nothing is left to do';
  const size = data && { images: data.train.count, height: data.train.height };
  for (const file of databasesNear(database)) {
    const planned = jobs.map(({ job }) => job);
    const estimate = withStore(file, (store) => estimateRun(store, experiment, planned, size));
    if (!estimate) continue;
    const scaled = estimate.isScaled ? ', scaled by batch sizes, images and MACs' : '';
    const from = `from ${estimate.from.join(' and ')} in ${file}`;
    return `time: about ${duration(estimate.seconds)}, ${from}${scaled}`;
  }
  if (experiment.train && !data)
    return 'time: unknown, nothing equal is measured; `npx stagecraft check` tells more';
  return (
    'time: unknown, nothing like it is measured yet; run a copy with another name, fewer images and one ' +
    'epoch, then check again'
  );
}
