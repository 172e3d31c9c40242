/** Top-1 by architecture id where a database knows some, so that timing can work near the front. */
import { existsSync } from 'node:fs';
import { openStore, readExperimentResult } from '../store/open.js';
import { listExperiments } from '../store/tables/experiment.js';

/** Of the latest experiment; empty where there is no database or no score in it. */
export function knownScores(database: string | undefined): Map<string, number> {
  if (database === undefined || !existsSync(database)) return new Map();
  const store = openStore(database, { readonly: true });
  try {
    if (listExperiments(store).length === 0) return new Map();
    return new Map(readExperimentResult(store).candidates.flatMap(({ architectureId, top1 }) => (top1 ? [[architectureId, top1.value] as const] : [])));
  } finally {
    store.close();
  }
}
