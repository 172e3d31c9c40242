/**
 * Budgets of the whole network: the windows in which parameters and multiply-accumulates must lie, told apart
 * from other conditions.
 */
import type { CompareOp } from '../language/ast.js';
import { type Condition, type Formula, mirrored, type NumberExpr } from './conditions.js';

/** Both ends included, integers (or infinite). */
export interface Window {
  readonly low: number;
  readonly high: number;
}
/** The additive measures: what a dynamic program can sum. Memory is a maximum and needs none. */
export const additive = ['params', 'macs'] as const;
export type Additive = (typeof additive)[number];
export type Windows = Readonly<Record<Additive, Window>>;

export const anything: Window = { low: -Infinity, high: Infinity };
/** Whether a window leaves anything out. */
export const limits = ({ low, high }: Window): boolean => low !== -Infinity || high !== Infinity;
const everywhere: Windows = { params: anything, macs: anything };

/** The value of an expression without features; undefined where it has some. */
function constantOf(expr: NumberExpr): number | undefined {
  if (expr.kind === 'constant') return expr.value;
  if (expr.kind !== 'arithmetic') return undefined;
  const [left, right] = [constantOf(expr.left), constantOf(expr.right)];
  if (left === undefined || right === undefined) return undefined;
  return expr.op === '+'
    ? left + right
    : expr.op === '-'
      ? left - right
      : expr.op === '*'
        ? left * right
        : left / right;
}

function windowOf(op: CompareOp, value: number): Window | undefined {
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

const meet = (a: Window, b: Window): Window => ({
  low: Math.max(a.low, b.low),
  high: Math.min(a.high, b.high),
});

/** The windows that a formula is equal to; undefined where it says anything else. */
export function windowsOf(formula: Formula): Windows | undefined {
  if (formula.kind === 'and') {
    let all = everywhere;
    for (const item of formula.items) {
      const windows = windowsOf(item);
      if (!windows) return undefined;
      all = meetWindows(all, windows);
    }
    return all;
  }
  if (formula.kind !== 'atom' || formula.atom.kind !== 'compare') return undefined;
  const { left, right, op } = formula.atom;
  const [expr, value, sign] =
    left.kind === 'feature'
      ? [left, constantOf(right), op]
      : right.kind === 'feature'
        ? [right, constantOf(left), mirrored[op]]
        : [undefined, undefined, op];
  if (
    !expr ||
    value === undefined ||
    expr.feature.kind !== 'cost' ||
    expr.feature.stages !== undefined ||
    expr.feature.measure === 'memory'
  )
    return undefined;
  const window = windowOf(sign, value);
  return window && { ...everywhere, [expr.feature.measure]: window };
}

export const meetWindows = (a: Windows, b: Windows): Windows => ({
  params: meet(a.params, b.params),
  macs: meet(a.macs, b.macs),
});

/**
 * Splits conditions into the windows they set together and the rest. `windows` is undefined where no budget
 * is set.
 */
export function splitBudgets(conditions: readonly Condition[]): {
  readonly windows: Windows | undefined;
  readonly budgets: readonly Condition[];
  readonly rest: readonly Condition[];
} {
  let windows: Windows | undefined;
  const budgets: Condition[] = [];
  const rest: Condition[] = [];
  for (const condition of conditions) {
    const found = windowsOf(condition.formula);
    if (found) {
      windows = meetWindows(windows ?? everywhere, found);
      budgets.push(condition);
    } else rest.push(condition);
  }
  return { windows, budgets, rest };
}

export const contains = (windows: Windows, params: number, macs: number): boolean =>
  params >= windows.params.low &&
  params <= windows.params.high &&
  macs >= windows.macs.low &&
  macs <= windows.macs.high;
