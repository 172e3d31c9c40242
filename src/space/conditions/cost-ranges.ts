/** Budgets of the whole network: the ranges in which conditions keep parameters and multiply-accumulates. */
import type { CompareOp } from '../../language/ast.js';
import { evaluateArithmetic } from '../../language/numbers.js';
import { type Condition, type Feature, type Formula, type NumberExpr, swappedOp } from './condition.js';

/** Integers or infinite, both ends included. */
export interface CostRange {
  readonly low: number;
  readonly high: number;
}
/** Measures that add up over parts, so that a dynamic program can sum them. Memory is a maximum. */
export const additiveMeasures = ['params', 'macs'] as const;
export type AdditiveMeasure = (typeof additiveMeasures)[number];
export type CostRanges = Readonly<Record<AdditiveMeasure, CostRange>>;

const unbounded: CostRange = { low: -Infinity, high: Infinity };
/** Whether a range excludes any cost. */
export const isBounded = ({ low, high }: CostRange): boolean => low !== -Infinity || high !== Infinity;
const unboundedRanges: CostRanges = { params: unbounded, macs: unbounded };

/** The value of an expression without features; undefined where it has some. */
function constantOf(expr: NumberExpr): number | undefined {
  if (expr.kind === 'constant') return expr.value;
  if (expr.kind !== 'arithmetic') return undefined;
  const [left, right] = [constantOf(expr.left), constantOf(expr.right)];
  return left === undefined || right === undefined ? undefined : evaluateArithmetic(left, expr.op, right);
}

function rangeOf(op: CompareOp, value: number): CostRange | undefined {
  switch (op) {
    case '<=':
      return { low: -Infinity, high: Math.floor(value) };
    case '<':
      return { low: -Infinity, high: Math.ceil(value) - 1 };
    case '>=':
      return { low: Math.ceil(value), high: Infinity };
    case '>':
      return { low: Math.floor(value) + 1, high: Infinity };
    case '==':
      return Number.isInteger(value) ? { low: value, high: value } : { low: 1, high: 0 };
    case '!=':
      return undefined;
    default:
      return op satisfies never;
  }
}

const intersect = (a: CostRange, b: CostRange): CostRange => ({
  low: Math.max(a.low, b.low),
  high: Math.min(a.high, b.high),
});

interface FeatureBound {
  readonly feature: Feature;
  readonly op: CompareOp;
  readonly bound: number;
}

/** A comparison as `feature op constant`; undefined where it has another form. */
function featureBound(left: NumberExpr, op: CompareOp, right: NumberExpr): FeatureBound | undefined {
  if (left.kind !== 'feature')
    return right.kind === 'feature' ? featureBound(right, swappedOp[op], left) : undefined;
  const bound = constantOf(right);
  return bound === undefined ? undefined : { feature: left.feature, op, bound };
}

/** The ranges that a formula is equivalent to; undefined where it is no budget. */
function rangesOf(formula: Formula): CostRanges | undefined {
  if (formula.kind === 'and') {
    let all = unboundedRanges;
    for (const item of formula.items) {
      const ranges = rangesOf(item);
      if (!ranges) return undefined;
      all = intersectRanges(all, ranges);
    }
    return all;
  }
  if (formula.kind !== 'predicate' || formula.predicate.kind !== 'compare') return undefined;
  const { left, right, op } = formula.predicate;
  const found = featureBound(left, op, right);
  if (found?.feature.kind !== 'cost') return undefined;
  const { stages, measure } = found.feature;
  if (stages !== undefined || measure === 'memory') return undefined;
  const range = rangeOf(found.op, found.bound);
  return range && { ...unboundedRanges, [measure]: range };
}

const intersectRanges = (a: CostRanges, b: CostRanges): CostRanges => ({
  params: intersect(a.params, b.params),
  macs: intersect(a.macs, b.macs),
});

/** Splits conditions into budgets, with the ranges that they set together, and the rest. */
export function splitBudgets(conditions: readonly Condition[]): {
  /** Undefined where there is no budget. */
  readonly ranges: CostRanges | undefined;
  readonly budgets: readonly Condition[];
  readonly rest: readonly Condition[];
} {
  let ranges: CostRanges | undefined;
  const budgets: Condition[] = [];
  const rest: Condition[] = [];
  for (const condition of conditions) {
    const found = rangesOf(condition.formula);
    if (found) {
      ranges = intersectRanges(ranges ?? unboundedRanges, found);
      budgets.push(condition);
    } else rest.push(condition);
  }
  return { ranges, budgets, rest };
}
