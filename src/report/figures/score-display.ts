/** How a score is named and scaled where figures show it, as plain data. */
import type { Score } from '../../analysis/objectives/result-score.js';

export type ScoreDisplay = Pick<Score, 'id' | 'label' | 'short' | 'unit' | 'better' | 'scale'>;

export const scoreDisplay = ({ id, label, short, unit, better, scale }: Score): ScoreDisplay => ({
  id,
  label,
  short,
  unit,
  better,
  scale,
});
