/**
 * Scores by architecture id, so turned that more is better, where a database knows some, so that timing can
 * work near the front.
 */
import { existsSync } from 'node:fs';
import { mainScore } from '../analysis/objectives/result-score.js';
import { openStore, readExperimentResult } from '../store/open-store.js';
import { listExperiments } from '../store/tables/experiment-table.js';

/** Of the latest experiment; empty where there is no database or no score in it. */
export function knownScores(database: string | undefined): Map<string, number> {
  if (database === undefined || !existsSync(database)) return new Map();
  const store = openStore(database, { readonly: true });
  try {
    if (listExperiments(store).length === 0) return new Map();
    const result = readExperimentResult(store);
    const score = mainScore(result);
    return new Map(
      result.candidates.flatMap((candidate) => {
        const at = score.read(candidate);
        return at ? [[candidate.architectureId, score.merit(at.value)] as const] : [];
      }),
    );
  } finally {
    store.close();
  }
}
