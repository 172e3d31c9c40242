/** Values of the builder: numbers, words, sets, ranges, names and arithmetic on them. */
import type { ParamSpec, ParamTable, ParamValue } from '../../util/params.js';
import type { ArithmeticOp, Expr } from '../ast.js';
import { readNumber, writeNumber } from '../numbers.js';
import { noSpan } from '../source-span.js';
import { statements, words } from '../tokens.js';

/** An expression whose values have one type. */
export interface ValueExpr<V extends ParamValue> {
  readonly expr: Expr;
  readonly type?: V;
}
/** A value, or an expression with several. */
export type Value<V extends ParamValue> = V | ValueExpr<V>;

/** The values that a declared parameter takes. */
export type ValueOf<S extends ParamSpec> = S extends {
  readonly kind: 'choice';
  readonly oneOf: readonly (infer Option extends string)[];
}
  ? Option
  : S extends { readonly kind: 'int' | 'number' }
    ? number
    : S extends { readonly kind: 'bool' }
      ? boolean
      : string;
/** Arguments of a part with this table; omitted ones have their defaults. */
export type ArgsOf<T extends ParamTable> = { readonly [K in keyof T]?: Value<ValueOf<T[K]>> };

const keywords = new Set([...Object.keys(statements), ...Object.keys(words)]);

function numberExpr(value: number): Expr {
  const text = writeNumber(value);
  if (!(value >= 0) || readNumber(text) !== value)
    throw new RangeError(`a number of a space must be 0 or more and finite, got ${value}`);
  return { kind: 'number', value, text, span: noSpan };
}

/** The syntax tree of a value. @throws RangeError for numbers and texts that a space file cannot express */
export function exprOf(value: Value<ParamValue>): Expr {
  if (typeof value === 'number') return numberExpr(value);
  if (typeof value === 'boolean') return { kind: 'name', name: String(value), span: noSpan };
  if (typeof value === 'object') return value.expr;
  if (/^[a-z][A-Za-z0-9_]*(?:-[A-Za-z0-9_]+)*$/.test(value) && !keywords.has(value))
    return { kind: 'name', name: value, span: noSpan };
  if (/["\n]/.test(value))
    throw new RangeError(`a text of a space may hold no quote or line break, got ${JSON.stringify(value)}`);
  return { kind: 'text', value, span: noSpan };
}

/** `{2, 4}`: chosen independently at every use. @example oneOf(2, 4) */
export function oneOf<V extends ParamValue>(...values: readonly [Value<V>, ...Value<V>[]]): ValueExpr<V> {
  return { expr: { kind: 'set', items: values.map(exprOf), per: undefined, span: noSpan } };
}
/** `{2, 4} per stage`: chosen once per stage. */
export function onePerStage<V extends ParamValue>(
  ...values: readonly [Value<V>, ...Value<V>[]]
): ValueExpr<V> {
  return { expr: { kind: 'set', items: values.map(exprOf), per: 'stage', span: noSpan } };
}
/** `[1, 2, 4]`: one value that is a list of integers. @example head('upernet', { bins: list(1, 2, 4) }) */
export function list(...items: readonly [Value<number>, ...Value<number>[]]): ValueExpr<string> {
  return { expr: { kind: 'list', items: items.map(exprOf), span: noSpan } };
}
/** `16..64 step 16`, both ends included. */
export function range(from: Value<number>, to: Value<number>, step?: Value<number>): ValueExpr<number> {
  return {
    expr: {
      kind: 'range',
      from: exprOf(from),
      to: exprOf(to),
      step: step === undefined ? undefined : exprOf(step),
      span: noSpan,
    },
  };
}
/** A choice declared under `lets`: the same value wherever its name is used. */
export const name = (of: string): ValueExpr<never> => ({ expr: { kind: 'name', name: of, span: noSpan } });

const arithmetic =
  (op: ArithmeticOp) =>
  (left: Value<number>, right: Value<number>): ValueExpr<number> => ({
    expr: { kind: 'arithmetic', op, left: exprOf(left), right: exprOf(right), span: noSpan },
  });
/** Arithmetic, e.g. `2 * w`. */
export const plus = arithmetic('+');
export const minus = arithmetic('-');
export const times = arithmetic('*');
export const over = arithmetic('/');
