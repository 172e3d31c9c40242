/** `plan`: the trials of each experiment, in order. */
import { count, text } from '../damage/column.js';
import { soundRows, tableSchema } from '../damage/sound-rows.js';
import { execute, firstRow, queryBuilder, rows, type Store } from '../store.js';
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

/** Does nothing if the row exists: a trial is planned once. @returns whether it was added */
export function insertPlanRow(store: Store, row: PlanRow): boolean {
  const { changes } = execute(
    store,
    db
      .insertInto('plan')
      .values(row)
      .onConflict((conflict) => conflict.columns(['experiment_id', 'trial_id']).doNothing()),
  );
  return changes > 0;
}

/** Trials that an experiment plans so far: the position of the next. */
export function planLength(store: Store, experimentId: string): number {
  const query = db
    .selectFrom('plan')
    .select((eb) => eb.fn.max('position').as('last'))
    .where('experiment_id', '=', experimentId);
  const last = firstRow(store, query)?.last as number | null | undefined;
  return last === null || last === undefined ? 0 : last + 1;
}

/** Ids of the trials of an experiment, whose positions are 0 to their number less 1. */
export const plannedTrialIds = (store: Store, experimentId: string): string[] =>
  rows<{ trial_id: string }>(
    store,
    db.selectFrom('plan').select('trial_id').where('experiment_id', '=', experimentId),
  ).map(({ trial_id }) => trial_id);

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
