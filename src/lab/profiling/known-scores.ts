/** Scores that a database holds, by architecture id; refinement of sessions works near their front. */
import { existsSync } from 'node:fs';
import { mainScore } from '../../analysis/objectives/result-score.js';
import { openStore, readExperimentResult } from '../../store/open-store.js';
import { listExperiments } from '../../store/tables/experiment-table.js';

/**
 * Scores of the latest experiment, more is better; empty where there is no database or no score in it.
 */
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
