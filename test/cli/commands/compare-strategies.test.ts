/** `compare-strategies` on a table in the documented CSV form. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { plantedTable } from '../../../src/search/tables/planted-table.js';
import { root, stagecraft } from '../run-cli.js';

const folder = mkdtempSync(join(tmpdir(), 'stagecraft-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** A planted table as CSV, two seeds a network, with times that rise with the cost. */
function tableFile(): string {
  const table = plantedTable({ seed: 4, genes: 4, seeds: 2 });
  const lines = [...table.space.enumerate()].flatMap((candidate) =>
    table
      .runs(candidate)
      .map(({ values: { score, cost } }, seed) =>
        [...candidate.genes, seed, 10 * cost!, score, cost].join(','),
      ),
  );
  const head = 'choice.a,choice.b,choice.c,choice.d,seed,seconds,score,cost:lower:exact';
  const file = join(folder, 'planted.csv');
  writeFileSync(file, [head, ...lines].join('\n'));
  return file;
}

interface Answer {
  readonly subject: Readonly<Record<string, unknown>>;
  readonly rows: readonly { label: string; share: { value: number }; meanRank: number; p: number | null }[];
  readonly points: readonly { label: string; axis: string; at: number; share: { value: number } }[];
  readonly timed: boolean;
}

describe('compare-strategies', () => {
  const file = tableFile();
  const page = join(folder, 'page.html');
  const figure = join(folder, 'figure.svg');
  const common = [
    '--strategies',
    'uniform,nsga2(population: 10),predictor',
    '--seeds',
    '10',
    '--budget',
    '32',
  ];
  it('ranks strategies with intervals, significance and three axes, and repeats exactly', () => {
    const args = ['compare-strategies', file, ...common, '--workers', '4', '--json'];
    const { code, out } = stagecraft([...args, '--html', page, '--figure', figure]);
    expect(code).toBe(0);
    const { subject, rows, points, timed } = JSON.parse(out) as Answer;
    expect(subject).toMatchObject({ networks: 81, seeds: 10, budget: 32, workers: 4 });
    expect(timed).toBe(true);
    expect(rows.map(({ label }) => label)).toEqual(['uniform', 'nsga2(population: 10)', 'predictor']);
    expect(rows.reduce((sum, { meanRank }) => sum + meanRank, 0)).toBeCloseTo(6, 9);
    const best = rows.find(({ p }) => p === null)!;
    expect(best.label).toBe('predictor');
    expect(rows[0]!.p).toBeLessThan(0.05);
    const ends = (axis: string) => Math.max(...points.filter((p) => p.axis === axis).map(({ at }) => at));
    expect(ends('trials')).toBe(32);
    // Four workers share the seconds of training.
    expect(ends('clockSeconds')).toBeLessThan(ends('computeSeconds') / 2);
    expect(stagecraft(args).out).toBe(out);
  });
  it('writes one page without scripts, and a figure with a band and a line per strategy and panel', () => {
    const [html, svg] = [readFileSync(page, 'utf8'), readFileSync(figure, 'utf8')];
    expect(html).toContain("script-src 'none'");
    expect(html).toContain('<td>nsga2(population: 10)</td>');
    expect(html).not.toMatch(/https?:\/\/(?!www\.w3\.org)/);
    for (const text of [html, svg]) {
      expect(text.match(/fill-opacity="0.12"/g)!.length).toBe(3 * 6);
      expect(text.match(/<title>predictor<\/title>/g)!.length).toBe(6);
      expect(text).not.toMatch(/NaN|undefined|Infinity/);
    }
  });
  it('prints the tables of each axis', () => {
    const { out } = stagecraft(['compare-strategies', file, ...common]);
    expect(out).toMatch(/predictor +\d\d\.\d\d +\d\d\.\d\d to \d+\.\d\d +\d\.\d\d +1\.\d\d/);
    expect(out).toContain('hypervolume after seconds of training');
    expect(out).not.toContain('simulated clock');
    expect(out.trimEnd()).toMatch(/predictor has the best mean rank, with \d\d\.\d\d % of the hypervolume/);
  });
  it.each([
    ['nsga3x', '--strategies: must be a known name, got "nsga3x"'],
    ['uniform,uniform', '--strategies: a strategy must be named once, got "uniform" again'],
    ['nsga2(population: 1)', '--strategies: nsga2: population must lie in 4..100000, got 1'],
  ])('refuses --strategies %s', (list, message) =>
    expect(stagecraft(['compare-strategies', file, '--strategies', list])).toMatchObject({
      code: 2,
      out: '',
      err: expect.stringContaining(message) as string,
    }),
  );
  it('says what auto chose and why, and when there are too few seeds for any difference', () => {
    const args = ['--strategies', 'auto,uniform', '--seeds', '3', '--budget', '20'];
    const { out } = stagecraft(['compare-strategies', file, ...args]);
    expect(out).toContain('Fewer than 6 seeds cannot tell them apart.');
    expect(out).toContain('auto is predictor: a model finds the front in fewest trials; there are 20 trials');
  });
  it('names the line of a wrong table, a wrong objective, and a page that cannot be written', () => {
    const wrong = join(folder, 'wrong.csv');
    writeFileSync(wrong, 'layout,accuracy\nCC,0.5\nCT,high\n');
    const failure = (...args: string[]) => stagecraft(['compare-strategies', ...args]).err;
    expect(failure(wrong)).toContain('wrong.csv:3: accuracy must be a finite number, got "high"');
    expect(failure(file, '--objectives', 'scoer,cost')).toContain('must be a quantity of planted.csv');
    const absent = join(folder, 'absent', 'page.html');
    expect(failure(file, ...common, '--html', absent)).toContain(
      '--html: must be a file that can be written',
    );
  });
  it('reads the CSV example of the documents', () => {
    const text = readFileSync(join(root, 'docs/benchmark-tables.md'), 'utf8');
    const example = join(folder, 'example.csv');
    writeFileSync(example, /```csv\n([^]*?)```/.exec(text)![1]!);
    const { code, out } = stagecraft([
      'compare-strategies',
      example,
      '--objectives',
      'accuracy,latency',
      '--strategies',
      'exhaustive,uniform',
      '--seeds',
      '6',
      '--budget',
      '4',
    ]);
    expect(code).toBe(0);
    expect(out).toMatch(/exhaustive +100\.00/);
  });
});
