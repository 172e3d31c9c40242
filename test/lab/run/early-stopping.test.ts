/**
 * Sweeps with early stopping and cheaper fidelities, in real child processes; killed and resumed they decide
 * alike.
 */
import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it, onTestFinished } from 'vitest';
import type { ExperimentResult } from '../../../src/store/experiment-result.js';
import { openStore, readExperimentResult } from '../../../src/store/open-store.js';
import { main, stagecraft } from '../../cli/run-cli.js';
import { temporaryFolder } from '../../store/stored-experiment.js';
import { experimentText, writeTiny } from '../tiny.js';

const trainingOnly = (more: string, seeds = '{1}'): string =>
  experimentText(`  workers trainings(count: 1)\n${more}`)
    .replace(/ {2}profile.*\n/, '')
    .replace('epochs: 3', 'epochs: 4')
    .replace('seeds {1, 2}', `seeds ${seeds}`);

function read(database: string): ExperimentResult {
  const store = openStore(database, { readonly: true });
  onTestFinished(() => store.close());
  return readExperimentResult(store);
}

/** Epochs of every training by layout, and whether it was stopped. */
const ran = (result: ExperimentResult): Record<string, string[]> =>
  Object.fromEntries(
    result.candidates.map(({ layout, scores, stopped }) => [
      layout,
      [
        ...scores.map(({ curve }) => `finished ${curve.length}`),
        ...(stopped ?? []).map(({ curve }) => `stopped ${curve.length}`),
      ],
    ]),
  );

describe('stopping', () => {
  it('halving holds all at each rung and lets the better half go on', () => {
    const folder = temporaryFolder();
    const database = join(folder, 'results.sqlite');
    const answer = stagecraft([
      'run',
      writeTiny(folder, trainingOnly('  stopping halving(reduction: 2, first: 1)\n')),
      '--db',
      database,
    ]);
    expect(answer.err).not.toMatch(/failed/);
    expect(answer.code, answer.err).toBe(0);
    const result = read(database);
    expect(result.jobs).toEqual({ planned: 3, done: 3, failed: 0 });
    const outcomes = Object.values(ran(result)).flat().sort();
    expect(outcomes).toEqual(['finished 4', 'stopped 1', 'stopped 1']); // 3 → 1 after one epoch, and the one goes on
    const first = (candidate: ExperimentResult['candidates'][number]): number =>
      (candidate.scores[0] ?? candidate.stopped![0]!).curve[0]!.validationTop1!;
    const winner = result.candidates.find(({ scores }) => scores.length === 1)!;
    expect(first(winner)).toBe(Math.max(...result.candidates.map(first)));
    expect(result.candidates.find(({ stopped }) => stopped)!.stopped![0]!.reason).toMatch(
      /others were better after 1 epoch, the best 1 go on$/,
    );
    const again = stagecraft(['run', join(folder, 'tiny.experiment'), '--db', database]);
    expect(again.err).toMatch(/3 of 3 jobs are in the database already, nothing is left to do/);
  });

  it('killed with SIGKILL between rungs it goes on to the same decisions', async () => {
    const folder = temporaryFolder();
    const experiment = writeTiny(folder, trainingOnly('  stopping hyperband(reduction: 2)\n', '{1, 2}'));
    const whole = join(folder, 'whole.sqlite');
    expect(stagecraft(['run', experiment, '--db', whole]).code).toBe(0);
    const killed = join(folder, 'killed.sqlite');
    for (const milliseconds of [2500, 5500]) {
      const child = spawn(process.execPath, [main, 'run', experiment, '--db', killed], { stdio: 'ignore' });
      const ended = new Promise((resolve) => child.once('exit', resolve));
      await Promise.race([ended, sleep(milliseconds)]);
      child.kill('SIGKILL');
      await ended;
    }
    expect(stagecraft(['run', experiment, '--db', killed]).code).toBe(0);
    const curves = (result: ExperimentResult) =>
      result.candidates.map(({ layout, scores, stopped }) => ({
        layout,
        scores: scores.map(({ seed, top1, curve }) => [seed, top1, curve.length]),
        stopped: (stopped ?? []).map(({ seed, reason, curve }) => [
          seed,
          reason,
          curve.map(({ validationTop1 }) => validationTop1),
        ]),
      }));
    expect(curves(read(killed))).toEqual(curves(read(whole)));
  });

  it('an asynchronous rule ends a training at once, as a row with its reason', () => {
    const folder = temporaryFolder();
    const database = join(folder, 'results.sqlite');
    expect(
      stagecraft([
        'run',
        writeTiny(folder, trainingOnly('  stopping median(after: 1, others: 1)\n')),
        '--db',
        database,
      ]).code,
    ).toBe(0);
    const result = read(database);
    const stopped = result.candidates.flatMap((candidate) => candidate.stopped ?? []);
    expect(result.candidates[0]!.scores).toHaveLength(1); // nothing to compare the first with
    expect(stopped.length + result.candidates.flatMap(({ scores }) => scores).length).toBe(3);
    for (const { reason, curve } of stopped) {
      expect(reason).toMatch(/^median: best \d+\.\d % after \d epochs, \d of \d others were better$/);
      expect(curve.length).toBeLessThan(4);
    }
  });
});

describe('fidelities', () => {
  it('are trained beside the full one and kept apart from its scores', () => {
    const folder = temporaryFolder();
    const database = join(folder, 'results.sqlite');
    const text = trainingOnly(
      '  fidelities {fidelity(epochs: 1), fidelity(data: 0.5), fidelity(resolution: 4), fidelity(width: 0.5)}\n',
    );
    const answer = stagecraft(['run', writeTiny(folder, text), '--db', database]);
    expect(answer.code, answer.err).toBe(0);
    const result = read(database);
    expect(result.jobs).toEqual({ planned: 15, done: 15, failed: 0 });
    for (const candidate of result.candidates) {
      expect(candidate.scores).toHaveLength(1);
      expect(candidate.cheap!.map(({ fidelity }) => fidelity)).toEqual([
        { epochs: 1 },
        { data: 0.5 },
        { resolution: 4 },
        { width: 0.5 },
      ]);
      expect(candidate.cheap!.every(({ top1, seconds }) => top1! >= 0 && seconds > 0)).toBe(true);
    }
  });

  it.each([
    ['  fidelities {fidelity()}\n', /a fidelity must be cheaper than the training, got nothing that differs/],
    ['  fidelities {fidelity(data: 2)}\n', /data must lie in 0.001..1, got 2/],
    ['  fidelities {fidelity(resolution: 1)}\n', undefined],
    ['  stopping asha(reduction: 1)\n', /reduction must lie in 2..16, got 1/],
    ['  stopping medium\n', /stopping must be a known name, got "medium"[\s\S]*median/],
  ])('%s', (more, message) => {
    const folder = temporaryFolder();
    const answer = stagecraft(['run', writeTiny(folder, trainingOnly(more)), '--dry-run']);
    if (!message) return expect(answer.code, answer.err).toBe(0);
    expect(answer.err).toMatch(message);
    expect(answer.code).toBe(2);
  });
});
