/** For a space without members: the smallest set of conditions that contradict each other. */
import type { SpaceBase } from '../automaton/space-base.js';
import type { WorkBudget } from '../automaton/work-budget.js';
import { CompiledSpace } from '../compiled-space.js';
import type { Condition } from '../conditions/condition.js';
import { TooLargeError } from '../model/too-large-error.js';

/** Sets of conditions tried before the search for a smaller one ends. */
const TRIES = 400;

/** All subsets of `size` values, in order. */
function* combinations<V>(values: readonly V[], size: number, from = 0): Generator<readonly V[]> {
  if (size === 0) yield [];
  for (let at = from; size > 0 && at <= values.length - size; at++)
    for (const rest of combinations(values, size - 1, at + 1)) yield [values[at]!, ...rest];
}

export interface Conflict {
  readonly conditions: readonly Condition[];
  /** No smaller set is known to contradict itself, but the work did not suffice to try them all. */
  readonly unfinished: boolean;
}

/**
 * Removes conditions while the rest still contradict each other: half of them, a quarter, and in the end one
 * by one, which gives a minimal set. Then tries all smaller sets, so that the result has the least size,
 * unless there are more than 400 to try, or they are too much work.
 * @param conditions contradict each other
 * @param work of all tries; when it is used up, further sets count as without contradiction
 */
export function smallestConflict(
  shared: SpaceBase,
  conditions: readonly Condition[],
  work: WorkBudget,
): Conflict {
  const indexOf = new Map(conditions.map((condition, index) => [condition, index]));
  const known = new Map<string, boolean>([[conditions.map((_, index) => index).join(), true]]);
  const isEmpty = (some: readonly Condition[]): boolean => {
    const key = some.map((condition) => indexOf.get(condition)).join();
    let empty = known.get(key);
    if (empty === undefined) {
      empty = contradict(shared, some, work);
      known.set(key, empty);
    }
    return empty;
  };
  let left = conditions;
  for (let size = Math.max(1, Math.floor(conditions.length / 2)); size > 0; size = Math.floor(size / 2)) {
    for (let at = 0; at < conditions.length; at += size) {
      if (work.left === 0) return { conditions: left, unfinished: true };
      const removed = new Set(conditions.slice(at, at + size));
      const without = left.filter((other) => !removed.has(other));
      if (without.length < left.length && without.length > 0 && isEmpty(without)) left = without;
    }
  }
  let tries = 0;
  for (let size = 1; size < left.length; size++) {
    for (const some of combinations(conditions, size)) {
      if (++tries > TRIES || work.left === 0) return { conditions: left, unfinished: true };
      if (isEmpty(some)) return { conditions: some, unfinished: work.left === 0 };
    }
  }
  return { conditions: left, unfinished: work.left === 0 };
}

/** Whether the conditions are known to contradict each other. */
function contradict(shared: SpaceBase, conditions: readonly Condition[], work: WorkBudget): boolean {
  if (work.left === 0) return false;
  try {
    return new CompiledSpace(shared, conditions, work).isKnownEmpty(work);
  } catch (error) {
    if (error instanceof TooLargeError) return false;
    throw error;
  }
}
