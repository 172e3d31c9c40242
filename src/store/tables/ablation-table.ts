/** `ablation` and `ablation_arm`: frozen plans of ablations, and their arms. */
import { ablationPlanForm } from '../ablation-plan.js';
import { count, instant, json, text } from '../damage/column.js';
import { indicesForm } from '../damage/json-forms.js';
import { type SoundRow, soundRows, tableSchema } from '../damage/sound-rows.js';
import { execute, queryBuilder, type Store } from '../store.js';

export interface AblationRow {
  experiment_id: string;
  /** Name of the experiment. */
  name: string;
  plan_hash: string;
  /** JSON */
  plan: string;
  /** ISO 8601, UTC. */
  frozen_at: string;
}

export interface AblationArmRow {
  experiment_id: string;
  position: number;
  name: string;
  /** JSON array of levels. */
  levels: string;
  architecture_id: string;
  settings: string;
}

export const ablationSchema = tableSchema('ablation', ['experiment_id'], {
  experiment_id: text,
  name: text,
  plan_hash: text,
  plan: json(ablationPlanForm),
  frozen_at: instant,
});
export type StoredAblation = SoundRow<typeof ablationSchema>;

export const ablationArmSchema = tableSchema('ablation_arm', ['experiment_id', 'position'], {
  experiment_id: text,
  position: count,
  name: text,
  levels: json(indicesForm),
  architecture_id: text,
  settings: text,
});
export type StoredAblationArm = SoundRow<typeof ablationArmSchema>;

const db = queryBuilder<{ ablation: AblationRow; ablation_arm: AblationArmRow }>();

/** Does nothing if the plan is stored. */
export function insertAblation(store: Store, row: AblationRow): void {
  execute(
    store,
    db
      .insertInto('ablation')
      .values(row)
      .onConflict((conflict) => conflict.column('experiment_id').doNothing()),
  );
}

/** Does nothing if the position is taken: arms are a function of the plan and the results before them. */
export function insertAblationArm(store: Store, row: AblationArmRow): void {
  execute(
    store,
    db
      .insertInto('ablation_arm')
      .values(row)
      .onConflict((conflict) => conflict.columns(['experiment_id', 'position']).doNothing()),
  );
}

export const ablationOf = (store: Store, experimentId: string): StoredAblation | undefined =>
  soundRows(
    store,
    db.selectFrom('ablation').selectAll().where('experiment_id', '=', experimentId),
    ablationSchema,
  )[0];

/** Plans of experiments of one name, the first frozen first. */
export const ablationsNamed = (store: Store, name: string): StoredAblation[] =>
  soundRows(
    store,
    db.selectFrom('ablation').selectAll().where('name', '=', name).orderBy('frozen_at'),
    ablationSchema,
  );

/** Arms in the order in which they were planned. */
export const ablationArms = (store: Store, experimentId: string): StoredAblationArm[] =>
  soundRows(
    store,
    db.selectFrom('ablation_arm').selectAll().where('experiment_id', '=', experimentId).orderBy('position'),
    ablationArmSchema,
  );
