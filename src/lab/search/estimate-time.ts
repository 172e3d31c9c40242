/**
 * What a search will take, from what the database has measured: its own answers, else trainings of equal
 * settings.
 */

import { profileSeconds } from '../../store/read-evaluation.js';
import type { Store } from '../../store/store.js';
import { searchEvents } from '../../store/tables/search-event-table.js';
import { trainingSeconds } from '../../store/tables/training-table.js';
import { median } from '../../util/statistics/order-statistics.js';
import type { Experiment } from '../experiment.js';
import { profileSettings, trainingSettings } from '../plan.js';

export interface TimeEstimate {
  /** Of one evaluation, median. */
  readonly trialSeconds: number;
  /** Of what is left of the budget; undefined where it is not in trials. */
  readonly leftSeconds?: number;
  /** Where the numbers come from. */
  readonly from: string;
  readonly answered: number;
}

/** @returns undefined where the database has measured nothing like it */
export function estimateTime(store: Store, experiment: Experiment): TimeEstimate | undefined {
  const { search, workers } = experiment;
  const events = searchEvents(store, experiment.id);
  const answers = events.filter(({ type }) => type !== 'asked');
  const told = answers.filter(({ type, seconds }) => type === 'told' && seconds > 0);
  const measured =
    told.length > 0
      ? {
          trialSeconds: median(told.map(({ seconds }) => seconds)),
          from: `${told.length} answers of this search`,
        }
      : fromJobs(store, experiment);
  if (!measured) return undefined;
  const { trials } = search!.budget;
  const left =
    trials === undefined
      ? undefined
      : (Math.max(0, trials - answers.length) * measured.trialSeconds) / workers.trainings;
  return { ...measured, answered: answers.length, ...(left === undefined ? {} : { leftSeconds: left }) };
}

function fromJobs(
  store: Store,
  experiment: Experiment,
): Pick<TimeEstimate, 'trialSeconds' | 'from'> | undefined {
  const { profile, train } = experiment;
  const trainings = train ? trainingSeconds(store, trainingSettings(experiment)) : [];
  const profiles = profile ? profileSeconds(store, profileSettings(experiment)) : [];
  if ((train && trainings.length === 0) || (profile && profiles.length === 0)) return undefined;
  const parts = [
    train ? median(trainings) * train.seeds.length : 0,
    profile ? median(profiles) * profile.launches : 0,
  ];
  const sources = [
    train ? `${trainings.length} trainings` : '',
    profile ? `${profiles.length} profiles` : '',
  ].filter(Boolean);
  return {
    trialSeconds: parts[0]! + parts[1]!,
    from: `${sources.join(' and ')} of equal settings in the database`,
  };
}
