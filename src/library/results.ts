/** Reading stored results. */

import type { ExperimentResult } from '../store/experiment-result.js';
import { openStore, readExperimentResult } from '../store/open-store.js';
import { listExperiments } from '../store/tables/experiment-table.js';

/** An experiment that a database holds. */
export interface StoredExperimentName {
  readonly id: string;
  readonly name: string;
  /** ISO 8601. */
  readonly createdAt: string;
}

/**
 * The experiments of a database, the latest first. A run may be writing to it.
 * @throws UserError where the file is no stagecraft database
 */
export function experimentsIn(database: string): StoredExperimentName[] {
  const store = openStore(database, { readonly: true });
  try {
    return listExperiments(store).map((row) => ({ id: row.id, name: row.name, createdAt: row.created_at }));
  } finally {
    store.close();
  }
}

/**
 * The result of an experiment: `candidates` are its networks with `profiles`, `scores` and `failures`; a
 * trial is one of these entries. Numbers of one device key alone, so that they may be compared.
 * @param experiment id; default the latest
 * @param device id of a device key; default the one with the most results
 * @throws UserError where the database or the experiment is not there, with the ids that are
 * @example readResults('reports/quickstart/results.sqlite').candidates.map(({ layout, top1 }) => …)
 */
export function readResults(
  database: string,
  { experiment, device }: { readonly experiment?: string; readonly device?: string } = {},
): ExperimentResult {
  const store = openStore(database, { readonly: true });
  try {
    return readExperimentResult(store, experiment, device);
  } finally {
    store.close();
  }
}
