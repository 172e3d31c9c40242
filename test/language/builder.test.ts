/** Spaces built by a program: the same values as those that are read, and text, value, text again are one. */
import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { layoutOf } from '../../src/architecture/layout.js';
import type { Pattern, SpaceAst } from '../../src/language/ast.js';
import type { ConditionExpr } from '../../src/language/builder/conditions.js';
import { renderDiagnostics } from '../../src/language/render-diagnostic.js';
import {
  anyOf,
  block,
  blockWith,
  downsample,
  head,
  inOrder,
  list,
  name,
  noDownsample,
  oneOf,
  onePerStage,
  openSpace,
  optional,
  parseSpaceFile,
  printSpace,
  range,
  repeated,
  space,
  stage,
  stem,
  times,
  type Value,
  type ValueExpr,
  weighted,
  conditions as where,
} from '../../src/space/api.js';
import { DiagnosticError } from '../../src/util/errors.js';

const folder = resolve(import.meta.dirname, '../../search-spaces');
const shipped = (file: string): string =>
  printSpace(parseSpaceFile(readFileSync(join(folder, file), 'utf8'), file).ast!, { comments: false });

/** What a tree says, without where it stands. */
function meaning(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(meaning);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .filter(
        ([key, inner]) => !['span', 'numberSpan', 'file', 'comments'].includes(key) && inner !== undefined,
      )
      .map(([key, inner]) => [key, meaning(inner)]),
  );
}
function read(text: string): SpaceAst {
  const { ast, diagnostics } = parseSpaceFile(text, 'built.space');
  if (!ast) throw new Error(renderDiagnostics(diagnostics, text));
  return ast;
}

describe('space()', () => {
  it('builds the shipped spaces as their files say them', () => {
    const mixed = anyOf('CCCC', 'CCCT', 'CCTT', 'CTTT', 'TTTT');
    const cpu = space('ascan-cpu', {
      input: [32, 32, 3],
      classes: 10,
      blocks: {
        C: block('fused-mbconv', { expand: 4, kernel: 3 }),
        T: block('transformer', { 'head-dim': 8, mlp: 4 }),
      },
      patterns: { mixed },
      stem: stem('conv', { width: 16, layers: 1, stride: 2 }),
      stages: [
        stage({ width: 16 }, 'C'),
        stage({ width: 24 }, 'mixed'),
        stage({ width: 40 }, 'mixed'),
        stage({ width: 64 }, 'mixed'),
      ],
      head: head('pool-linear'),
    });
    expect(printSpace(cpu)).toBe(shipped('ascan-cpu.space'));
    expect(openSpace(cpu).count()).toEqual({ exact: true, count: 125n });
    const equal = space('ascan-equal-macs', {
      refines: 'ascan-cpu.space',
      where: [where.within(where.macs(), { percent: 5 }, where.costOf('C-CCTT-CCTT-CCTT'))],
    });
    expect(printSpace(equal)).toBe(shipped('ascan-equal-macs.space'));
    expect(openSpace(equal, folder).count()).toEqual({ exact: true, count: 33n });
    expect(
      printSpace(
        space('ascan-order', {
          refines: 'ascan.space',
          stages: {
            2: stage({}, anyOf('CCCT', 'TCCC')),
            3: stage({}, anyOf('CCTT', 'TTCC')),
            4: stage({}, anyOf('CTTT', 'TTTC')),
          },
        }),
      ),
    ).toBe(shipped('ascan-order.space'));
    const autoformer = space('autoformer', {
      input: [224, 224, 3],
      classes: 1000,
      lets: { d: oneOf(16, 24), w: oneOf(192, 216, 240) },
      blocks: { T: block('transformer', { 'head-dim': name('d'), mlp: oneOf(3.5, 4) }) },
      stem: stem('patch', { width: name('w'), size: 16 }),
      stages: [stage({ width: name('w'), stride: 1, downsample: noDownsample }, repeated('T', 12, 14))],
      head: head('pool-linear'),
    });
    expect(printSpace(autoformer)).toBe(shipped('autoformer.space'));
    const grammar = space('grammar', {
      input: [32, 32, 3],
      classes: 10,
      blocks: { C: block('fused-mbconv', { expand: 2 }), T: block('transformer', { 'head-dim': 8 }) },
      rules: {
        unit: anyOf(
          weighted(0.6, 'C'),
          weighted(0.2, inOrder('unit', 'unit')),
          weighted(0.2, inOrder('C', 'inner', 'C')),
        ),
        inner: anyOf(weighted(0.7, 'T'), weighted(0.3, inOrder('C', 'inner', 'C'))),
      },
      stem: stem('conv', { width: 16, layers: 1 }),
      stages: [16, 32].map((width) => stage({ width, depth: range(1, 5) }, 'unit')),
      head: head('pool-linear'),
    });
    expect(printSpace(grammar)).toBe(shipped('grammar.space'));
    expect(meaning(read(printSpace(grammar)))).toEqual(meaning(grammar));
  });

  it('list(1, 2, 4) is [1, 2, 4], and the text of a list reads to the same value', () => {
    const under = (bins: Value<string>) =>
      space('lists', {
        input: [32, 32, 3],
        classes: 2,
        blocks: { C: block('fused-mbconv', { expand: 2 }) },
        stem: stem('conv', { width: 16 }),
        stages: [stage({ width: 16 }, 'C')],
        head: head('upernet', { bins }),
      });
    expect(printSpace(under(list(1, 2, 4)))).toContain('head upernet(bins: [1, 2, 4])\n');
    expect(meaning(read(printSpace(under(list(1, 2, 4)))))).toEqual(meaning(under(list(1, 2, 4))));
    const only = (value: SpaceAst): unknown =>
      [...openSpace(value).enumerate()].map(({ head: { params } }) => params['bins']);
    expect([list(1, 2, 4), '1-2-4', oneOf(list(1), list(2, 1))].map((bins) => only(under(bins)))).toEqual([
      ['1-2-4'],
      ['1-2-4'],
      ['1', '2-1'],
    ]);
  });

  it('says at which place of its text a mistake stands', () => {
    const wrong = space('wrong', {
      input: [8, 8, 3],
      classes: 2,
      blocks: { C: block('fused-mbconv', { expand: 4 }) },
      stem: stem('conv', { width: 8 }),
      stages: [stage({ width: 8 }, 'CT')],
      head: head('pool-linear'),
    });
    expect(() => openSpace(wrong)).toThrow(DiagnosticError);
    expect(() => openSpace(wrong)).toThrow(
      /wrong\.space:6:22: error: letter "T" is not a block of this space/,
    );
    expect(() => stage({ width: -1 }, 'C')).toThrow(/a number of a space must be 0 or more/);
    expect(() => anyOf('C T', 'T')).toThrow(/a layout must be block letters or a name, got "C T"/);
  });

  it('does not compile with parts or parameters that do not exist', () => {
    // @ts-expect-error no such block
    block('fused-mbconf', {});
    // @ts-expect-error no such parameter
    block('fused-mbconv', { expnd: 4 });
    // @ts-expect-error a number is needed
    block('fused-mbconv', { expand: 'much' });
    // @ts-expect-error one of the positions is needed
    block('transformer', { position: oneOf('relative', 'nowhere') });
    // @ts-expect-error a stem has a width
    stem('conv', { layers: 1 });
    const make = (): unknown => stage({ width: 8, downsample: downsample('conv', { stride: 1 }) }, 'C');
    expect(make).not.toThrow();
  });

  it('conditions and layouts mean what they say', () => {
    const small = space('small', {
      input: [
        [8, 8, 3],
        [16, 16, 3],
      ],
      classes: 2,
      lets: { w: oneOf(8, 16) },
      blocks: {
        C: block('fused-mbconv', { expand: onePerStage(1, 2), se: 0 }),
        T: block('transformer', { 'head-dim': 8 }),
      },
      stem: [stem('conv', { width: name('w') }), stem('patch', { width: 8, size: 2 })],
      stages: [
        stage({ width: name('w') }, repeated(anyOf('C', 'T'), 1, 3)),
        stage(
          { width: times(2, name('w')), downsample: [downsample('conv'), noDownsample], depth: range(1, 2) },
          inOrder(blockWith('C', { expand: 3 }), optional('T')),
        ),
      ],
      head: [head('pool-linear'), head('conv-pool-linear', { width: 16 })],
      where: [
        where.or(where.atLeast(where.count('T'), 1), where.not(where.before('C', 'T', 1))),
        where.never('TC', [1, 2]),
        where.between(where.depth(1), 1, 2),
        where.among(where.depth(2), 1, 2),
        where.atMost(where.params(), 1e6),
      ],
    });
    const members = [...openSpace(small).enumerate()];
    expect(members.length).toBeGreaterThan(100);
    for (const member of members) {
      const [first, second] = layoutOf(member).split('-') as [string, string];
      expect(`${first}-${second}`).toMatch(/T/);
      expect(first).not.toMatch(/TC/);
      expect(member.stages[1]!.width).toBe(2 * member.stages[0]!.width);
    }
  });
});

// Random values
// --------------------------------------------------------------------------------------------------------
const number = fc.oneof(
  fc.integer({ min: 0, max: 5000 }),
  fc.constantFrom(0.25, 3.5, 4e6, 1.5e9, 1e-3, 123456789, 1e21),
);
const scalar: fc.Arbitrary<number | ValueExpr<number>> = fc.oneof(
  number,
  fc.constant(name('w')),
  fc.tuple(number, number).map(([a, b]) => oneOf(a, b)),
  fc.tuple(number, number).map(([a, b]) => range(a, b)),
  number.map((a) => times(a, name('w'))),
  fc.tuple(number, number).map(([a, b]) => onePerStage(a, b)),
  fc
    .tuple(number, number)
    .map(([a, b]) => oneOf(list(a, times(b, name('w'))), list(b)) as unknown as ValueExpr<number>),
  number.map((a) => list(a, a) as unknown as ValueExpr<number>),
);
const layout = fc.letrec<{ layout: string | Pattern }>((tie) => ({
  layout: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    fc.constantFrom('C', 'T', "C'", 'CCT', 'mixed', ''),
    fc.array(tie('layout'), { minLength: 1, maxLength: 3 }).map((items) => inOrder(...items)),
    fc
      .array(fc.tuple(fc.option(fc.constantFrom(0.5, 2)), tie('layout')), { minLength: 1, maxLength: 3 })
      .map((options) =>
        anyOf(
          ...(options.map(([weight, item]) => (weight === null ? item : weighted(weight, item))) as [
            string,
            ...string[],
          ]),
        ),
      ),
    fc
      .tuple(tie('layout'), fc.integer({ min: 0, max: 3 }), fc.option(fc.integer({ min: 3, max: 5 })))
      .map(([item, min, max]) => repeated(item, min, max ?? undefined)),
    scalar.map((expand) => blockWith('C', { expand })),
  ),
})).layout;
const numberOf = fc.oneof(
  number,
  fc.constantFrom(
    where.params(),
    where.macs(2),
    where.memory([1, 2]),
    where.count('T', 1),
    where.share('C'),
    where.depth(),
    where.first('T'),
    where.onset('C', [1, 2]),
    where.width(1),
    where.asymmetry,
  ),
  fc.tuple(number, number).map(([a, b]) => where.plus(where.times(a, where.macs()), b)),
);
const condition = fc.letrec<{ condition: ConditionExpr }>((tie) => ({
  condition: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    fc
      .tuple(numberOf, fc.constantFrom('<=' as const, '<' as const, '!=' as const), numberOf)
      .map(([a, op, b]) => where.compare(a, op, b)),
    fc.tuple(numberOf, number, number).map(([a, b, c]) => where.compare(b, '<=', a, '<', c)),
    fc.constantFrom(
      where.symmetric,
      where.asymmetric,
      where.before('C', 'T', [1, 2]),
      where.never('TC'),
      where.alternating(1),
      where.equal(1, 2),
      where.mirror(1, 2),
      where.rising('T'),
      where.falling('T', [1, 2]),
    ),
    fc.tuple(number, number).map(([a, b]) => where.within(where.macs(), { percent: 2 }, where.plus(a, b))),
    fc.constant(where.within(where.params(), 1000, where.costOf('C-CCT'))),
    fc.tuple(numberOf, number, number).map(([a, b, c]) => where.between(a, b, c)),
    number.map((a) => where.among(where.depth(1), a, 2)),
    fc
      .array(tie('condition'), { minLength: 1, maxLength: 3 })
      .map((items) => where.and(...(items as [ConditionExpr]))),
    fc
      .array(tie('condition'), { minLength: 1, maxLength: 3 })
      .map((items) => where.or(...(items as [ConditionExpr]))),
    tie('condition').map(where.not),
  ),
})).condition;
const value = fc.record({
  classes: scalar,
  lets: fc.constant({ w: oneOf(8, 16) }),
  patterns: fc.record({ mixed: layout }),
  rules: fc.record({ unit: layout }),
  blocks: fc.record({
    C: scalar.map((expand) => block('fused-mbconv', { expand })),
    T: fc.constant(block('transformer', { position: oneOf('relative', 'none'), 'pre-act': true })),
  }),
  stem: scalar.map((width) => stem('conv', { width })),
  stages: fc.array(
    fc.tuple(scalar, fc.option(scalar), fc.boolean(), layout).map(([width, depth, none, of]) =>
      stage(
        {
          width,
          ...(depth === null ? {} : { depth }),
          ...(none ? { downsample: [noDownsample, downsample('conv', { stride: 1 })], stride: 1 } : {}),
        },
        of,
      ),
    ),
    { maxLength: 3 },
  ),
  where: fc.array(condition, { maxLength: 3 }),
});

describe('printSpace', () => {
  it('parse(print(x)) = x for any value that can be built, and its text is canonical', () => {
    fc.assert(
      fc.property(value, (parts) => {
        const built = space('any', { input: [8, 8, 3], head: head('pool-linear'), ...parts });
        const text = printSpace(built);
        const again = read(text);
        expect(meaning(again)).toEqual(meaning(built));
        expect(printSpace(again)).toBe(text);
      }),
      { seed: 3, numRuns: 2000 },
    );
  });
});
