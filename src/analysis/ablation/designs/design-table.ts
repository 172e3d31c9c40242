/** The designs by name, as a plan states them. */
import type { AblationPlan } from '../../../store/ablation-plan.js';
import type { Design } from './design.js';
import { fractionalFactorial } from './fractional-factorial.js';
import { fullFactorial } from './full-factorial.js';
import { leaveOneOut } from './leave-one-out.js';
import { oneAtATime } from './one-at-a-time.js';
import { pathDesign, pathLength } from './path.js';

type DesignCall = AblationPlan['design'];

/** The decisions of a path so far; a path that keeps every change has no decision to wait for. */
const decisionsOf = ({ keep }: DesignCall, levelCounts: readonly number[], kept: readonly boolean[]) =>
  keep === 'all' ? Array.from({ length: pathLength(levelCounts) }, () => true) : kept;

/**
 * @param kept decisions of a path so far; other designs need none
 * @throws RangeError for a design that these factors do not allow
 */
export function designFor(
  design: DesignCall,
  levelCounts: readonly number[],
  kept: readonly boolean[] = [],
): Design {
  switch (design.kind) {
    case 'one-at-a-time':
      return oneAtATime(levelCounts);
    case 'leave-one-out':
      return leaveOneOut(levelCounts);
    case 'full-factorial':
      return fullFactorial(levelCounts);
    case 'fractional-factorial':
      return fractionalFactorial(levelCounts, design.halvings ?? 1);
    case 'path':
      return pathDesign(levelCounts, decisionsOf(design, levelCounts, kept));
    default:
      return design.kind satisfies never;
  }
}

/** Comparisons that share the level of the rule: those of the whole path, also before its end. */
export const comparisonsOf = (
  { kind }: DesignCall,
  levelCounts: readonly number[],
  { contrasts }: Design,
): number => (kind === 'path' ? pathLength(levelCounts) : contrasts.length);
