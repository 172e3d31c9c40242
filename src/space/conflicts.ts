/** For a space without members: the fewest conditions that cannot hold together. */
import { CompiledSpace, type Shared } from './compiled-space.js';
import type { Condition } from './conditions.js';

function isEmpty(shared: Shared, conditions: readonly Condition[]): boolean {
  const count = new CompiledSpace(shared, conditions).count();
  return count.exact && count.count === 0n;
}

/**
 * Singles and pairs are tried in turn, so that a set of one or two is the smallest there is; beyond that conditions are left out one
 * by one as long as the rest is still contradictory, which leaves a set from which none can be spared.
 */
export function smallestConflict(shared: Shared, conditions: readonly Condition[]): readonly Condition[] {
  const single = conditions.find((condition) => isEmpty(shared, [condition]));
  if (single) return [single];
  if (conditions.length <= 12) {
    for (const [index, first] of conditions.entries()) {
      for (const second of conditions.slice(index + 1)) if (isEmpty(shared, [first, second])) return [first, second];
    }
  }
  let left = conditions;
  for (const condition of conditions) {
    const without = left.filter((other) => other !== condition);
    if (isEmpty(shared, without)) left = without;
  }
  return left;
}
