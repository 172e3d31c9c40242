/** Whether the chance level is drawn: a line far from all scores would press them together. */
import { rangeOf } from '../../util/statistics/range-of.js';

/** Share of the scores' range by which the level may lie beyond it. */
const reach = 1;

/** @param values drawn scores, in the unit of `level` */
export function isNearScores(level: number, values: readonly number[]): boolean {
  if (values.length === 0) return false;
  const [low, high] = rangeOf(values);
  const room = reach * Math.max(high - low, Math.abs(level) / 2);
  return level >= low - room && level <= high + room;
}
