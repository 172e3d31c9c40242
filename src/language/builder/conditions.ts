/** Conditions of the builder: the expressions of `where` statements. */
import type { CompareOp, Expr } from '../ast.js';
import { noSpan } from '../source-span.js';
import { exprOf, minus, over, plus, times, type ValueExpr } from './values.js';

export interface ConditionExpr {
  readonly condition: Expr;
}
/** A number, a feature of a network, or arithmetic on both. */
export type NumberOf = number | ValueExpr<number>;
/** One stage, or the first and last of several; default all. */
export type Stages = number | readonly [from: number, to: number];

const of = (condition: Expr): ConditionExpr => ({ condition });
const number = (value: NumberOf): Expr => exprOf(value);
const name = (text: string): Expr => ({ kind: 'name', name: text, span: noSpan });
const letters = (text: string): Expr => ({ kind: 'letters', letters: text, span: noSpan });
const range = (low: NumberOf, high: NumberOf): Expr => ({
  kind: 'range',
  from: number(low),
  to: number(high),
  step: undefined,
  span: noSpan,
});
const stagesOf = (stages: Stages): Expr =>
  typeof stages === 'number' ? number(stages) : range(stages[0], stages[1]);
const call = (called: string, args: readonly Expr[]): Expr =>
  args.length === 0 ? name(called) : { kind: 'call', name: called, args, span: noSpan };
const given = (stages: Stages | undefined): Expr[] => (stages === undefined ? [] : [stagesOf(stages)]);

// Numbers of a network
// -------------------------------------------------------------------------------------------------
export const params = (stages?: Stages): ValueExpr<number> => ({ expr: call('params', given(stages)) });
export const macs = (stages?: Stages): ValueExpr<number> => ({ expr: call('macs', given(stages)) });
/** Bytes; highest live activations. */
export const memory = (stages?: Stages): ValueExpr<number> => ({ expr: call('memory', given(stages)) });
export const depth = (stages?: Stages): ValueExpr<number> => ({ expr: call('depth', given(stages)) });
export const count = (letter: string, stages?: Stages): ValueExpr<number> => ({
  expr: call('count', [letters(letter), ...given(stages)]),
});
export const share = (letter: string, stages?: Stages): ValueExpr<number> => ({
  expr: call('share', [letters(letter), ...given(stages)]),
});
/**
 * The depth at which a letter begins: 1 + the blocks before its first; depth + 1 where it does not occur.
 * @example atLeast(first('T'), 5)
 */
export const first = (letter: string, stages?: Stages): ValueExpr<number> => ({
  expr: call('first', [letters(letter), ...given(stages)]),
});
/** Blocks before the first of a letter over all blocks: 0 at once, 1 never. */
export const onset = (letter: string, stages?: Stages): ValueExpr<number> => ({
  expr: call('onset', [letters(letter), ...given(stages)]),
});
export const width = (stage: number): ValueExpr<number> => ({ expr: call('width', [number(stage)]) });
export const asymmetry: ValueExpr<number> = { expr: name('asymmetry') };
/**
 * The cost of the member with these layouts, beside `params`, `macs` or `memory`. @example within(macs(), {
 * percent: 2 }, costOf('C-CCTT'))
 */
export const costOf = (layout: string): ValueExpr<number> => ({
  expr: layout.includes('-') ? { kind: 'layout', layout, span: noSpan } : letters(layout),
});
export { minus, over, plus, times };

// Comparisons
// -----------------------------------------------------------------------------------------------------------
/** `a <= b`; further pairs make a chain, `1 <= a < 4`. */
export function compare(
  first: NumberOf,
  ...rest: readonly [CompareOp, NumberOf, ...(CompareOp | NumberOf)[]]
): ConditionExpr {
  const links: { op: CompareOp; value: Expr }[] = [];
  for (let at = 0; at < rest.length; at += 2)
    links.push({ op: rest[at] as CompareOp, value: number(rest[at + 1] as NumberOf) });
  return of({ kind: 'compare', first: number(first), rest: links, span: noSpan });
}
export const atMost = (value: NumberOf, limit: NumberOf): ConditionExpr => compare(value, '<=', limit);
export const atLeast = (value: NumberOf, limit: NumberOf): ConditionExpr => compare(value, '>=', limit);
export const equals = (value: NumberOf, other: NumberOf): ConditionExpr => compare(value, '==', other);
/** `value in low..high`, both ends included. */
export const between = (value: NumberOf, low: NumberOf, high: NumberOf): ConditionExpr =>
  of({ kind: 'in', value: number(value), range: range(low, high), span: noSpan });
/** `value in {2, 4}` */
export const among = (value: NumberOf, ...values: readonly number[]): ConditionExpr =>
  of({
    kind: 'in',
    value: number(value),
    range: { kind: 'set', items: values.map(number), per: undefined, span: noSpan },
    span: noSpan,
  });
/** `value within 2% of target`, or within an absolute distance. */
export function within(
  value: NumberOf,
  tolerance: { readonly percent: number } | number,
  target: NumberOf,
): ConditionExpr {
  const size: Expr =
    typeof tolerance === 'number'
      ? number(tolerance)
      : { kind: 'number', value: tolerance.percent / 100, text: `${tolerance.percent}%`, span: noSpan };
  return of({ kind: 'within', value: number(value), tolerance: size, target: number(target), span: noSpan });
}

// Relations of layouts
// -------------------------------------------------------------------------------------------------
export const symmetric: ConditionExpr = of(name('symmetric'));
export const asymmetric: ConditionExpr = of(name('asymmetric'));
/** `C before T in 2..4` */
export const before = (first: string, second: string, stages?: Stages): ConditionExpr =>
  of({
    kind: 'before',
    first,
    second,
    stages: stages === undefined ? undefined : stagesOf(stages),
    span: noSpan,
  });
/** `no TC`: these blocks never follow each other directly. */
export const never = (word: string, stages?: Stages): ConditionExpr =>
  of({ kind: 'no', word, stages: stages === undefined ? undefined : stagesOf(stages), span: noSpan });
export const alternating = (stages?: Stages): ConditionExpr => of(call('alternating', given(stages)));
export const equal = (first: number, second: number): ConditionExpr =>
  of(call('equal', [number(first), number(second)]));
export const mirror = (first: number, second: number): ConditionExpr =>
  of(call('mirror', [number(first), number(second)]));
export const rising = (letter: string, stages?: Stages): ConditionExpr =>
  of(call('rising', [letters(letter), ...given(stages)]));
export const falling = (letter: string, stages?: Stages): ConditionExpr =>
  of(call('falling', [letters(letter), ...given(stages)]));

// Logic
// -----------------------------------------------------------------------------------------------------------
const joined =
  (kind: 'and' | 'or') =>
  (...conditions: readonly [ConditionExpr, ...ConditionExpr[]]): ConditionExpr =>
    conditions.length === 1
      ? conditions[0]
      : of({ kind, items: conditions.map(({ condition }) => condition), span: noSpan });
export const and = joined('and');
export const or = joined('or');
export const not = ({ condition }: ConditionExpr): ConditionExpr =>
  of({ kind: 'not', item: condition, span: noSpan });
