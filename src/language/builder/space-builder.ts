/**
 * Builds spaces in a program: the same syntax trees as of parsed files, with parts and parameters checked by
 * the compiler.
 *
 *   const small = space('small', {
 *     input: [32, 32, 3],
 *     classes: 10,
 *     blocks: {
 *       C: block('fused-mbconv', { expand: oneOf(2, 4) }),
 *       T: block('transformer', { 'head-dim': 8 }),
 *     },
 *     stem: stem('conv', { width: 16 }),
 *     stages: [
 *       stage({ width: 16 }, repeated('C', 1, 2)),
 *       stage({ width: 32 }, inOrder('C', optional('T'))),
 *     ],
 *     head: head('pool-linear'),
 *     where: [atMost(macs(), 10e6)],
 *   });
 */
import type { blocks, downsamples, heads, stems } from '../../blocks/block-table.js';
import type { ParamTable, ParamValue } from '../../util/params.js';
import type { Call, Item, SpaceAst, StageItem } from '../ast.js';
import { noSpan } from '../source-span.js';
import type { ConditionExpr } from './conditions.js';
import { argumentsOf, type Layout, patternOf } from './layouts.js';
import { type ArgsOf, exprOf, type Value } from './values.js';

/** A part of one kind with its arguments. */
export interface PartCall<K extends 'block' | 'stem' | 'downsample' | 'head'> {
  readonly call: Call;
  readonly kind: K;
}
type Tables = {
  readonly block: typeof blocks;
  readonly stem: typeof stems;
  readonly downsample: typeof downsamples;
  readonly head: typeof heads;
};
type ParamsIn<T, N extends keyof T> = T[N] extends { readonly params: infer P extends ParamTable }
  ? ArgsOf<P>
  : never;

/** Arguments of a part: a name of the tables, or a definition of one's own. */
interface PartBuilder<K extends keyof Tables> {
  <N extends keyof Tables[K] & string>(name: N, args?: ParamsIn<Tables[K], N>): PartCall<K>;
  <P extends ParamTable>(
    own: { readonly name: string; readonly kind: K; readonly params: P },
    args?: ArgsOf<P>,
  ): PartCall<K>;
}

function partOf<K extends keyof Tables>(kind: K): PartBuilder<K> {
  return (part: string | { readonly name: string }, args: object = {}): PartCall<K> => ({
    kind,
    call: {
      name: { name: typeof part === 'string' ? part : part.name, span: noSpan },
      args: argumentsOf(args as Readonly<Record<string, Value<ParamValue>>>),
      span: noSpan,
    },
  });
}
/** @example block('fused-mbconv', { expand: oneOf(2, 4) }) */
export const block = partOf('block');
/** A downsampling layer before a stage. */
export const downsample = partOf('downsample');
export const head = partOf('head');
/** No downsampling layer: the first block reduces the resolution itself. */
export const noDownsample: PartCall<'downsample'> = {
  kind: 'downsample',
  call: { name: { name: 'none', span: noSpan }, args: [], span: noSpan },
};
interface StemWidth {
  /** Channels of the stem's output. */
  readonly width: Value<number>;
}
interface StemBuilder {
  <N extends keyof Tables['stem'] & string>(
    name: N,
    args: ParamsIn<Tables['stem'], N> & StemWidth,
  ): PartCall<'stem'>;
  <P extends ParamTable>(
    own: { readonly name: string; readonly kind: 'stem'; readonly params: P },
    args: ArgsOf<P> & StemWidth,
  ): PartCall<'stem'>;
}
/** @example stem('conv', { width: 16 }) */
export const stem = partOf('stem') as StemBuilder;

export interface StageOptions {
  /** Default: that of the refined space. */
  readonly width?: Value<number>;
  /** Allowed numbers of blocks. */
  readonly depth?: Value<number>;
  /** Of the first block, where `downsample` is `noDownsample`. */
  readonly stride?: Value<number>;
  /** The downsampling layer before this stage, or alternatives. */
  readonly downsample?: OneOrMore<PartCall<'downsample'>>;
  /** Number of the stage whose blocks this one has in reverse order, in place of a layout. */
  readonly mirrors?: number;
}
type OneOrMore<V> = V | readonly [V, ...V[]];
const callsOf = (parts: OneOrMore<PartCall<'stem' | 'downsample' | 'head'>>): Call[] =>
  (Array.isArray(parts) ? (parts as readonly PartCall<'stem'>[]) : [parts as PartCall<'stem'>]).map(
    ({ call }) => call,
  );

export type StageOf = (number: number) => StageItem;
/** A stage, numbered by its position in `stages`, or by its key where that is a record. */
export function stage(options: StageOptions, layout?: Layout): StageOf {
  const said = {
    kind: 'stage',
    span: noSpan,
    numberSpan: noSpan,
    width: options.width === undefined ? undefined : exprOf(options.width),
    depth: options.depth === undefined ? undefined : exprOf(options.depth),
    stride: options.stride === undefined ? undefined : exprOf(options.stride),
    downsample: options.downsample === undefined ? undefined : callsOf(options.downsample),
    mirrors: options.mirrors === undefined ? undefined : exprOf(options.mirrors),
    pattern: layout === undefined ? undefined : patternOf(layout),
  } as const;
  return (number) => ({ ...said, number });
}

export interface SpaceParts {
  /** Path of the space that this one refines; then every other property is optional. */
  readonly refines?: string;
  /** Paths of files whose definitions are used. */
  readonly imports?: readonly string[];
  /** Height, width, channels; or several sizes. */
  readonly input?: readonly [number, number, number] | readonly (readonly [number, number, number])[];
  readonly classes?: Value<number>;
  /** Choices made once for the whole network, by name. */
  readonly lets?: Readonly<Record<string, Value<ParamValue>>>;
  /** By letter. */
  readonly blocks?: Readonly<Record<string, PartCall<'block'>>>;
  readonly patterns?: Readonly<Record<string, Layout>>;
  /** Patterns that may recurse. */
  readonly rules?: Readonly<Record<string, Layout>>;
  readonly stem?: OneOrMore<PartCall<'stem'>>;
  /** The downsampling layer before every stage but the first; default `conv`. */
  readonly downsample?: OneOrMore<PartCall<'downsample'>>;
  /** In order from 1, or by number to replace single stages of a refined space. */
  readonly stages?: readonly StageOf[] | Readonly<Record<number, StageOf>>;
  readonly head?: OneOrMore<PartCall<'head'>>;
  readonly where?: readonly ConditionExpr[];
}

/**
 * A space as a syntax tree: `printSpace` gives its text, `openSpace` compiles it.
 * @throws RangeError for values that a file cannot express
 */
export function space(name: string, parts: SpaceParts): SpaceAst {
  const named = (text: string): { name: string; span: typeof noSpan } => ({ name: text, span: noSpan });
  const items: Item[] = [];
  const add = (item: Item): void => {
    items.push(item);
  };
  for (const path of parts.imports ?? []) add({ kind: 'import', path, span: noSpan });
  if (parts.input) {
    const sizes = (typeof parts.input[0] === 'number' ? [parts.input] : parts.input) as readonly (readonly [
      number,
      number,
      number,
    ])[];
    const dims = sizes.map(
      ([height, width, channels]) => ({ kind: 'dims', height, width, channels, span: noSpan }) as const,
    );
    add({
      kind: 'input',
      value: dims.length === 1 ? dims[0]! : { kind: 'set', items: dims, per: undefined, span: noSpan },
      span: noSpan,
    });
  }
  if (parts.classes !== undefined) add({ kind: 'classes', value: exprOf(parts.classes), span: noSpan });
  for (const [key, value] of Object.entries(parts.lets ?? {}))
    add({ kind: 'let', name: named(key), value: exprOf(value), span: noSpan });
  for (const [letter, { call }] of Object.entries(parts.blocks ?? {}))
    add({ kind: 'block', letter: named(letter), call, span: noSpan });
  for (const [key, layout] of Object.entries(parts.patterns ?? {}))
    add({ kind: 'pattern', name: named(key), pattern: patternOf(layout), span: noSpan });
  for (const [key, layout] of Object.entries(parts.rules ?? {}))
    add({ kind: 'rule', name: named(key), pattern: patternOf(layout), span: noSpan });
  if (parts.stem) add({ kind: 'stem', options: callsOf(parts.stem), span: noSpan });
  if (parts.downsample) add({ kind: 'downsample', options: callsOf(parts.downsample), span: noSpan });
  const stages = Array.isArray(parts.stages)
    ? (parts.stages as readonly StageOf[]).map((make, index) => make(index + 1))
    : Object.entries(parts.stages ?? {}).map(([number, make]) => make(Number(number)));
  stages.forEach(add);
  if (parts.head) add({ kind: 'head', options: callsOf(parts.head), span: noSpan });
  for (const { condition } of parts.where ?? []) add({ kind: 'where', condition, span: noSpan });
  return {
    file: '',
    name: named(name),
    refines: parts.refines === undefined ? undefined : { path: parts.refines, span: noSpan },
    items,
    comments: [],
  };
}
