/** For a space without members: the smallest set of conditions that contradict each other. */
import type { SpaceBase } from '../automaton/space-base.js';
import { CompiledSpace } from '../compiled-space.js';
import type { Condition } from '../conditions/condition.js';

/** Sets of conditions tried before the search for a smaller one ends. */
const TRIES = 400;

const isEmpty = (shared: SpaceBase, conditions: readonly Condition[]): boolean =>
  new CompiledSpace(shared, conditions).isEmpty;

/** All subsets of `size` values, in order. */
function* combinations<V>(values: readonly V[], size: number, from = 0): Generator<readonly V[]> {
  if (size === 0) yield [];
  for (let at = from; size > 0 && at <= values.length - size; at++)
    for (const rest of combinations(values, size - 1, at + 1)) yield [values[at]!, ...rest];
}

/**
 * Removes conditions one by one while the rest still contradict each other, which gives a minimal set. Then
 * tries all smaller sets, so that the result has the least size, unless there are more than 400 to try.
 */
export function smallestConflict(shared: SpaceBase, conditions: readonly Condition[]): readonly Condition[] {
  let left = conditions;
  for (const condition of conditions) {
    const without = left.filter((other) => other !== condition);
    if (isEmpty(shared, without)) left = without;
  }
  let tries = 0;
  for (let size = 1; size < left.length; size++) {
    for (const some of combinations(conditions, size)) {
      if (++tries > TRIES) return left;
      if (isEmpty(shared, some)) return some;
    }
  }
  return left;
}
