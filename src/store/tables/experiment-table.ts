/** `experiment`: resolved experiments, one row per distinct content. */
import { decimal, instant, json, text, withFallback } from '../damage/column.js';
import { namesForm, settingsForm } from '../damage/json-forms.js';
import { type SoundRow, soundRows, tableSchema } from '../damage/sound-rows.js';
import { execute, queryBuilder, type Store } from '../store.js';
import type { SessionTable } from './session-table.js';

export interface ExperimentRow {
  /** Hash of the resolved settings. */
  id: string;
  name: string;
  /** The experiment file as written. */
  text: string;
  space_text: string;
  /** Decimal; may pass 2^53. */
  space_count: string;
  dataset_name: string;
  /** JSON */
  protocol: string;
  /** JSON */
  recipe: string;
  /** JSON array of names. */
  objectives: string;
  /** ISO 8601, UTC. */
  created_at: string;
}

export const experimentSchema = tableSchema('experiment', ['id'], {
  id: text,
  name: text,
  text,
  space_text: text,
  space_count: decimal,
  dataset_name: text,
  protocol: withFallback(json(settingsForm), {}),
  recipe: withFallback(json(settingsForm), {}),
  objectives: withFallback(json(namesForm), []),
  created_at: withFallback(instant, ''),
});
export type StoredExperiment = SoundRow<typeof experimentSchema>;

const db = queryBuilder<{ experiment: ExperimentRow; session: SessionTable }>();

/** Does nothing if the id exists. */
export function insertExperiment(store: Store, row: ExperimentRow): void {
  execute(
    store,
    db
      .insertInto('experiment')
      .values(row)
      .onConflict((conflict) => conflict.column('id').doNothing()),
  );
}

/** Newest session first; experiments that never ran a session last. */
export function listExperiments(store: Store): StoredExperiment[] {
  return soundRows(
    store,
    db
      .selectFrom('experiment')
      .leftJoin('session', 'session.experiment_id', 'experiment.id')
      .selectAll('experiment')
      .groupBy('experiment.id')
      .orderBy((eb) => eb.fn.max('session.id'), 'desc'),
    experimentSchema,
  );
}

export function findExperiment(store: Store, id: string): StoredExperiment | undefined {
  const query = db.selectFrom('experiment').selectAll().where('id', '=', id);
  return soundRows(store, query, experimentSchema)[0];
}
