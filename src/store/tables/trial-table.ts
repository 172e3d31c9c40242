/**
 * `trial`: one architecture × fidelity × replicate, keyed by content. Experiments that plan the same job
 * share the trial, and it runs once.
 */
import { execute, queryBuilder, type Store } from '../store.js';

export interface TrialRow {
  /** Hash of job, architecture, settings and replicate. */
  id: string;
  job: 'profile' | 'train';
  architecture_id: string;
  /** Launch (from 1) of a profile, seed of a training. */
  replicate: number;
  /** JSON of everything else that identifies it: protocol, recipe, data. */
  settings: string;
}

const db = queryBuilder<{ trial: TrialRow }>();

export function insertTrial(store: Store, row: TrialRow): void {
  execute(
    store,
    db
      .insertInto('trial')
      .values(row)
      .onConflict((conflict) => conflict.column('id').doNothing()),
  );
}
