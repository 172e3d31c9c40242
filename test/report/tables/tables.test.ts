import { parse } from 'csv-parse/sync';
import { describe, expect, it } from 'vitest';
import { type AblationAnalysis, analyseAblation } from '../../../src/analysis/ablation/analyse-ablation.js';
import {
  macsAgreement,
  publishedRanks,
  publishedSentence,
} from '../../../src/analysis/ablation/published-ranks.js';
import { effectsFigure } from '../../../src/report/figures/effects-figure.js';
import { ablationSection } from '../../../src/report/html/ablation-section.js';
import { forestSvg } from '../../../src/report/svg/forest-svg.js';
import { ablationTables } from '../../../src/report/tables/ablation-tables.js';
import { csvTable } from '../../../src/report/tables/csv-table.js';
import { latexTable } from '../../../src/report/tables/latex-table.js';
import { markdownTable } from '../../../src/report/tables/markdown-table.js';
import type { Table } from '../../../src/report/tables/table.js';
import { asAblation } from '../../fixtures/ablation-result.js';
import { fixtureResult } from '../../fixtures/experiment-result.js';

const hostile = [
  'plain',
  '\\input{/etc/passwd} $x_1^2$ 50% & #1 ~ "q"',
  '<script>alert(1)</script> | `code` *bold* [link](x)',
  '=cmd()|日本 é −±×',
  'a\nb\\\\',
];
const result = asAblation(fixtureResult({ candidates: 5, seeds: 6, failures: false }), {
  names: hostile,
  question: `Which? ${hostile[1]}`,
});
const tables = ablationTables(analyseAblation(result)!);

/** What LaTeX would have to read: commands known, groups closed, one cell per column in every line. */
function assertLatex(text: string, { columns, rows }: Table): void {
  const known = new Set(
    (
      'usepackage begin end centering caption toprule midrule bottomrule textbf checkmark textbackslash ' +
      'textasciitilde textasciicircum textless textgreater textbar textquotedbl pm times leq geq rightarrow ldots'
    ).split(' '),
  );
  expect(text).toMatch(/^[ -~\n]*$/);
  const body = text.split('\n').slice(1).join('\n');
  for (const [, command] of body.matchAll(/\\([a-zA-Z]+)/g)) expect(known).toContain(command);
  const bare = body.replace(/\\[\\{}$&#_%]/g, '');
  let depth = 0;
  for (const character of bare) {
    if (character === '{') depth++;
    if (character === '}') depth--;
    expect(depth).toBeGreaterThanOrEqual(0);
  }
  expect(depth).toBe(0);
  expect((bare.match(/\$/g) ?? []).length % 2).toBe(0);
  expect(bare).not.toMatch(/[%#~^_]/);
  const lines = body.split('\n').filter((line) => line.endsWith(' \\\\'));
  expect(lines).toHaveLength(rows.length + 1);
  for (const line of lines)
    expect((line.replaceAll('\\&', '').match(/&/g) ?? []).length).toBe(columns.length - 1);
}

describe('tables of an ablation', () => {
  it('have one row per arm and per effect', () => {
    expect(tables.map(({ rows }) => rows.length)).toEqual([5, 4]);
    for (const { columns, rows } of tables) for (const row of rows) expect(row).toHaveLength(columns.length);
  });

  it('show every cost that is held equal, its tolerance and the distance of each arm', () => {
    const five = fixtureResult({ candidates: 5, seeds: 6, failures: false });
    const [first] = five.candidates;
    const target = first!.profiles.find(({ batch }) => batch === 16)!.stepMs!.value;
    const slower = five.candidates.map((each, index) => ({
      ...each,
      macs: first!.macs,
      profiles: each.profiles.map((profile) => {
        const stepMs = (1 + 0.02 * index) * target;
        return { ...profile, stepMs: { value: stepMs, low: 0.99 * stepMs, high: 1.01 * stepMs, samples: 9 } };
      }),
    }));
    const held = (hold: Parameters<typeof asAblation>[1]): Table =>
      ablationTables(analyseAblation(asAblation({ ...five, candidates: slower }, hold))!)[0]!;
    const column = (table: Table, title: string): string[] => {
      const at = table.columns.findIndex((each) => each.title === title);
      expect(at).toBeGreaterThan(0);
      return table.rows.map((row) => row[at]!.text);
    };
    const times = held({ hold: { latency: 0.05, batch: 16, by: 'width' } });
    const cells = column(times, 'ms @16, held within 5 %');
    expect(cells.map((text) => /\(.*$/.exec(text)?.[0] ?? '')).toEqual([
      '',
      '(+2.0 %)',
      '(+4.0 %)',
      '(+6.0 %) !',
      '(+8.0 %) !',
    ]);
    expect(times.notes.join(' ')).toContain('! marks ms @16 outside the tolerance');
    expect(times.rows.map((row) => row.at(-1)!.text === 'not compared')).toEqual([
      false,
      false,
      false,
      true,
      true,
    ]);
    column(times, 'params');
    expect(times.caption).toMatch(
      /^Which level is best\? Baseline .+ At equal measured latency \(within 5 %\)\.$/,
    );
    const macs = held({ hold: { macs: 0.02, by: 'width' } });
    expect(
      column(macs, 'MACs, held within 2 %')
        .slice(1)
        .every((text) => text.endsWith('(+0.0 %)')),
    ).toBe(true);
    expect(macs.columns.some(({ title }) => title.startsWith('ms'))).toBe(false);
    expect(macs.notes.join(' ')).not.toContain('!');
    column(held({ hold: { params: 0.5, by: 'width' } }), 'params, held within 50 %');
  });

  it('LaTeX is well-formed for hostile names, in printable ASCII', () => {
    for (const table of tables) assertLatex(latexTable(table), table);
  });

  it('Markdown keeps its columns, and names are text', () => {
    for (const table of tables) {
      const text = markdownTable(table);
      expect(text).not.toContain('<script');
      const lines = text.split('\n').filter((line) => line.startsWith('|'));
      expect(lines).toHaveLength(table.rows.length + 2);
      for (const line of lines)
        expect(line.replaceAll('\\\\', '').replaceAll('\\|', '').split('|')).toHaveLength(
          table.columns.length + 2,
        );
    }
  });

  it('CSV reads back to the cells, formulas defused', () => {
    for (const table of tables) {
      const rows = parse(csvTable(table)) as string[][];
      expect(rows).toHaveLength(table.rows.length + 1);
      expect(rows.flat().some((text) => text.startsWith('=cmd'))).toBe(false);
    }
  });

  it('a difference is bold where it is real, and else marked as a tie', () => {
    const analysis = analyseAblation(result)!;
    const [arms] = tables;
    analysis.effects.forEach(({ isReal }, index) => {
      const last = arms!.rows[index + 1]!.at(-1)!;
      expect(last.bold === true).toBe(isReal === true);
      expect(last.text.endsWith('=')).toBe(isReal !== true);
    });
  });

  it('two levels are a tick, and factorial designs list the importance of factors', () => {
    const four = fixtureResult({ candidates: 4, seeds: 6, failures: false });
    const levels = [
      [0, 0],
      [0, 1],
      [1, 0],
      [1, 1],
    ];
    const base = asAblation(four);
    const factorial = {
      ...base,
      ablation: {
        ...base.ablation!,
        plan: {
          ...base.ablation!.plan,
          factors: ['a', 'b'].map((name) => ({ name, levels: ['off', 'on'] })),
          design: { kind: 'full-factorial' as const },
        },
        arms: base.ablation!.arms.map((arm, index) => ({ ...arm, levels: levels[index]! })),
      },
    };
    const [arms, effects, importance] = ablationTables(analyseAblation(factorial)!);
    expect(
      arms!.rows.map((row) =>
        row
          .slice(1, 3)
          .map(({ text }) => text)
          .join(''),
      ),
    ).toEqual(['––', '–✓', '✓–', '✓✓']);
    expect(effects!.rows.map(([name]) => name!.text)).toEqual(['a = on', 'b = on', 'a = on × b = on']);
    expect(importance!.rows.map(([name]) => name!.text)).toEqual(['a', 'b', 'a × b']);
    const iqm = arms!.columns.findIndex(({ title }) => title.startsWith('IQM'));
    for (const row of arms!.rows) expect(row[iqm]!.text).toMatch(/^\d+\.\d+ (± |\[)/);
    for (const row of importance!.rows.slice(0, 2))
      expect(row.at(-1)!.text).toMatch(/^.?[\d.]+ \[.+, .+\] \(p [=<] /);
    for (const table of [arms!, effects!, importance!]) assertLatex(latexTable(table), table);
  });
});

describe('the ablation in the page', () => {
  it('escapes names, and has the forest plot with one mark per effect', () => {
    const section = ablationSection(result);
    expect(section).not.toContain('<script>');
    expect(section.match(/<circle /g)).toHaveLength(4);
    expect(ablationSection(fixtureResult())).toBe('');
  });

  it('says that nothing is measured where nothing is', () => {
    const empty = asAblation(fixtureResult({ candidates: 3, seeds: 0 }), { response: 'top-1' });
    expect(ablationSection(empty)).toContain('has no run paired with baseline yet');
    const single = asAblation(fixtureResult({ candidates: 2, seeds: 1 }));
    expect(ablationSection(single)).toContain('interval not bounded yet');
  });

  it('draws intervals about zero within its width', () => {
    const svg = forestSvg(effectsFigure.info(result)!, { width: 700 });
    const xs = [...svg.matchAll(/ x[12]?="(-?[\d.]+)"/g)].map(([, x]) => Number(x));
    expect(Math.min(...xs)).toBeGreaterThanOrEqual(0);
    expect(Math.max(...xs)).toBeLessThanOrEqual(700);
  });
});

describe('published numbers', () => {
  const five = () => fixtureResult({ candidates: 5, seeds: 6, failures: false });
  const arms = ['baseline', 'factor = a', 'factor = b', 'factor = c', 'factor = d'];
  const withPublished = (values: readonly (number | undefined)[]) => {
    const { plan } = asAblation(fixtureResult({ candidates: 5, seeds: 6, failures: false })).ablation!;
    const base = asAblation(fixtureResult({ candidates: 5, seeds: 6, failures: false }), {
      ...plan,
      names: ['', 'a', 'b', 'c', 'd'],
      published: arms.map((arm, index) => ({
        arm,
        metric: 'top-1',
        source: 'here',
        ...(values[index] !== undefined && { value: values[index] }),
      })),
    });
    return analyseAblation(base)!;
  };

  it('tau is 1 for the measured order, -1 for its reverse, with an interval of five arms', () => {
    const means = withPublished([]).arms.map(({ mean }) => mean!);
    expect(publishedRanks(withPublished(means))).toMatchObject({ arms: 5, tau: 1, unknown: 0 });
    const reversed = publishedRanks(withPublished(means.map((mean) => -mean)))!;
    expect(reversed.tau).toBe(-1);
    expect(reversed.interval!.high).toBeLessThan(0.8);
  });

  it('an unknown value stays unknown: it is shown as such and takes no part', () => {
    const analysis = withPublished([80, undefined, 82, undefined, undefined]);
    expect(publishedRanks(analysis)).toMatchObject({ arms: 2, unknown: 3 });
    const table = ablationTables(analysis)[0]!;
    const column = table.columns.findIndex(({ title }) => title.startsWith('published'));
    expect(table.rows.map((row) => row[column]!.text)).toEqual(['80', '?', '82', '?', '?']);
    expect(publishedSentence(withPublished([]))).toContain('cannot be compared');
    expect(publishedSentence(withPublished([80, 81, 82, 83, undefined]))).toMatch(
      / over 4 arms; 1 published value is unknown\.$/,
    );
    expect(publishedSentence(withPublished([80]))).toContain('1 arm has both; 4 published values are');
  });

  it('notes explain marks that stand in a cell, and no others', () => {
    const notes = (analysis: AblationAnalysis): string => ablationTables(analysis)[0]!.notes.join(' ');
    expect(notes(withPublished([80, undefined, 82, 83, 84]))).toContain('? marks');
    expect(notes(withPublished([80, 81, 82, 83, 84]))).not.toContain('? marks');
    const rule = { ...asAblation(five()).ablation!.plan.rule, looks: 'any-time' as const };
    const looks = (seeds: number) =>
      analyseAblation(asAblation(fixtureResult({ candidates: 3, seeds, failures: false }), { rule }))!;
    expect(notes(looks(3))).toContain('[open]');
    expect(notes(looks(8))).not.toContain('[open]');
  });

  it('a table of other networks says how MACs order them, and adds no column', () => {
    const of = (values: readonly (readonly [number, number])[]): AblationAnalysis => {
      const { plan } = asAblation(five()).ablation!;
      const published = values.flatMap(([macs, value], index) => [
        { arm: `net ${index}`, metric: 'macs', value: macs, source: 'here' },
        { arm: `net ${index}`, metric: 'top-1', value, source: 'here' },
      ]);
      return analyseAblation(asAblation(five(), { ...plan, published }))!;
    };
    // two of the ten pairs are in the other order: tau = (8 − 2) / 10
    const analysis = of([
      [1, 10],
      [2, 30],
      [3, 20],
      [4, 50],
      [5, 40],
    ]);
    expect(macsAgreement(analysis)).toMatchObject({ networks: 5, tau: 0.6 });
    expect(publishedSentence(analysis)).toMatch(
      /^Over 5 published networks, Kendall's tau of MACs with top-1 is 0\.60 \[.+\]\.$/,
    );
    expect(ablationTables(analysis)[0]!.columns.some(({ title }) => title.startsWith('published'))).toBe(
      false,
    );
    expect(macsAgreement(of([]))).toBeUndefined();
    expect(publishedSentence(of([]))).toBe('');
  });
});
