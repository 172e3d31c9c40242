/** Reads the runs of several databases: each is one experiment under one device key. */
import type { RunSource } from '../../analysis/comparison/compared-runs.js';
import type { ExperimentResult } from '../../store/experiment-result.js';
import { openStore, readExperimentResult } from '../../store/open-store.js';
import type { Store } from '../../store/store.js';
import { devicesOf } from '../../store/tables/device-table.js';
import { listExperiments } from '../../store/tables/experiment-table.js';
import { UserError } from '../../util/errors.js';

export interface RunChoice {
  /** Ids, which may lie in different databases; none: the latest experiment of each. */
  readonly experiments: readonly string[];
  /** Every experiment instead of the latest. */
  readonly all: boolean;
  /** Id of a device key; default: all. */
  readonly device?: string;
}

/** @throws UserError where an experiment or device is in no database */
export function readRuns(files: readonly string[], choice: RunChoice): RunSource[] {
  const runs = files.flatMap((file) => runsOf(file, choice));
  const missing = choice.experiments.find((id) => !runs.some(({ result }) => result.experiment.id === id));
  if (missing !== undefined)
    throw new UserError(
      `--experiment: must be in one of ${files.join(', ')}, got ${JSON.stringify(missing)}`,
    );
  return runs;
}

function runsOf(file: string, { experiments, all, device }: RunChoice): RunSource[] {
  const store = openStore(file, { readonly: true });
  try {
    const stored = listExperiments(store).map(({ id }) => id);
    const named = stored.filter((id) => experiments.includes(id));
    const latest = all ? stored : stored.slice(0, 1);
    return (experiments.length > 0 ? named : latest).flatMap((id) =>
      resultsOf(store, id, device).map((result) => ({ file, result })),
    );
  } finally {
    store.close();
  }
}

/** One for each device key, the latest first. */
const resultsOf = (store: Store, experiment: string, device: string | undefined): ExperimentResult[] =>
  devicesOf(store, experiment)
    .filter(({ id }) => device === undefined || id === device)
    .map(({ id }) => readExperimentResult(store, experiment, id));
