/** `reproduce` where a file of the experiment is not beside the report. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { resultsJson } from '../../../src/report/results-json.js';
import { asAblation } from '../../fixtures/ablation-result.js';
import { fixtureResult } from '../../fixtures/experiment-result.js';
import { inProcess } from '../in-process.js';

const folder = mkdtempSync(join(tmpdir(), 'stagecraft-reproduce-cli-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
const shipped = 'experiments/ablations';
const text = (name: string): string => readFileSync(join(shipped, name), 'utf8');

describe('reproduce of an ablation with published numbers', () => {
  const result = asAblation(fixtureResult({ candidates: 3, failures: false }));
  const experiment = {
    ...result.experiment,
    name: 'macs-mispredict-time',
    text: text('macs-mispredict-time.experiment'),
    spaceText: text('ablation-cpu.space'),
  };
  writeFileSync(join(folder, 'results.json'), [...resultsJson({ ...result, experiment })].join(''));

  it('says that --base must name the folder of the file, which it then finds', async () => {
    const { code, err } = await inProcess(['reproduce', folder, '--dry-run']);
    expect(code).toBe(2);
    expect(err).toMatch(/experiment:\d+:\d+: error: published\/macs-and-throughput\.csv: no such file/);
    expect(err).toContain('--base: must be the folder that paths of the experiment are relative to, got "."');
    expect(err).toContain('name the folder of the experiment file');
    const found = await inProcess(['reproduce', folder, '--dry-run', '--base', shipped]);
    expect(found.err).toBe('');
    expect(found.code).toBe(0);
  });
});
