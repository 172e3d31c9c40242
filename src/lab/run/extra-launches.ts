/**
 * Further launches of an experiment's profiles while its resolution is above the aim of `profile
 * throughput(resolve: …)`. Every launch holds all networks that have a time, and the copies of the anchor
 * network, so that the resolution of all falls. What is decided follows from stored rows: a launch that is
 * planned is finished first, so an interrupted run goes on where it ended.
 */
import { architectureId } from '../../architecture/canonical.js';
import { launchState } from '../../store/launch-state.js';
import { recordExperiment } from '../../store/record-results.js';
import type { Store } from '../../store/store.js';
import { plannedTrialIds } from '../../store/tables/plan-table.js';
import type { Experiment } from '../experiment.js';
import { type PlannedJob, planLaunch } from '../plan.js';
import type { RunEvent } from './run-event.js';

/**
 * Launches that are measured before the resolution decides. Ending at the first of fewer launches that seem
 * to agree makes X too small: of equal pairs 7.7 % lie beyond it after two, 5.9 % after three (simulated).
 */
const fewestJudged = 3;

/**
 * Whether a further launch is to be added.
 * @param done launches so far
 * @param resolution of these, relative; undefined: unknown
 * @param aim relative
 */
export const needsLaunch = (done: number, resolution: number | undefined, aim: number): boolean =>
  done < fewestJudged || resolution === undefined || resolution > aim;

interface ExtraLaunchOptions {
  readonly device: string;
  onEvent(event: RunEvent): void;
  /** Measures the jobs that have no result yet, and stores the results. */
  run(jobs: readonly PlannedJob[]): Promise<void>;
}

/** @returns the jobs of all further launches, also of earlier runs; none without an aim */
export async function extraLaunches(
  experiment: Experiment,
  store: Store,
  { device, onEvent, run }: ExtraLaunchOptions,
): Promise<PlannedJob[]> {
  const { profile } = experiment;
  if (profile?.resolve === undefined) return [];
  const { batches, launches, resolve, extraLaunches: most = launches } = profile;
  const all: PlannedJob[] = [];
  for (let launch = launches + 1; launch <= launches + most; launch++) {
    const { resolution, measured } = launchState(store, experiment.id, device, batches);
    const networks = experiment.architectures.filter((each) => measured.has(architectureId(each)));
    if (networks.length === 0) break;
    const plan = planLaunch(experiment, networks, launch);
    const planned = new Set(plannedTrialIds(store, experiment.id));
    const isPlanned = plan.jobs.some(({ id }) => planned.has(id));
    if (!isPlanned && !needsLaunch(launch - 1, resolution, resolve)) break;
    if (!isPlanned) onEvent({ type: 'launch', launch, most: launches + most, aim: resolve, resolution });
    recordExperiment(store, plan.experiment, plan.architectures, plan.trials);
    await run(plan.jobs);
    all.push(...plan.jobs);
  }
  return all;
}
