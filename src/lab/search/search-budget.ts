/** What ends a search: trials, hours of evaluation, or a hypervolume that no longer rises. */
export interface SearchBudget {
  readonly trials?: number;
  /**
   * Seconds of evaluation over the number of workers: about the time on the clock, and the same when resumed.
   */
  readonly hours?: number;
  readonly steady?: SteadyRule;
}

export interface SteadyRule {
  /** Answers in a row. */
  readonly trials: number;
  /** Rise of the hypervolume that counts, as a fraction of it. */
  readonly rise: number;
}

export interface BudgetState {
  readonly answered: number;
  /** Of all evaluations. */
  readonly seconds: number;
  /** Answers since the hypervolume last rose. */
  readonly sinceRise: number;
}

/** Why nothing more is asked; undefined while budget is left. Trials are counted by the study. */
export function budgetEnd(
  { hours, steady }: SearchBudget,
  workers: number,
  { answered, seconds, sinceRise }: BudgetState,
): string | undefined {
  if (hours !== undefined && seconds / workers >= hours * 3600)
    return `${hours} ${hours === 1 ? 'hour' : 'hours'} of evaluation are spent`;
  if (steady && answered >= steady.trials && sinceRise >= steady.trials)
    return `the hypervolume has not risen by ${100 * steady.rise} % in ${steady.trials} trials`;
  return undefined;
}

/** @example '200 trials, 3 hours, or until 30 trials raise the hypervolume by less than 0.1 %' */
export function budgetText({ trials, hours, steady }: SearchBudget): string {
  return [
    trials === undefined ? '' : `${trials} ${trials === 1 ? 'trial' : 'trials'}`,
    hours === undefined ? '' : `${hours} ${hours === 1 ? 'hour' : 'hours'}`,
    steady ? `until ${steady.trials} trials raise the hypervolume by less than ${100 * steady.rise} %` : '',
  ]
    .filter(Boolean)
    .join(' or ');
}
