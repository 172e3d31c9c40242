/** `plan`: the trials of each experiment, in order. */
import { execute, queryBuilder, rows, type Store } from '../store.js';
import type { TrialRow } from './trial-table.js';

export interface PlanRow {
  experiment_id: string;
  trial_id: string;
  position: number;
}

const db = queryBuilder<{ plan: PlanRow; trial: TrialRow }>();

/** Does nothing if the row exists: a plan is a function of the experiment. */
export function insertPlanRow(store: Store, row: PlanRow): void {
  execute(
    store,
    db
      .insertInto('plan')
      .values(row)
      .onConflict((conflict) => conflict.columns(['experiment_id', 'trial_id']).doNothing()),
  );
}

/** Trials of an experiment, in plan order. */
export function plannedTrials(store: Store, experimentId: string): TrialRow[] {
  return rows(
    store,
    db
      .selectFrom('plan')
      .innerJoin('trial', 'trial.id', 'plan.trial_id')
      .where('plan.experiment_id', '=', experimentId)
      .selectAll('trial')
      .orderBy('plan.position'),
  );
}
