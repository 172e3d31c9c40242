/**
 * Random small spaces and their members by brute force: every derivation is written out, equal architectures
 * are put together, and conditions are plain functions. Shares no code with the space algebra beyond the text
 * that both read.
 */
import fc from 'fast-check';
import type { Architecture, BlockSpec, Stage } from '../../src/architecture/architecture.js';
import { canonicalText } from '../../src/architecture/canonical.js';
import { asymmetryScore, layoutOf, symmetryOf } from '../../src/architecture/layout.js';
import { type PartKind, partTables } from '../../src/blocks/block-table.js';
import { networkCost } from '../../src/network/network-cost.js';

type Tree =
  | { kind: 'letter'; letter: string; expand?: number }
  | { kind: 'sequence' | 'choice'; items: Tree[] }
  | { kind: 'repeat'; item: Tree; min: number; max: number };
/** `let`: tied over the network; `stage`: tied within each stage; `free`: chosen at each block. */
type Tie = 'let' | 'stage' | 'free';
interface StageShape {
  widths: number[] | 'w';
  tree: Tree;
}
export interface SmallSpace {
  tie: Tie;
  expands: number[];
  lets: number[];
  mlps: number[];
  stages: StageShape[];
  conditions: number[];
}

const letterTree: fc.Arbitrary<Tree> = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.constantFrom('C', 'T', 'I').map((letter): Tree => ({ kind: 'letter', letter })),
  },
  {
    weight: 1,
    arbitrary: fc.constantFrom(1, 3).map((expand): Tree => ({ kind: 'letter', letter: 'C', expand })),
  },
);
const tree: fc.Arbitrary<Tree> = fc.letrec<{ tree: Tree }>((tie) => ({
  tree: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    letterTree,
    fc.record({
      kind: fc.constantFrom('sequence' as const, 'choice' as const),
      items: fc.array(tie('tree'), { minLength: 1, maxLength: 3 }),
    }),
    fc.record({
      kind: fc.constant('repeat' as const),
      item: tie('tree'),
      min: fc.integer({ min: 0, max: 1 }),
      max: fc.integer({ min: 1, max: 2 }),
    }),
  ),
})).tree;

export const smallSpace: fc.Arbitrary<SmallSpace> = fc.record({
  tie: fc.constantFrom<Tie>('let', 'stage', 'free'),
  expands: fc.uniqueArray(fc.constantFrom(1, 2, 3), { minLength: 1, maxLength: 2 }),
  lets: fc.uniqueArray(fc.constantFrom(8, 16, 24), { minLength: 1, maxLength: 2 }),
  mlps: fc.uniqueArray(fc.constantFrom(1, 2), { minLength: 1, maxLength: 2 }),
  stages: fc.array(
    fc.record({
      widths: fc.oneof(
        fc.uniqueArray(fc.constantFrom(8, 16), { minLength: 1, maxLength: 2 }),
        fc.constant('w' as const),
      ),
      tree,
    }),
    { minLength: 1, maxLength: 3 },
  ),
  conditions: fc.uniqueArray(fc.nat({ max: 99 }), { maxLength: 3 }),
});

// Conditions
// ------------------------------------------------------------------------------------------------------------
const stageLetters = (a: Architecture): string[] => layoutOf(a).split('-');
const count = (text: string, letter: string): number => [...text].filter((one) => one === letter).length;
/** Blocks before the first of the letter; all where it does not occur. */
const before = (layout: string, letter: string): number =>
  layout.replaceAll('-', '').split(letter)[0]!.length;
const shares = (a: Architecture): number[] =>
  stageLetters(a)
    .filter((s) => s !== '')
    .map((s) => count(s, 'T') / s.length);
const total = (a: Architecture): ReturnType<typeof networkCost>['total'] => networkCost(a).total;

/** Each with what it means, written out anew. */
export const conditions: readonly (readonly [text: string, meets: (a: Architecture) => boolean])[] = [
  ['symmetric', (a) => symmetryOf(layoutOf(a)) !== 'asymmetric'],
  ['asymmetric', (a) => symmetryOf(layoutOf(a)) === 'asymmetric'],
  ['count(T) >= 1', (a) => count(layoutOf(a), 'T') >= 1],
  ['count(T) == 2', (a) => count(layoutOf(a), 'T') === 2],
  ['depth <= 3', (a) => layoutOf(a).replaceAll('-', '').length <= 3],
  ['depth(1) in 1..2', (a) => [1, 2].includes(stageLetters(a)[0]!.length)],
  ['count(C) > count(T)', (a) => count(layoutOf(a), 'C') > count(layoutOf(a), 'T')],
  [
    'share(T) <= 0.5',
    (a) => {
      const s = stageLetters(a).join('');
      return s === '' || count(s, 'T') / s.length <= 0.5;
    },
  ],
  ['C before T', (a) => stageLetters(a).every((s) => !/T.*C/.test(s))],
  ['no TC', (a) => stageLetters(a).every((s) => !s.includes('TC'))],
  ['alternating', (a) => stageLetters(a).every((s) => !/(.)\1/.test(s))],
  ['rising(T)', (a) => shares(a).every((s, i, all) => i === 0 || all[i - 1]! <= s)],
  ['falling(T)', (a) => shares(a).every((s, i, all) => i === 0 || all[i - 1]! >= s)],
  ['asymmetry > 0.3', (a) => asymmetryScore(layoutOf(a)) > 0.3],
  ['params <= 4K', (a) => total(a).params <= 4000],
  ['params >= 1500 and macs <= 120K', (a) => total(a).params >= 1500 && total(a).macs <= 120_000],
  ['macs in 40K..150K', (a) => total(a).macs >= 40_000 && total(a).macs <= 150_000],
  ['memory <= 3000', (a) => total(a).activationBytes <= 3000],
  [
    'not (count(I) >= 1 or count(T) >= 2)',
    (a) => !(count(layoutOf(a), 'I') >= 1 || count(layoutOf(a), 'T') >= 2),
  ],
  ['params <= 3K or count(T) == 0', (a) => total(a).params <= 3000 || count(layoutOf(a), 'T') === 0],
  ['params / 1000 + count(T) >= 3', (a) => total(a).params / 1000 + count(layoutOf(a), 'T') >= 3],
  ['width(1) == 8', (a) => a.stages[0]!.width === 8],
  ['first(T) <= 2', (a) => before(layoutOf(a), 'T') + 1 <= 2],
  [
    'first(T) > 2 and first(C, 1) != 2',
    (a) => before(layoutOf(a), 'T') > 1 && before(stageLetters(a)[0]!, 'C') !== 1,
  ],
  ['first(T) == depth + 1', (a) => !layoutOf(a).includes('T')],
  [
    'onset(T) < 0.5 or onset(C, 1) == 1',
    (a) => {
      const all = layoutOf(a).replaceAll('-', '');
      return (all !== '' && before(all, 'T') / all.length < 0.5) || !stageLetters(a)[0]!.includes('C');
    },
  ],
  ['count(C, 1) * 2 != depth(1)', (a) => count(stageLetters(a)[0]!, 'C') * 2 !== stageLetters(a)[0]!.length],
];
export const conditionsOf = (space: SmallSpace): (typeof conditions)[number][] => [
  ...new Set(space.conditions.map((index) => conditions[index % conditions.length]!)),
];

// Text
// ------------------------------------------------------------------------------------------------------------------
function treeText(node: Tree): string {
  switch (node.kind) {
    case 'letter':
      return node.expand === undefined ? node.letter : `${node.letter}(expand: ${node.expand})`;
    case 'sequence':
      return `(${node.items.map(treeText).join(' ')})`;
    case 'choice':
      return `(${node.items.map(treeText).join(' | ')})`;
    default:
      return `(${treeText(node.item)}){${node.min},${node.max}}`;
  }
}
const set = (values: readonly number[]): string => `{${values.join(', ')}}`;

export function textOf(space: SmallSpace): string {
  const expand =
    space.tie === 'let' ? 'e' : `${set(space.expands)}${space.tie === 'stage' ? ' per stage' : ''}`;
  return [
    'space small',
    '  input 8x8x3',
    '  classes 2',
    `  let w = ${set(space.lets)}`,
    ...(space.tie === 'let' ? [`  let e = ${set(space.expands)}`] : []),
    `  block C = fused-mbconv(expand: ${expand}, se: 0)`,
    `  block T = transformer(head-dim: 8, mlp: ${set(space.mlps)})`,
    '  block I = identity',
    '  stem conv(width: 8, layers: 1, stride: 2)',
    '  downsample none',
    ...space.stages.map(
      ({ widths, tree: layout }, index) =>
        `  stage ${index + 1}  width ${widths === 'w' ? 'w' : set(widths)}  stride 1  downsample conv(stride: 1)|none  ${treeText(layout)}`,
    ),
    '  head pool-linear',
    ...conditionsOf(space).map(([text]) => `  where ${text}`),
    '',
  ].join('\n');
}

// Members
// ---------------------------------------------------------------------------------------------------------------
function defaults(kind: PartKind, type: string, given: Record<string, unknown>): Record<string, never> {
  return Object.fromEntries(
    Object.entries(partTables[kind][type]!.params).map(([name, spec]) => [name, given[name] ?? spec.default]),
  ) as Record<string, never>;
}

/** A derivation: its letters, and how likely it is. */
interface Word {
  readonly letters: readonly { letter: string; expand?: number }[];
  readonly weight: number;
}

function words(node: Tree): Word[] {
  switch (node.kind) {
    case 'letter':
      return [
        {
          letters: [{ letter: node.letter, ...(node.expand === undefined ? {} : { expand: node.expand }) }],
          weight: 1,
        },
      ];
    case 'choice':
      return node.items.flatMap((item) =>
        words(item).map(({ letters, weight }) => ({ letters, weight: weight / node.items.length })),
      );
    case 'sequence':
      return node.items.reduce<Word[]>(
        (all, item) =>
          all.flatMap((before) =>
            words(item).map((after) => ({
              letters: [...before.letters, ...after.letters],
              weight: before.weight * after.weight,
            })),
          ),
        [{ letters: [], weight: 1 }],
      );
    default: {
      const times = Array.from({ length: node.max - node.min + 1 }, (_, index) => node.min + index);
      return times.flatMap((n) =>
        words({ kind: 'sequence', items: Array.from({ length: n }, () => node.item) }).map(
          ({ letters, weight }) => ({ letters, weight: weight / times.length }),
        ),
      );
    }
  }
}

const product = <T>(lists: readonly (readonly T[])[]): T[][] =>
  lists.reduce<T[][]>((all, list) => all.flatMap((before) => list.map((one) => [...before, one])), [[]]);

/**
 * `weight`: how likely a derivation is that ends in it, over all derivations, those that end in no member
 * included.
 */
export interface Derived {
  readonly architecture: Architecture;
  weight: number;
}

/** Members by canonical text; undefined where there are too many derivations to write out. */
export function membersOf(space: SmallSpace, limit = 20_000): Map<string, Derived> | undefined {
  const found = new Map<string, Derived>();
  let written = 0;
  const perStage = space.stages.map((stage) => words(stage.tree));
  if (perStage.some((list) => list.length > 200)) return undefined;
  for (const w of space.lets)
    for (const e of space.tie === 'let' ? space.expands : [0]) {
      const likely = 1 / (space.lets.length * (space.tie === 'let' ? space.expands.length : 1));
      const stageOptions = space.stages.map(({ widths }, index): { stage: Stage; weight: number }[] => {
        const options: { stage: Stage; weight: number }[] = [];
        for (const width of widths === 'w' ? [w] : widths)
          for (const downsample of [
            { type: 'conv', params: defaults('downsample', 'conv', { stride: 1 }) },
            null,
          ]) {
            for (const word of perStage[index]!)
              for (const shared of space.tie === 'stage' ? space.expands : [0]) {
                const choices = word.letters.map(({ letter, expand }): BlockSpec[] => {
                  if (letter === 'I') return [{ letter, type: 'identity', params: {} }];
                  if (letter === 'T')
                    return space.mlps.map((mlp) => ({
                      letter,
                      type: 'transformer',
                      params: defaults('block', 'transformer', { 'head-dim': 8, mlp }),
                    }));
                  const tied = { let: [e], stage: [shared] }[space.tie as 'let' | 'stage'];
                  const values = expand === undefined ? (tied ?? space.expands) : [expand];
                  return values.map((value) => ({
                    letter,
                    type: 'fused-mbconv',
                    params: defaults('block', 'fused-mbconv', { expand: value, se: 0 }),
                  }));
                });
                if ((written += choices.reduce((size, list) => size * list.length, 1)) > limit) return [];
                const ways = choices.reduce(
                  (all, list) => all * list.length,
                  2 *
                    (widths === 'w' ? 1 : widths.length) *
                    (space.tie === 'stage' ? space.expands.length : 1),
                );
                for (const blocks of product(choices))
                  options.push({
                    stage: { width, downsample, firstStride: 1, blocks },
                    weight: word.weight / ways,
                  });
              }
          }
        return options;
      });
      if (written > limit || stageOptions.reduce((size, list) => size * list.length, 1) > limit)
        return undefined;
      for (const chosen of product(stageOptions)) {
        const stages = chosen.map(({ stage }) => stage);
        const architecture: Architecture = {
          input: { height: 8, width: 8, channels: 3 },
          classes: 2,
          stages,
          stem: { type: 'conv', width: 8, params: defaults('stem', 'conv', { layers: 1, stride: 2 }) },
          head: { type: 'pool-linear', params: defaults('head', 'pool-linear', {}) },
        };
        if (!stands(architecture)) continue;
        if (!conditionsOf(space).every(([, meets]) => meets(architecture))) continue;
        const weight = chosen.reduce((product, one) => product * one.weight, likely);
        const known = found.get(canonicalText(architecture));
        if (known) known.weight += weight;
        else found.set(canonicalText(architecture), { architecture, weight });
      }
    }
  return found;
}

/**
 * The rules of place that matter here: a transformer keeps the width, an empty stage changes nothing without
 * a layer.
 */
function stands(architecture: Architecture): boolean {
  let width = architecture.stem.width;
  for (const stage of architecture.stages) {
    if (stage.downsample === null) {
      if (stage.blocks.length === 0 && stage.width !== width) return false;
      if (stage.width !== width && stage.blocks[0] && !partTables.block[stage.blocks[0].type]!.reduces)
        return false;
    }
    width = stage.width;
  }
  return true;
}
