/**
 * A path from A to B, one change at a time, as ConvNeXt's ladder (https://arxiv.org/abs/2201.03545). A step
 * is compared with the last kept one; a change that is not kept is left out of the steps that follow.
 */
import { assertLevels, change, type Design, type Levels, withLevels } from './design.js';

/**
 * The path as far as its decisions are known.
 * @param levelCounts levels of each factor; those above 1 are tried one after another
 * @param kept decisions on the steps so far, in order; the step after the last decision is the last arm
 */
export function pathDesign(levelCounts: readonly number[], kept: readonly boolean[]): Design {
  assertLevels(levelCounts);
  const steps = levelCounts.flatMap((count, factor) =>
    Array.from({ length: count - 1 }, (_, index) => ({ factor, level: index + 1 })),
  );
  const arms: Levels[] = [levelCounts.map(() => 0)];
  const contrasts = [];
  let last = 0;
  for (const [index, step] of steps.slice(0, kept.length + 1).entries()) {
    arms.push(withLevels(arms[last]!, [step]));
    contrasts.push(change(index + 1, last, [step]));
    if (kept[index]) last = index + 1;
  }
  return { arms, contrasts };
}

/** Number of steps of the whole path. */
export const pathLength = (levelCounts: readonly number[]): number =>
  levelCounts.reduce((sum, count) => sum + count - 1, 0);
