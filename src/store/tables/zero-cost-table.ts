/** `zero_cost`: scores of untrained networks. */
import { finite, instant, json, nullable, positive, text } from '../damage/column.js';
import { settingsForm } from '../damage/json-forms.js';
import { type SoundRow, soundRows, tableSchema } from '../damage/sound-rows.js';
import { execute, queryBuilder, type Store } from '../store.js';
import type { PlanRow } from './plan-table.js';
import type { TrialRow } from './trial-table.js';

export interface ZeroCostTable {
  architecture_id: string;
  measure: string;
  /** Canonical JSON of data, batch, seed and runtime. */
  settings: string;
  device_id: string;
  dataset_hash: string;
  /** Null without a score; `reason` explains why. */
  value: number | null;
  reason: string;
  seconds: number;
  scored_at: string;
}

export const zeroCostSchema = tableSchema('zero_cost', ['architecture_id', 'measure'], {
  architecture_id: text,
  measure: text,
  settings: json(settingsForm),
  device_id: text,
  dataset_hash: text,
  value: nullable(finite),
  reason: text,
  seconds: positive,
  scored_at: instant,
});
export type StoredZeroCost = SoundRow<typeof zeroCostSchema>;

const db = queryBuilder<{ plan: PlanRow; trial: TrialRow; zero_cost: ZeroCostTable }>();

/** The table rejects a second score of the same architecture, measure and settings. */
export function insertZeroCost(store: Store, row: ZeroCostTable): void {
  execute(store, db.insertInto('zero_cost').values(row));
}

/** Scores of an experiment's architectures, from any experiment. */
export function zeroCostScores(store: Store, experimentId: string): StoredZeroCost[] {
  return soundRows(
    store,
    db
      .selectFrom('zero_cost')
      .selectAll('zero_cost')
      .where('architecture_id', 'in', (eb) =>
        eb
          .selectFrom('plan')
          .innerJoin('trial', 'trial.id', 'plan.trial_id')
          .where('plan.experiment_id', '=', experimentId)
          .select('trial.architecture_id'),
      )
      .orderBy('scored_at'),
    zeroCostSchema,
  );
}

export function zeroCostOfArchitecture(
  store: Store,
  architectureId: string,
  settings: string,
): StoredZeroCost[] {
  return soundRows(
    store,
    db
      .selectFrom('zero_cost')
      .selectAll()
      .where('architecture_id', '=', architectureId)
      .where('settings', '=', settings),
    zeroCostSchema,
  );
}
