/** `plan`: the trials of each experiment, in order. */
import { count, text } from '../damage/column.js';
import { soundRows, tableSchema } from '../damage/sound-rows.js';
import { execute, queryBuilder, type Store } from '../store.js';
import { type StoredTrial, type TrialRow, trialSchema } from './trial-table.js';

export interface PlanRow {
  experiment_id: string;
  trial_id: string;
  position: number;
}

export const planSchema = tableSchema('plan', ['experiment_id', 'trial_id'], {
  experiment_id: text,
  trial_id: text,
  position: count,
});

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
export function plannedTrials(store: Store, experimentId: string): StoredTrial[] {
  return soundRows(
    store,
    db
      .selectFrom('plan')
      .innerJoin('trial', 'trial.id', 'plan.trial_id')
      .where('plan.experiment_id', '=', experimentId)
      .selectAll('trial')
      .orderBy('plan.position'),
    trialSchema,
  );
}
