/**
 * An experiment on PyTorch from start to end, killed once with SIGKILL: curves equal those of an uninterrupted run,
 * no Python process is left, and the device key names the runtime.
 */
import { spawn, spawnSync } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it, onTestFinished } from 'vitest';
import { openStore, readExperimentResult } from '../../../src/store/open-store.js';
import { testPython } from '../../export/python.js';
import { temporaryFolder } from '../../store/stored-experiment.js';
import { experimentText, writeTiny } from '../tiny.js';

const main = join(import.meta.dirname, '../../../dist/cli/main.js');
const mark = `STAGECRAFT_TEST_MARK=${randomUUID()}`;
const [markName, markValue] = mark.split('=') as [string, string];
const env = { ...process.env, STAGECRAFT_PYTHON: testPython, [markName]: markValue };

/** Processes that carry the mark in their environment. */
const marked = (): string[] =>
  readdirSync('/proc').filter((name) => {
    try {
      return (
        /^\d+$/.test(name) &&
        readFileSync(`/proc/${name}/environ`, 'latin1').split('\0').includes(mark) &&
        !/^State:\s+Z/m.test(readFileSync(`/proc/${name}/status`, 'utf8'))
      );
    } catch {
      return false; // ended meanwhile
    }
  });

async function until(holds: () => boolean, deadlineMs: number): Promise<boolean> {
  const end = performance.now() + deadlineMs;
  while (!holds()) {
    if (performance.now() > end) return false;
    await sleep(20);
  }
  return true;
}

/** Learning curves without their timing. */
function curves(database: string): unknown {
  const store = openStore(database, { readonly: true });
  try {
    return readExperimentResult(store).candidates.map(({ layout, scores }) => ({
      layout,
      scores: scores.map(({ seed, top1, loss, curve }) => ({
        seed,
        top1,
        loss,
        curve: curve.map(({ epoch, trainLoss, validationLoss }) => ({ epoch, trainLoss, validationLoss })),
      })),
    }));
  } finally {
    store.close();
  }
}

describe.skipIf(!testPython || process.platform !== 'linux')('run on PyTorch', () => {
  it('resumes after SIGKILL with the same curves and leaves no process', async () => {
    const folder = temporaryFolder();
    const text = experimentText('  runtime pytorch\n').replace('sample all', 'sample random(size: 1)');
    const experiment = writeTiny(folder, text);
    const [whole, killed] = ['whole', 'killed'].map((name) => join(folder, name, 'results.sqlite'));
    const run = (database: string) =>
      spawnSync(process.execPath, [main, 'run', experiment, '--db', database, '--json'], {
        encoding: 'utf8',
        env,
      });
    const reference = run(whole!);
    expect(reference.stderr).not.toMatch(/failed|crashed/);
    expect(JSON.parse(reference.stdout)).toMatchObject({ failed: 0 });

    const child = spawn(process.execPath, [main, 'run', experiment, '--db', killed!], {
      env,
      stdio: 'ignore',
    });
    onTestFinished(() => {
      child.kill('SIGKILL');
    });
    const log = `${killed}.log`;
    const hasTrained = (): boolean => existsSync(log) && /epoch 1\//.test(readFileSync(log, 'utf8'));
    expect(await until(() => hasTrained() || child.exitCode !== null, 400_000)).toBe(true);
    expect(child.exitCode).toBe(null);
    expect(marked().length).toBeGreaterThan(2);
    child.kill('SIGKILL');
    expect(await until(() => marked().length === 0, 60_000), 'no process is left').toBe(true);
    const resumed = run(killed!);
    expect(JSON.parse(resumed.stdout)).toMatchObject({ failed: 0 });
    expect(readFileSync(log, 'utf8')).not.toMatch(/failed|crashed/);
    expect(curves(killed!)).toEqual(curves(whole!));

    const store = openStore(whole!, { readonly: true });
    const { device } = readExperimentResult(store);
    store.close();
    expect(device.key.runtime).toBe('pytorch');
    expect(device.key.runtimeVersion).toMatch(/^torch \d/);
  });
});
