/** How a score is named and scaled where figures show it, as plain data. */
import type { Score } from '../../analysis/score.js';

export type ScoreLook = Pick<Score, 'id' | 'label' | 'short' | 'unit' | 'better' | 'scale'>;

export const scoreLook = ({ id, label, short, unit, better, scale }: Score): ScoreLook => ({
  id,
  label,
  short,
  unit,
  better,
  scale,
});
