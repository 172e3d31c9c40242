/** `results.json` read back: the result that was written, and messages for files that are none. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { conclusionsOf } from '../../src/analysis/summary/conclusions.js';
import { readResultsJson } from '../../src/report/read-results-json.js';
import { mostWholeNetworks, resultsJson } from '../../src/report/results-json.js';
import { asAblation } from '../fixtures/ablation-result.js';
import { fixtureResult } from '../fixtures/experiment-result.js';

const folder = mkdtempSync(join(tmpdir(), 'results-json-'));
afterAll(() => rmSync(folder, { recursive: true }));
const written = (text: string): string => {
  const file = join(folder, 'results.json');
  writeFileSync(file, text);
  return file;
};

describe('readResultsJson', () => {
  it.each([
    ['a fixture', fixtureResult({ candidates: 12 })],
    ['an ablation', asAblation(fixtureResult({ candidates: 8 }))],
  ])('%s: equal to what was written, and so are its conclusions', (_, result) => {
    const read = readResultsJson(written([...resultsJson(result)].join('')));
    expect(read).toEqual(result);
    expect(conclusionsOf(read).headline).toBe(conclusionsOf(result).headline);
  });
  it('an infinite bound and a loss that diverged come back', () => {
    const result = fixtureResult({ candidates: 1, failures: false });
    const [candidate] = result.candidates;
    const curve = candidate!.scores[0]!.curve.map((row) => ({ ...row, trainLoss: Number.NaN }));
    const odd = {
      ...result,
      candidates: [
        {
          ...candidate!,
          top1: { ...candidate!.top1!, high: Number.POSITIVE_INFINITY },
          scores: [{ ...candidate!.scores[0]!, curve }],
        },
      ],
    };
    const [read] = readResultsJson(written([...resultsJson(odd)].join(''))).candidates;
    expect(read!.top1!.high).toBe(Number.POSITIVE_INFINITY);
    expect(read!.scores[0]!.curve[0]!.trainLoss).toBeNaN();
  });
  it('files that are no whole result are refused with the place', () => {
    expect(() => readResultsJson(written('{'))).toThrow(
      'must be the results.json of a report, got a text that is no JSON',
    );
    expect(() => readResultsJson(written('{"experiment": {}}'))).toThrow('at experiment.id');
    expect(() => readResultsJson(join(folder, 'none.json'))).toThrow('no such file');
    const [only] = fixtureResult({ candidates: 1 }).candidates;
    const many = {
      ...fixtureResult(),
      candidates: Array.from({ length: mostWholeNetworks + 1 }, () => only!),
    };
    expect(() => readResultsJson(written([...resultsJson(many)].join('')))).toThrow('holds summaries');
  });
});
