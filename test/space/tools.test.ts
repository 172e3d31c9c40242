/**
 * What is asked about a space besides its members: warnings, where its size comes from, steps inside it,
 * differences.
 */
import { join, resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { alignBlocks, architectureDifferences } from '../../src/architecture/architecture-differences.js';
import { canonicalText } from '../../src/architecture/canonical.js';
import { layoutOf } from '../../src/architecture/layout.js';
import { renderDiagnostics } from '../../src/language/render-diagnostic.js';
import type { CompiledSpace } from '../../src/space/compiled-space.js';
import { breakdown } from '../../src/space/inspect/breakdown.js';
import { lintSpace } from '../../src/space/inspect/lint.js';
import { crossover, mutate, neighbours } from '../../src/space/inspect/neighbours.js';
import { memberWithLayout } from '../../src/space/inspect/resolve-architecture.js';
import { loadSpace, spaceFromText } from '../../src/space/load.js';
import { seededRandom } from '../../src/util/random.js';

const folder = resolve(import.meta.dirname, '../../search-spaces');
const shipped = (name: string): CompiledSpace => loadSpace(join(folder, `${name}.space`));
const opened = (text: string): { space: CompiledSpace; warnings: string } => {
  const { space, diagnostics } = spaceFromText(text, 'w.space');
  if (!space) throw new Error(renderDiagnostics(diagnostics, text));
  return { space, warnings: renderDiagnostics([...diagnostics, ...lintSpace(space)], text) };
};
const file = (stages: string, rest = ''): string => `space w
  input 8x8x3 classes 2
  block C = fused-mbconv(expand: {1, 2}, se: 0)
  block T = transformer(head-dim: 16)
  stem conv(width: 16, layers: 1)
${stages}
  head pool-linear
${rest}`;

describe('lintSpace', () => {
  it('are none for the spaces that ship', () => {
    for (const name of [
      'ascan',
      'ascan-cpu',
      'ascan-blocks',
      'ascan-order',
      'coatnet',
      'grammar',
      'maxvit',
      'nas-bench-macro',
      'unet-mirror',
    ])
      expect(
        lintSpace(shipped(name)).map(({ message }) => message),
        name,
      ).toEqual([]);
  });
  it('name an ambiguous layout by its shortest word', () => {
    expect(opened(file('  stage 1 width 16 C? (C | T)?')).warnings).toMatchInlineSnapshot(`
      "w.space:6:20: warning: the layout is ambiguous: C has several derivations and counts once
        6 |   stage 1 width 16 C? (C | T)?
          |                    ^^^^^^^^^^^
          = counts and uniform draws are not affected; draws by weight add the derivations"
    `);
    expect(opened(file('  stage 1 width 16 depth 0..4 (C* T*)*')).warnings).toMatch(
      /ambiguous: a stage without blocks has several derivations/,
    );
    expect(opened(file('  stage 1 width 16 C T | C(expand: 2) T')).warnings).toMatch(
      /ambiguous: CT has several derivations/,
    );
    expect(opened(file('  stage 1 width 16 (C | T){1,4} C{2}')).warnings).toBe('');
    expect(opened(file('  stage 1 width 16 depth 1..3 (C | CT)+')).warnings).toBe('');
  });
  it('name a letter that a stage offers and never holds, and why', () => {
    expect(
      opened(file('  stage 1 width 16 (C | T){2}\n  stage 2 width 24 C (C | T)')).warnings,
    ).toMatchInlineSnapshot(`
      "w.space:4:35: warning: stage 2: transformer: head-dim must divide the width 24, got 16: members with this are left out
        4 |   block T = transformer(head-dim: 16)
          |                                   ^^

      w.space:7:20: warning: stage 2 never has T, although its layout allows it
        7 |   stage 2 width 24 C (C | T)
          |                    ^^^^^^^^^
          = transformer: head-dim must divide the width 24, got 16"
    `);
    expect(
      opened(file('  stage 1 width 16 (C | T){2}', '  where no TT and no CT and no TC')).warnings,
    ).toMatch(/stage 1 never has T/);
    expect(
      opened(file('  stage 1 width 16 C T?\n  stage 2 width 128 C T?', '  where params <= 200K')).warnings,
    ).toMatch(/stage 2 never has T/);
  });
  it('name conditions that remove nothing, or nearly all', () => {
    expect(
      opened(file('  stage 1 width 16 (C | T){2}', '  where params <= 1G and count(T) >= 1')).warnings,
    ).toMatchInlineSnapshot(`
      "w.space:8:9: warning: \`params <= 1G\` removes nothing: all 5 members without it satisfy it
        8 |   where params <= 1G and count(T) >= 1
          |         ^^^^^^^^^^^^"
    `);
    expect(opened(file('  stage 1 width 16 (C | T){8}', '  where count(T) >= 8')).warnings).toMatch(
      /`count\(T\) >= 8` removes nearly all: 1 of 6561 members are left \(0\.015 %\)/,
    );
  });
  it('stand for a block in no layout', () =>
    expect(opened(file('  stage 1 width 16 C')).warnings).toMatch(/block T is used in no layout/));
});

describe('breakdown', () => {
  it('says what each part offers and what each condition removes, alone and beyond the others', () => {
    const { space } = opened(
      file(
        '  stage 1 width {16, 32} (C | T){1,2}\n  stage 2 width 32 C',
        '  where count(T) >= 1 and width(1) == 16 and depth(1) <= 2',
      ),
    );
    const { parts, unconditioned, conditions } = breakdown(space);
    expect(parts.map(({ part, layouts, choices }) => [part, layouts, choices])).toEqual([
      ['input', undefined, 1n],
      ['stem', undefined, 1n],
      ['stage 1', 6n, 2n * (3n + 9n)],
      ['stage 2', 1n, 2n],
      ['head', undefined, 1n],
    ]);
    expect(unconditioned).toBe(48n);
    // Without T stage 1 is C or CC: 2 + 4 of 3 + 9.
    expect(
      conditions.map(({ condition, alone, beyondOthers }) => [condition.text, alone, beyondOthers]),
    ).toEqual([
      ['count(T) >= 1', 24n, 12n],
      ['width(1) == 16', 24n, 12n],
      ['depth(1) <= 2', 0n, 0n],
    ]);
  });
  it('does not list what a mirroring stage implies', () => {
    const found = breakdown(shipped('unet-mirror'));
    expect(found.conditions).toEqual([]);
    expect(found.parts.find(({ part }) => part === 'stage 5')!.layouts).toBe(4n);
  });
});

describe('neighbours', () => {
  const letters = (members: readonly Parameters<typeof layoutOf>[0][]): string[] =>
    members.map(layoutOf).sort();
  it('are the members one edit away', () => {
    const space = shipped('ascan-cpu');
    expect(letters(neighbours(space, memberWithLayout(space, 'C-CCCT-CCTT-CTTT')))).toEqual([
      'C-CCCC-CCTT-CTTT',
      'C-CCCT-CCCT-CTTT',
      'C-CCCT-CCTT-CCTT',
      'C-CCCT-CCTT-TTTT',
      'C-CCCT-CTTT-CTTT',
      'C-CCTT-CCTT-CTTT',
    ]);
  });
  it('change a mirrored stage with its source', () => {
    const space = shipped('unet-mirror');
    const member = memberWithLayout(space, 'CCT-CCC-CCT-CT-TCC-CCC-TCC');
    expect(letters(neighbours(space, member))).toEqual([
      'CCC-CCC-CCT-CT-TCC-CCC-CCC',
      'CCT-CCC-CCC-CT-CCC-CCC-TCC',
      'CCT-CCC-CTT-CT-TTC-CCC-TCC',
      'CCT-CCT-CCT-CT-TCC-TCC-TCC',
      'CTT-CCC-CCT-CT-TCC-CCC-TTC',
    ]);
    const random = seededRandom(1);
    let walker = member;
    const seen = new Set<string>();
    for (let step = 0; step < 60; step++) {
      walker = mutate(space, walker, random);
      expect(space.contains(walker)).toEqual({ member: true });
      seen.add(layoutOf(walker));
    }
    expect(seen.size).toBeGreaterThan(20);
  });
  it('change tied choices together', () => {
    const space = shipped('autoformer');
    const member = space.sample(seededRandom(5));
    const near = neighbours(space, member);
    expect(new Set(near.map((other) => other.stem.width)).size).toBeGreaterThan(1);
    for (const other of near) expect(other.stages[0]!.width).toBe(other.stem.width);
    expect(new Set(near.map((other) => other.stages[0]!.blocks[0]!.params['head-dim'])).size).toBe(2);
  });
  it('stay within a budget', () => {
    const space = shipped('ascan-equal-macs');
    const random = seededRandom(2);
    for (let member = space.sample(random), step = 0; step < 40; step++)
      expect(space.contains((member = mutate(space, member, random)))).toEqual({ member: true });
  });
});

describe('crossover', () => {
  it('mixes stages of both parents, mirrored stages together', () => {
    const space = shipped('unet-mirror');
    const random = seededRandom(3);
    const [first, second] = [
      memberWithLayout(space, 'CCC-CCC-CCC-CT-CCC-CCC-CCC'),
      memberWithLayout(space, 'TTT-TTT-TTT-CT-TTT-TTT-TTT'),
    ];
    const children = new Set(
      Array.from({ length: 60 }, () => {
        const child = crossover(space, first, second, random);
        expect(space.contains(child)).toEqual({ member: true });
        return layoutOf(child);
      }),
    );
    expect(children.size).toBe(8);
  });
});

describe('differences', () => {
  it('are none for the same architecture, and name places, parts and values', () => {
    const space = shipped('ascan-cpu');
    const [a, b] = [memberWithLayout(space, 'C-CCCT-CCTT-CTTT'), memberWithLayout(space, 'C-CCTT-CCTT-CCTT')];
    expect(architectureDifferences(a, memberWithLayout(space, 'C-CCCT-CCTT-CTTT'))).toEqual([]);
    expect(architectureDifferences(a, b)).toEqual([
      { place: 'stage 2 block 3', first: 'C = fused-mbconv', second: 'T = transformer' },
      { place: 'stage 4 block 2', first: 'T = transformer', second: 'C = fused-mbconv' },
    ]);
    const wider = {
      ...a,
      stem: { ...a.stem, width: 24 },
      stages: [...a.stages.slice(0, 3), { ...a.stages[3]!, width: 96, blocks: a.stages[3]!.blocks.slice(1) }],
    };
    expect(architectureDifferences(a, wider)).toEqual([
      { place: 'stem width', first: '16', second: '24' },
      { place: 'stage 4 width', first: '64', second: '96' },
      { place: 'stage 4 block 1', first: 'C = fused-mbconv', second: undefined },
    ]);
    const changed = {
      ...a,
      stages: a.stages.map((stage, index) =>
        index === 0
          ? { ...stage, blocks: [{ ...stage.blocks[0]!, params: { ...stage.blocks[0]!.params, kernel: 5 } }] }
          : stage,
      ),
    };
    expect(architectureDifferences(a, changed)).toEqual([
      {
        place: 'stage 1 block 1',
        first: 'C = fused-mbconv(kernel: 3)',
        second: 'C = fused-mbconv(kernel: 5)',
      },
    ]);
    expect(canonicalText(a)).not.toBe(canonicalText(changed));
  });
  it('align blocks with as few changes as possible', () => {
    const blocksOf = (layout: string) => [...layout].map((letter) => ({ letter, type: letter, params: {} }));
    const text = (one: string, other: string): string =>
      alignBlocks(blocksOf(one), blocksOf(other))
        .map(({ first, second }) => `${first?.letter ?? '.'}${second?.letter ?? '.'}`)
        .join(' ');
    expect(text('CCCT', 'CCT')).toMatch(/^(?:CC ){0,3}C\. (?:CC ){0,3}TT$/);
    expect(text('CT', 'TC')).toBe('.T CC T.');
    expect(text('', 'CT')).toBe('.C .T');
  });
});
