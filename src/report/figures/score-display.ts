/** Name, unit, direction and scale of a score for display, as plain data. */

import type { Score } from '../../analysis/objectives/result-score.js';
import { chanceLevel } from '../../analysis/summary/chance-level.js';
import type { ExperimentResult } from '../../store/experiment-result.js';

export interface ScoreDisplay extends Pick<Score, 'id' | 'label' | 'short' | 'unit' | 'better' | 'scale'> {
  /** What a network that ignores its input reaches, as stored; absent where the score has no such level. */
  readonly chance?: number;
}

export function scoreDisplay(
  score: Score,
  { candidates }: Pick<ExperimentResult, 'candidates'>,
): ScoreDisplay {
  const { id, label, short, unit, better, scale } = score;
  const chance = chanceLevel(
    score,
    candidates.find((candidate) => candidate.scores.length > 0),
  );
  return { id, label, short, unit, better, scale, ...(chance === undefined ? {} : { chance }) };
}
