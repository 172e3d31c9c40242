/** `export DB --to json`: the file that `report` writes, from which the result is read back. */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { readResultsJson } from '../../../src/report/read-results-json.js';
import { createDatabase } from '../../fixtures/experiment-database.js';
import { fixtureResult } from '../../fixtures/experiment-result.js';
import { inProcess } from '../in-process.js';

const folder = mkdtempSync(join(tmpdir(), 'stagecraft-export-results-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe('export of a result', () => {
  const database = join(folder, 'results.sqlite');
  const result = fixtureResult({ candidates: 4, failures: false });
  createDatabase(database, result).record(Infinity);

  it('--to json writes what report writes, and reproduce reads', async () => {
    const out = join(folder, 'json');
    expect(await inProcess(['export', database, '--to', 'json', '--out', out])).toEqual({
      code: 0,
      out: `wrote ${join(out, 'results.json')}\n`,
      err: '',
    });
    const report = join(folder, 'report');
    expect((await inProcess(['report', database, '--out', report])).code).toBe(0);
    const [exported, reported] = [out, report].map((each) =>
      readFileSync(join(each, 'results.json'), 'utf8'),
    );
    expect(exported).toBe(reported);
    const read = readResultsJson(join(out, 'results.json'));
    expect(read.candidates.map(({ layout }) => layout).sort()).toEqual(
      result.candidates.map(({ layout }) => layout).sort(),
    );
  });

  it('--to csv writes each table', async () => {
    const answer = await inProcess(['export', database, '--to', 'csv', '--out', folder, '--json']);
    expect(JSON.parse(answer.out)).toEqual({
      files: ['results', 'seeds', 'batches', 'launches'].map((name) => join(folder, `${name}.csv`)),
    });
  });
});
