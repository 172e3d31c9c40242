import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { stringify } from 'csv-stringify/sync';
import { afterAll, describe, expect, it } from 'vitest';
import { embeddableJson, embeddableScript } from '../../src/report/html/html-page.js';
import { csvOfRows, resultsCsv } from '../../src/report/tables/results-csv.js';
import { reportPage, writeReport } from '../../src/report/write-report.js';
import type { ExperimentResult } from '../../src/store/experiment-result.js';
import { UserError } from '../../src/util/errors.js';
import { escapeMarkup } from '../../src/util/escape-markup.js';
import { fixtureResult } from '../fixtures/experiment-result.js';

const folder = mkdtempSync(join(tmpdir(), 'report-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe('writeReport', () => {
  it('writes page, CSV and JSON, and nothing else', async () => {
    const result = fixtureResult();
    const files = await writeReport(result, join(folder, 'a'));
    expect(readdirSync(join(folder, 'a')).sort()).toEqual([
      'batches.csv',
      'index.html',
      'launches.csv',
      'results.csv',
      'results.json',
      'seeds.csv',
    ]);
    expect(JSON.parse(readFileSync(files.jsonFile, 'utf8'))).toEqual(JSON.parse(JSON.stringify(result)));
    expect(readFileSync(files.htmlFile, 'utf8')).toContain('<!doctype html>');
  });
  it('refuses a folder that cannot be made, with the reason', async () => {
    writeFileSync(join(folder, 'file'), '');
    await expect(writeReport(fixtureResult({ candidates: 1 }), join(folder, 'file'))).rejects.toThrow(
      UserError,
    );
    await expect(writeReport(fixtureResult({ candidates: 1 }), join(folder, 'file'))).rejects.toThrow(
      /must be a folder that can be written, got E/,
    );
  });
});

describe('reportPage', () => {
  it('is the same for the same result', () =>
    expect(reportPage(fixtureResult({ candidates: 3 }))).toBe(reportPage(fixtureResult({ candidates: 3 }))));
  it('says what is missing while nothing is measured or scored', () => {
    expect(reportPage(fixtureResult({ candidates: 0 }))).toContain('Nothing is measured yet.');
    const measured = fixtureResult({ candidates: 4, seeds: 0 });
    const jobs = { ...measured.jobs, planned: measured.jobs.planned + 4 };
    expect(reportPage({ ...measured, jobs }).includes('No layout is scored yet')).toBe(true);
    const page = reportPage(measured);
    expect(page.includes('4 layouts are measured; none was to be trained.')).toBe(true);
  });
  it('refers to nothing outside itself', () => {
    const page = reportPage(fixtureResult());
    const own = page.replace(/<script>[^]*?<\/script>/g, ''); // the library's texts name addresses that it never loads
    expect(own).not.toMatch(/\b(?:src|href)\s*=/);
    expect(own).not.toMatch(/https?:\/\//);
    expect(own).toContain("default-src 'none'");
  });
});

/** Rows by column name; the fixture's cells hold no commas. */
function rowsOf(text: string): Record<string, string>[] {
  const [head, ...lines] = text.trimEnd().split('\n');
  const names = head!.split(',');
  return lines.map((line) => {
    const cells = line.split(',');
    expect(cells.length).toBe(names.length);
    return Object.fromEntries(names.map((name, column) => [name, cells[column]!]));
  });
}
it('csvOfRows writes what the library writes, cell by cell', () => {
  const cells = [
    'CC-CCCT',
    'a b',
    'a,b',
    'a"b',
    'a\nb',
    'a\rb',
    '=1+1',
    '-x',
    '+x',
    '@x',
    '\tx',
    '_x',
    ' x',
    'x ',
    'é',
    '日本',
    '',
    undefined,
    0,
    -0,
    -1.5,
    1e21,
    1e-7,
    Number.NaN,
    Number.POSITIVE_INFINITY,
    'x;y',
    '1e5',
    '\uFF1Dx',
  ];
  const columns = cells.map((_, index) => `c${index}`);
  const rows = [cells, [...cells].reverse()];
  expect([...csvOfRows(columns, rows)].join('')).toBe(
    stringify([columns, ...rows], { escape_formulas: true, record_delimiter: 'unix' }),
  );
  expect([...csvOfRows(columns, [])].join('')).toBe('');
});

const withoutReasons = (result: ExperimentResult): ExperimentResult => ({
  ...result,
  candidates: result.candidates.map((each) => ({ ...each, failures: [] })),
});

describe('CSV tables', () => {
  const result = withoutReasons(fixtureResult({ candidates: 5, failures: false }));
  const of = (id: string) => result.candidates.find(({ architectureId }) => architectureId === id)!;

  it('networks: one row each, with the names of objectives, intervals and the score’s resolution', () => {
    const rows = rowsOf([...resultsCsv(result, 'results')].join(''));
    expect(rows.map(({ id }) => id)).toEqual(result.candidates.map(({ architectureId }) => architectureId));
    for (const row of rows) {
      const { top1, kind } = { ...of(row['id']!), kind: of(row['id']!).symmetry };
      expect([row['top-1'], row['top-1-low'], row['top-1-high']].map(Number)).toEqual([
        top1!.value,
        top1!.low,
        top1!.high,
      ]);
      expect(row['kind']).toBe(kind);
      expect(Number(row['score-resolution'])).toBeGreaterThan(0);
      expect(row['widths']!.split(' ').map(Number)).toEqual(
        of(row['id']!).architecture.stages.map(({ width }) => width),
      );
    }
    expect(rows.some(({ front }) => front === '1')).toBe(true);
  });
  it('seeds: one row per training, whose mean is the network’s score', () => {
    const rows = rowsOf([...resultsCsv(result, 'seeds')].join(''));
    expect(rows.length).toBe(result.candidates.reduce((sum, { scores }) => sum + scores.length, 0));
    for (const { architectureId, top1 } of result.candidates) {
      const own = rows.filter(({ id }) => id === architectureId).map((row) => Number(row['top-1']));
      expect(own.reduce((sum, each) => sum + each, 0) / own.length).toBeCloseTo(top1!.value, 6);
    }
  });
  it('batches and launches: one row each, with interval, flags and the resolution at that batch', () => {
    const resolution = { batch: 1, networks: 5, relative: 0.02, residual: 0.01, freedom: 9, launches: 3 };
    const run = { ...result, resolutions: [resolution] };
    const batches = rowsOf([...resultsCsv(run, 'batches')].join(''));
    const launches = rowsOf([...resultsCsv(run, 'launches')].join(''));
    for (const row of batches) {
      const profile = of(row['id']!).profiles.find(({ batch }) => String(batch) === row['batch'])!;
      expect(Number(row['images-per-second'])).toBe(profile.imagesPerSecond!.value);
      expect(Number(row['images-per-second-low'])).toBe(profile.imagesPerSecond!.low);
      expect(row['resolution']).toBe(row['batch'] === '1' ? '0.02' : '');
      expect(row['flags']).toBe(profile.flags.join(' '));
      const own = launches.filter(({ id, batch }) => id === row['id'] && batch === row['batch']);
      expect(own.map(({ launch }) => Number(launch))).toEqual(profile.launches.map((_, index) => index + 1));
    }
    expect(batches.length).toBe(result.candidates.reduce((sum, { profiles }) => sum + profiles.length, 0));
  });
  it('no cell is taken for a formula', () => {
    const result = fixtureResult({ candidates: 1 });
    const hostile = { ...result, candidates: [{ ...result.candidates[0]!, layout: '=HYPERLINK("x")' }] };
    expect([...resultsCsv(hostile, 'results')].join('')).toContain(`"'=HYPERLINK(""x"")"`);
  });
});

describe('escaping', () => {
  it('escapeMarkup leaves no markup', () =>
    expect(escapeMarkup(`<b a="x" c='y'>&`)).toBe('&#60;b a=&#34;x&#34; c=&#39;y&#39;&#62;&#38;'));
  it('embeddableJson holds no tag and parses back', () => {
    const value = { text: '</script><!-- & \u2028', list: ['<img onerror=1>'] };
    expect(embeddableJson(value)).not.toMatch(/[<>&\u2028]/);
    expect(JSON.parse(embeddableJson(value))).toEqual(value);
  });
  it('embeddableScript keeps the meaning of a string with a closing tag', () => {
    const code = `globalThis.seen = "</script><!--" + "</SCRIPT>"`;
    expect(embeddableScript(code)).not.toMatch(/<\/script|<!--/i);
    expect(new Function(`${embeddableScript(code)}; return globalThis.seen`)()).toBe(
      '</script><!--</SCRIPT>',
    );
  });
});
