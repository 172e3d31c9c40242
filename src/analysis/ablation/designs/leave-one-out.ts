/**
 * Leave one out: all changes together, and all but one. The effect of a change is what is lost without it,
 * beside all others.
 */
import { assertLevels, change, type Design } from './design.js';

/** @param levelCounts 2 for each factor @throws RangeError for a factor of more levels */
export function leaveOneOut(levelCounts: readonly number[]): Design {
  assertLevels(levelCounts);
  const wrong = levelCounts.find((count) => count !== 2);
  if (wrong !== undefined) throw new RangeError(`leave-one-out: a factor must have 2 levels, got ${wrong}`);
  const full = levelCounts.map(() => 1);
  const terms = levelCounts.map((_, factor) => ({ factor, level: 1 }));
  if (levelCounts.length === 1) return { arms: [[0], [1]], contrasts: [change(1, 0, terms)] };
  return {
    arms: [
      levelCounts.map(() => 0),
      full,
      ...terms.map(({ factor }) => full.map((one, index) => (index === factor ? 0 : one))),
    ],
    contrasts: [...terms.map((term, index) => change(1, index + 2, [term])), change(1, 0, terms)],
  };
}
