/** For a space without members: the fewest conditions that cannot hold together. */
import type { SpaceBase } from '../automaton/space-base.js';
import { CompiledSpace } from '../compiled-space.js';
import type { Condition } from '../conditions/condition.js';

/** Sets of conditions that are tried before the search for the smallest ends. */
const TRIES = 400;

function isEmpty(shared: SpaceBase, conditions: readonly Condition[]): boolean {
  const count = new CompiledSpace(shared, conditions).count();
  return count.exact && count.count === 0n;
}

/** Every choice of `size` of the values, in order. */
function* combinations<V>(values: readonly V[], size: number, from = 0): Generator<readonly V[]> {
  if (size === 0) yield [];
  for (let at = from; size > 0 && at <= values.length - size; at++)
    for (const rest of combinations(values, size - 1, at + 1)) yield [values[at]!, ...rest];
}

/**
 * Conditions are left out one by one as long as the rest is still contradictory, which leaves a set from
 * which none can be spared; then every smaller set is tried, so that what is given is the smallest there is,
 * unless there are more than 400 to try.
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
