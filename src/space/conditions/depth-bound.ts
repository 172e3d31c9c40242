/** Bounds on the depth of a stage that conditions imply. */
import type { CompareOp } from '../../language/ast.js';
import { type Condition, type Formula, type NumberExpr, type Predicate, swappedOp } from './condition.js';

interface Bounded {
  readonly expr: NumberExpr;
  readonly op: CompareOp;
  readonly bound: number;
}

/** A comparison as `expr op constant`; undefined where neither side is a constant. */
function boundedBy({ left, right, op }: Predicate & { kind: 'compare' }): Bounded | undefined {
  if (right.kind === 'constant') return { expr: left, op, bound: right.value };
  if (left.kind === 'constant') return { expr: right, op: swappedOp[op], bound: left.value };
  return undefined;
}

/** The upper bound that one comparison sets on the depth of a stage; Infinity where it sets none. */
function boundOf(predicate: Predicate, stage: number): number {
  const bounded = predicate.kind === 'compare' ? boundedBy(predicate) : undefined;
  if (bounded?.expr.kind !== 'feature') return Infinity;
  const { feature } = bounded.expr;
  if (feature.kind !== 'count' || feature.letter !== undefined) return Infinity;
  if (stage < feature.stages.from || stage > feature.stages.to) return Infinity;
  if (bounded.op === '<=' || bounded.op === '==') return Math.floor(bounded.bound);
  return bounded.op === '<' ? Math.ceil(bounded.bound) - 1 : Infinity;
}

/** The most blocks that the conditions allow a stage; Infinity where they set no bound. */
export function depthBound(conditions: readonly Condition[], stage: number): number {
  const visit = (formula: Formula): number => {
    if (formula.kind === 'and') return Math.min(Infinity, ...formula.items.map(visit));
    return formula.kind === 'predicate' ? boundOf(formula.predicate, stage) : Infinity;
  };
  return Math.min(Infinity, ...conditions.map(({ formula }) => visit(formula)));
}
