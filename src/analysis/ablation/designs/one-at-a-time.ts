/** One factor at a time: the baseline, and each other level of each factor alone. */
import { assertLevels, change, type Design, type Levels } from './design.js';

/** @param levelCounts levels of each factor, the baseline's included */
export function oneAtATime(levelCounts: readonly number[]): Design {
  assertLevels(levelCounts);
  const baseline: Levels = levelCounts.map(() => 0);
  const terms = levelCounts.flatMap((count, factor) =>
    Array.from({ length: count - 1 }, (_, index) => ({ factor, level: index + 1 })),
  );
  return {
    arms: [
      baseline,
      ...terms.map(({ factor, level }) => baseline.map((zero, index) => (index === factor ? level : zero))),
    ],
    contrasts: terms.map((term, index) => change(index + 1, 0, [term])),
  };
}
