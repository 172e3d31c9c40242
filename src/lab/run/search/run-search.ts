/** Runs the search of an experiment: its strategy proposes networks, the lab measures and trains them. */

import { parseObjective } from '../../../analysis/objectives/objectives.js';
import type { Architecture } from '../../../architecture/architecture.js';
import { inheritedRanking } from '../../../search/inherited-ranking.js';
import type { SearchObjective } from '../../../search/objective.js';
import { type LayoutSpace, layoutSpace } from '../../../search/spaces/layout-space.js';
import { autoChoice } from '../../../search/strategies/auto.js';
import { checkedKeys, type SupernetParams } from '../../../search/strategies/supernet.js';
import { strategies } from '../../../search/strategy-table.js';
import type { EarlierResult } from '../../../search/study.js';
import { deviceId } from '../../../store/tables/device-table.js';
import { UserError } from '../../../util/errors.js';
import type { Experiment } from '../../experiment.js';
import { type DurableSearchOptions, durableSearch, type SearchOutcome } from '../../search/durable-search.js';
import { objectivesOn, TimesElsewhere, withTimesElsewhere } from '../../search/other-devices.js';
import { budgetText } from '../../search/search-budget.js';
import { openSearchLog } from '../../search/search-log.js';
import type { SearchProgress } from '../../search/search-progress.js';
import { genePrior } from '../../settings/prior-setting.js';
import type { RunContext } from '../run-context.js';
import type { SearchSummary } from '../run-event.js';
import { NetworkEvaluator } from './network-evaluator.js';
import { assertSupernet } from './supernet-scores.js';

const exactNames = ['params', 'macs', 'activation-bytes'];

export function searchObjectives({ objectives, search }: Experiment): SearchObjective[] {
  const own = objectives.map((name) => ({
    name,
    better: parseObjective(name)!.better,
    ...(exactNames.includes(name) ? { exact: true } : {}),
  }));
  return [...own, ...objectivesOn(search?.elsewhere?.devices ?? [], own)];
}

/** Everything that decides the proposals of an experiment's search. */
export function searchSettings(experiment: Experiment): DurableSearchOptions<Architecture>['settings'] {
  const { name, params, seed, space, constraints, history, elsewhere, prior } = experiment.search!;
  const plain = layoutSpace(space);
  const own = elsewhere ? withTimesElsewhere(plain, new TimesElsewhere(elsewhere.devices)) : plain;
  return {
    space: own,
    objectives: searchObjectives(experiment),
    constraints,
    strategy: strategies[name],
    params,
    seed,
    ...(prior && { prior: genePrior(prior, plain.blocks) }),
    ...(history && { earlier: history.results.map((result) => withExact(result, own)) }),
  };
}

/** An earlier result with the times elsewhere that its file lacks. */
const withExact = ({ genes, values, ...rest }: EarlierResult, space: LayoutSpace): EarlierResult => {
  const candidate = space.withGenes(genes);
  return { genes, values: { ...(candidate && space.exact(candidate)), ...values }, ...rest };
};

/** @example 'auto: predictor, a model finds the front in fewest trials; there are 40 trials' */
export function strategyText(experiment: Experiment): string {
  const { name, budget } = experiment.search!;
  if (name !== 'auto') return name;
  const { space, objectives, constraints } = searchSettings(experiment);
  const { strategy, reason } = autoChoice({
    space,
    objectives,
    constraints: constraints ?? [],
    ...(budget.trials === undefined ? {} : { budget: budget.trials }),
  });
  return `auto: ${strategy.name}, ${reason}`;
}

/** @throws InterruptedError when the run is interrupted; every answer that was reported is stored */
export async function runSearch(context: RunContext): Promise<SearchSummary> {
  const { experiment, store, options, log: runLog } = context;
  const { budget } = experiment.search!;
  assertSupernet(experiment);
  assertElsewhere(context);
  const settings = searchSettings(experiment);
  const evaluator = new NetworkEvaluator(context, settings.space as ReturnType<typeof layoutSpace>);
  const log = openSearchLog(store, experiment.id, () => new Date().toISOString());
  const workers = experiment.workers.trainings;
  options.onEvent({
    type: 'search',
    strategy: strategyText(experiment),
    budget: budgetText(budget),
    ...(budget.trials === undefined ? {} : { trials: budget.trials }),
    answered: log.earlier.filter(({ type }) => type !== 'asked').length,
    workers,
  });
  const outcome = await durableSearch<Architecture>({
    settings,
    budget,
    workers,
    log,
    signal: options.signal,
    evaluate: (_candidate, trial, signal) => evaluator.evaluate(trial, signal),
    onAsked: (trials) => evaluator.register(trials),
    onTrial: (trial) => options.onEvent({ type: 'trial', trial }),
    onAnswer(trial, progress) {
      runLog.write(
        `trial ${trial.number}: ${trial.reason ?? trial.state}; ` +
          `hypervolume ${progress.hypervolume.toFixed(4)}`,
      );
      options.onEvent({ type: 'answer', trial, ...stateOf(progress) });
    },
  }).finally(() => evaluator.close());
  await evaluator.endPaused(outcome.study.history.trials, options.signal);
  const notes = searchNotes(experiment, outcome);
  for (const note of notes) runLog.write(note);
  runLog.write(`search ended: ${outcome.end}`);
  return summaryOf(experiment, outcome, notes);
}

/** @throws UserError where a device of the setting `devices` is the one that runs */
function assertElsewhere({ experiment, probe }: RunContext): void {
  const own = deviceId(probe.deviceKey);
  if (experiment.search!.elsewhere?.devices.some(({ id }) => id === own))
    throw new UserError(
      `devices: must be other than the device that runs the search, got its own key ${own.slice(0, 6)}`,
      { fix: 'leave its database out, or choose others: devices 3fa2b1 from FILE' },
    );
}

const stateOf = ({ answered, failed, hypervolume, front, seconds }: SearchProgress<Architecture>) => ({
  answered,
  failed,
  hypervolume,
  front: front.length,
  seconds,
});

/** What the strategy found out about itself: whether a supernet's ranking is trusted. */
function searchNotes(experiment: Experiment, { study }: SearchOutcome<Architecture>): string[] {
  const { name, params } = experiment.search!;
  if (name !== 'supernet') return [];
  const objectives = searchObjectives(experiment);
  const { check } = params as unknown as SupernetParams;
  return [inheritedRanking(study.history, objectives, checkedKeys(study.history, objectives, check)).text];
}

function summaryOf(
  experiment: Experiment,
  { progress, end }: SearchOutcome<Architecture>,
  notes: readonly string[],
): SearchSummary {
  return {
    ...stateOf(progress),
    strategy: strategyText(experiment),
    end,
    networks: progress.front.map(({ candidate }) => candidate.value),
    ...(notes.length > 0 && { notes }),
  };
}
