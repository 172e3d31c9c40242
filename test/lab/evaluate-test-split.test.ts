/** A run on the real engine, what it leaves on disk, and the one look at the test split. */
import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { reportPage } from '../../src/report/write-report.js';
import type { ExperimentResult } from '../../src/store/experiment-result.js';
import { openStore, readExperimentResult } from '../../src/store/open-store.js';
import { readWeightsFile } from '../../src/train/weights/weights-file.js';
import { experimentText, writeTiny } from './tiny.js';

const folder = mkdtempSync(join(tmpdir(), 'stagecraft-test-split-'));
afterAll(() => rmSync(folder, { recursive: true }));
const cli = join(import.meta.dirname, '../../dist/cli/main.js');
const stagecraft = (...args: string[]) => {
  const { status, stdout, stderr } = spawnSync(process.execPath, [cli, ...args], {
    encoding: 'utf8',
    cwd: folder,
  });
  return { status, stdout, stderr };
};
const file = writeTiny(
  folder,
  experimentText()
    .replace(/ {2}profile.*\n/, '')
    .replace('idx(folder: digits)', 'idx(folder: digits, test: 18)')
    .replace('seeds {1, 2}', 'seeds {1}'),
);
const database = join(folder, 'reports/tiny/results.sqlite');

describe('test', () => {
  let result: ExperimentResult;
  beforeAll(() => {
    const { status, stderr } = stagecraft('run', file);
    expect(stderr).toContain('train');
    expect(status).toBe(0);
    const store = openStore(database, { readonly: true });
    result = readExperimentResult(store);
    store.close();
  });

  it('a run leaves splits by hash, who was taken for whom, weights that load, and a log that reads', () => {
    expect(result.splits!.map(({ split, count }) => [split, count])).toEqual([
      ['train', 70],
      ['validation', 8],
      ['test', 18],
    ]);
    expect(new Set(result.splits!.map(({ hash }) => hash)).size).toBe(3);
    for (const { scores, architecture } of result.candidates) {
      const [score] = scores;
      expect(score!.classReport!.confusion.flat().reduce((a, b) => a + b)).toBe(8);
      expect(score!.curve.at(-1)!.peakBytes).toBeGreaterThan(1e6);
      expect(score!.curve.at(-1)!.dataShare).toBeLessThan(1);
      const {
        weights,
        architecture: kept,
        datasetHash,
      } = readWeightsFile(join(folder, 'reports/tiny', score!.weightsFile!));
      expect(kept).toEqual(architecture);
      expect(datasetHash).toBe(result.datasetHash);
      expect(weights.size).toBeGreaterThan(10);
    }
    const log = readFileSync(`${database}.log`, 'utf8');
    expect(log).toMatch(/Z {2}train C-\w+ [0-9a-f]{12} seed 1: epoch 1\/3 {2}loss /);
    expect(log).toMatch(/: ok after \d+ steps, [\d.]+ s; weights in .*\.safetensors\n/);
    expect(existsSync(`${database}.work`)).toBe(false);
    expect(reportPage(result)).toContain('<h2>Confusion by class</h2>');
  });

  it('scores the best on validation, keeps the score, and refuses another network without a word', () => {
    const best = [...result.candidates].sort((a, b) => b.top1!.value - a.top1!.value)[0]!;
    const first = stagecraft('test', file, '--json');
    expect(first.stderr).toBe('');
    const scored = JSON.parse(first.stdout.trim()) as { id: string; top1: number; count: number };
    expect(scored).toMatchObject({ count: 18 });
    expect(result.candidates.find(({ architectureId }) => architectureId === scored.id)!.top1!.value).toBe(
      best.top1!.value,
    );
    expect(scored.top1).toBeGreaterThanOrEqual(0);
    const again = stagecraft('test', file);
    expect(again.stdout).toContain('the split was used for 1 network of this experiment');
    expect(again.stdout).toContain('evaluated on 2');
    const other = result.candidates.find(
      ({ architectureId }) => architectureId !== scored.id,
    )!.architectureId;
    const refused = stagecraft('test', file, '--arch', other);
    expect(refused.status).toBe(2);
    expect(refused.stderr).toMatch(
      /test: the test split was used for [0-9a-f]{12} on \d{4}-.*; selection on it biases every further score/,
    );
    expect(stagecraft('test', file, '--arch', other, '--again').stdout).toContain('used for 2 networks');
  });

  it('says what is missing', () => {
    expect(stagecraft('test', file, '--db', 'none.sqlite')).toMatchObject({
      status: 2,
      stderr: expect.stringContaining('none.sqlite: no such database'),
    });
    expect(stagecraft('test', file, '--arch', 'ffff')).toMatchObject({
      status: 2,
      stderr: expect.stringContaining('no finished training of an architecture that begins with "ffff"'),
    });
  });
});
