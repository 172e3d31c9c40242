/** `zero_cost`: scores of untrained networks. */
import { execute, queryBuilder, rows, type Store } from '../store.js';
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

const db = queryBuilder<{ plan: PlanRow; trial: TrialRow; zero_cost: ZeroCostTable }>();

/** The table rejects a second score of the same architecture, measure and settings. */
export function insertZeroCost(store: Store, row: ZeroCostTable): void {
  execute(store, db.insertInto('zero_cost').values(row));
}

/** Scores of an experiment's architectures, from any experiment. */
export function zeroCostScores(store: Store, experimentId: string): ZeroCostTable[] {
  return rows(
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
  );
}

export function zeroCostOfArchitecture(
  store: Store,
  architectureId: string,
  settings: string,
): ZeroCostTable[] {
  return rows(
    store,
    db
      .selectFrom('zero_cost')
      .selectAll()
      .where('architecture_id', '=', architectureId)
      .where('settings', '=', settings),
  );
}
