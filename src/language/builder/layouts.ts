/** Layout patterns of the builder, for stages, patterns and rules. */
import type { ParamValue } from '../../util/params.js';
import type { Argument, Pattern } from '../ast.js';
import { noSpan } from '../source-span.js';
import { exprOf, type Value } from './values.js';

/** Block letters (`'CCT'`), or the name of a pattern or rule, which begins in lower case (`'mixed'`). */
export type Layout = string | Pattern;

export function argumentsOf(values: Readonly<Record<string, Value<ParamValue> | undefined>>): Argument[] {
  return Object.entries(values).flatMap(([name, value]) =>
    value === undefined ? [] : [{ name: { name, span: noSpan }, value: exprOf(value) }],
  );
}

/** The syntax tree of a layout. @throws RangeError for a text that is neither letters nor a name */
export function patternOf(layout: Layout): Pattern {
  if (typeof layout !== 'string') return layout;
  if (/^[a-z][A-Za-z0-9_]*(?:-[A-Za-z0-9_]+)*$/.test(layout))
    return { kind: 'ref', name: layout, span: noSpan };
  if (!/^(?:[A-Z]'*)*$/.test(layout))
    throw new RangeError(`a layout must be block letters or a name, got ${JSON.stringify(layout)}`);
  return inOrder(
    ...(layout.match(/[A-Z]'*/g) ?? []).map(
      (letter): Pattern => ({ kind: 'letter', letter, args: [], span: noSpan }),
    ),
  );
}

/** A sequence. Letters without brackets join it, as in a file. */
export function inOrder(...layouts: readonly Layout[]): Pattern {
  const items = layouts.flatMap((layout): readonly Pattern[] => {
    const pattern = patternOf(layout);
    return typeof layout === 'string' && pattern.kind === 'sequence' ? pattern.items : [pattern];
  });
  return items.length === 1 ? items[0]! : { kind: 'sequence', items, span: noSpan };
}

/** A choice; `weighted` gives an option its weight. */
export function anyOf(...options: readonly [Layout | Weighted, ...(Layout | Weighted)[]]): Pattern {
  const read = options.map((option) =>
    typeof option === 'object' && 'layout' in option
      ? { weight: option.weight, pattern: patternOf(option.layout) }
      : { weight: undefined, pattern: patternOf(option) },
  );
  const [only] = read;
  return read.length === 1 && only!.weight === undefined
    ? only!.pattern
    : { kind: 'choice', options: read, span: noSpan };
}
export interface Weighted {
  readonly weight: number;
  readonly layout: Layout;
}
export const weighted = (weight: number, layout: Layout): Weighted => ({ weight, layout });

/** `{min,max}`; without `max` the length needs a limit elsewhere. */
export function repeated(layout: Layout, min: number, max?: number): Pattern {
  return { kind: 'repeat', item: patternOf(layout), min, max, span: noSpan };
}
/** `?` */
export const optional = (layout: Layout): Pattern => repeated(layout, 0, 1);

/** A block with parameters that override those of its letter. @example blockWith('C', { expand: 6 }) */
export const blockWith = (letter: string, params: Readonly<Record<string, Value<ParamValue>>>): Pattern => ({
  kind: 'letter',
  letter,
  args: argumentsOf(params),
  span: noSpan,
});
