/** Plan, time estimate and summary of a search in words. */
import { architectureId } from '../../architecture/canonical.js';
import { layoutOf } from '../../architecture/layout.js';
import { layoutNames } from '../../architecture/layout-names.js';
import { databasesNear } from '../../lab/databases-near.js';
import { deviceText } from '../../lab/device-text.js';
import type { Experiment } from '../../lab/experiment.js';
import type { SearchSummary } from '../../lab/run/run-event.js';
import { searchObjectives, searchSettings, strategyText } from '../../lab/run/search/run-search.js';
import { estimateTime, type TimeEstimate } from '../../lab/search/estimate-time.js';
import type { OtherDevice } from '../../lab/search/other-devices.js';
import { budgetText } from '../../lab/search/search-budget.js';
import type { PriorSetting } from '../../lab/settings/prior-setting.js';
import { Study } from '../../search/study.js';
import { openStore } from '../../store/open-store.js';
import { duration } from './text-format.js';

/** `nsga2 with seed 1, 40 trials` */
export const searchText = (experiment: Experiment): string =>
  `${experiment.search!.name} with seed ${experiment.search!.seed}, ${budgetText(experiment.search!.budget)}`;

export function nearestEstimate(
  experiment: Experiment,
  database: string,
): { readonly estimate: TimeEstimate; readonly file: string } | undefined {
  for (const file of databasesNear(database)) {
    const store = openStore(file, { readonly: true });
    try {
      const estimate = estimateTime(store, experiment);
      if (estimate) return { estimate, file };
    } finally {
      store.close();
    }
  }
  return undefined;
}

/** Expected time of a search. */
export function estimateLine(experiment: Experiment, database: string): string {
  const found = nearestEstimate(experiment, database);
  if (!found) return 'time       unknown: no training or profile of these settings is measured yet';
  const { trialSeconds, leftSeconds, from, answered } = found.estimate;
  const rest =
    leftSeconds === undefined
      ? ''
      : `, about ${duration(leftSeconds)} for the rest on ${workersText(experiment)}`;
  const stored = answered > 0 ? `; ${answered} trials are answered` : '';
  const where = found.file === database ? '' : ` (${found.file})`;
  return `time       ${duration(trialSeconds)} a trial${rest}, from ${from}${where}${stored}`;
}

const workersText = ({ workers: { trainings } }: Experiment): string =>
  `${trainings} ${trainings === 1 ? 'worker' : 'workers'}`;

/** The first networks that the search asks for before any answer. */
export function firstProposals(experiment: Experiment): { readonly layout: string; readonly key: string }[] {
  const { search, workers } = experiment;
  const { trials } = search!.budget;
  const study = new Study({
    ...searchSettings(experiment),
    ...(trials === undefined ? {} : { budget: trials }),
  });
  return Array.from({ length: workers.trainings }, () => study.ask()).flatMap((trial) =>
    trial ? [{ layout: layoutOf(trial.candidate.value), key: trial.candidate.key }] : [],
  );
}

/** What `--dry-run` prints of a search. */
export function searchPlan(experiment: Experiment, database: string): string {
  const { space, constraints, history, elsewhere, prior } = experiment.search!;
  const bounds = constraints.map(({ name, atMost, atLeast }) =>
    atMost === undefined ? `${name} >= ${atLeast}` : `${name} <= ${atMost}`,
  );
  const count = space.count();
  const layouts = firstProposals(experiment).map(({ layout }) => layout);
  return [
    `strategy   ${strategyText(experiment)}`,
    `space      ${count.exact ? count.count : `about ${count.estimate}`} architectures`,
    ...(bounds.length > 0 ? [`learned    ${bounds.join(' and ')}`] : []),
    `objectives ${searchObjectives(experiment)
      .map(({ name }) => name)
      .join(', ')}`,
    ...(history ? [`history    ${history.results.length} results from ${history.files.join(', ')}`] : []),
    ...(elsewhere ? elsewhere.devices.map(deviceLine) : []),
    ...(prior ? [`prior      ${prior.name} ${priorText(prior)}, one proposal in ten`] : []),
    `budget     ${budgetText(experiment.search!.budget)}, ${workersText(experiment)}`,
    `first      ${layouts.join(', ')}`,
    estimateLine(experiment, database),
  ].join('\n');
}

const priorText = ({ name, letters }: PriorSetting): string =>
  Object.entries(letters)
    .map(([letter, weight]) => (name === 'weights' ? `${letter} ${weight}` : letter))
    .join(', ');

/** @example 'device     3fa2b1 (NVIDIA L4, driver 550; …): 24 networks measured there' */
const deviceLine = ({ id, key, times }: OtherDevice): string => {
  const networks = Math.min(...[...times.values()].map(({ size }) => size));
  return `device     ${id.slice(0, 6)} (${deviceText(key)}): ${networks} networks measured there`;
};

/** How a search ended, for the end of a run. */
export function searchClosing({
  strategy,
  end,
  answered,
  failed,
  hypervolume,
  networks,
  notes = [],
}: SearchSummary): string[] {
  const names = layoutNames(networks);
  const front = names.slice(0, 8).join(', ') || 'no network is fully evaluated and feasible';
  const more = names.length > 8 ? ` and ${names.length - 8} more` : '';
  const failures = failed > 0 ? `, ${failed} of them failed` : '';
  return [
    `search     ${strategy}; ${answered} trials${failures}; ended: ${end}`,
    `front      ${front}${more}; hypervolume ${hypervolume.toFixed(3)}`,
    ...notes.map((note) => `note       ${note}`),
  ];
}

/** The plan as one object. */
export function searchPlanJson(experiment: Experiment, database: string): object {
  const { name, params, seed, budget, constraints } = experiment.search!;
  const found = nearestEstimate(experiment, database);
  return {
    strategy: { name, params, seed, text: strategyText(experiment) },
    budget,
    constraints,
    objectives: experiment.objectives,
    workers: experiment.workers.trainings,
    first: firstProposals(experiment),
    ...(found && { estimate: { ...found.estimate, database: found.file } }),
  };
}

/** The summary as one object. */
export const searchJson = ({ networks, ...summary }: SearchSummary): object => ({
  ...summary,
  front: networks.map((network) => ({ architectureId: architectureId(network), layout: layoutOf(network) })),
});
