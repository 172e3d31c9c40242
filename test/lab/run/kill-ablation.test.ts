/**
 * A path of an ablation on the real engine, killed with SIGKILL and started again: the steps, decisions and scores of
 * an uninterrupted run, the plan frozen once, arms stored once.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it, onTestFinished } from 'vitest';
import { type AblationAnalysis, analyseAblation } from '../../../src/analysis/ablation/analyse-ablation.js';
import { openStore, readExperimentResult } from '../../../src/store/open-store.js';
import { temporaryFolder } from '../../store/stored-experiment.js';
import { writeTiny } from '../tiny.js';

const main = join(import.meta.dirname, '../../../dist/cli/main.js');
const text = `experiment tiny
  space tiny.space
  question "which steps raise the score?"
  baseline C-CT
  factors {order(to: t-first), recipe(parameter: guidance, to: 1), recipe(parameter: learning-rate, to: 0.01)}
  guide C-TT
  design path(keep: higher)
  rule better(looks: once)
  data idx(folder: digits)
  train adamw(epochs: 2, batch: 16) seeds {1, 2, 3}
`;

const start = (experiment: string, database: string): ChildProcess =>
  spawn(process.execPath, [main, 'run', experiment, '--db', database, '--json'], { stdio: 'ignore' });
const ended = (child: ChildProcess): Promise<number | null> =>
  new Promise((resolve) => child.once('exit', (code) => resolve(code)));

const logLines = (database: string): number =>
  existsSync(`${database}.log`) ? readFileSync(`${database}.log`, 'utf8').split('\n').length - 1 : 0;

function read(database: string): { analysis: AblationAnalysis; frozenAt: string; scores: unknown } {
  const store = openStore(database, { readonly: true });
  try {
    const result = readExperimentResult(store);
    return {
      analysis: analyseAblation(result)!,
      frozenAt: result.ablation!.frozenAt,
      scores: result.candidates.map(({ arm, scores }) => ({
        arm,
        top1: scores.map(({ seed, top1 }) => [seed, top1]),
      })),
    };
  } finally {
    store.close();
  }
}

describe.skipIf(process.platform !== 'linux')('run of an ablation, killed with SIGKILL', () => {
  it('goes on with the same steps, and ends with the same decisions and scores', async () => {
    const folder = temporaryFolder();
    const experiment = writeTiny(folder, text);
    const whole = join(folder, 'whole/results.sqlite');
    expect(await ended(start(experiment, whole))).toBe(0);
    const expected = read(whole);
    expect(expected.analysis.kept).toHaveLength(3);
    expect(expected.analysis.arms).toHaveLength(4);

    const database = join(folder, 'killed/results.sqlite');
    let [kills, frozenAt] = [0, ''];
    for (const lines of [4, 5, 6]) {
      const child = start(experiment, database);
      onTestFinished(() => {
        child.kill('SIGKILL');
      });
      const end = ended(child);
      const target = logLines(database) + lines;
      while (child.exitCode === null && logLines(database) < target) await sleep(10);
      if (child.exitCode !== null) break;
      child.kill('SIGKILL');
      kills++;
      await end;
      const now = read(database).frozenAt;
      if (frozenAt !== '') expect(now).toBe(frozenAt);
      frozenAt = now;
    }
    expect(kills).toBeGreaterThanOrEqual(2);
    expect(await ended(start(experiment, database))).toBe(0);
    const found = read(database);
    expect(found.frozenAt).toBe(frozenAt);
    expect(found.scores).toEqual(expected.scores);
    expect(found.analysis.kept).toEqual(expected.analysis.kept);
    expect(found.analysis.effects).toEqual(expected.analysis.effects);
  });
});
