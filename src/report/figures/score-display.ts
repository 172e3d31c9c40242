/** Name, unit, direction and scale of a score for display, as plain data. */
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
