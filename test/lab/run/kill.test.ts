/**
 * A real sweep of tiny networks, killed with SIGKILL after a random number of steps and started again:
 * complete, nothing lost, nothing twice, no child left behind, and every training ends with the numbers of an
 * uninterrupted one.
 */
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import Database from 'better-sqlite3';
import { describe, expect, it, onTestFinished } from 'vitest';
import type { ExperimentResult } from '../../../src/store/experiment-result.js';
import { openStore, readExperimentResult } from '../../../src/store/open-store.js';
import { seededRandom } from '../../../src/util/random.js';
import { temporaryFolder } from '../../store/stored-experiment.js';
import { experimentText, writeTiny } from '../tiny.js';

const main = join(import.meta.dirname, '../../../dist/cli/main.js');
const mark = `STAGECRAFT_TEST_MARK=${randomUUID()}`;
const [markName, markValue] = mark.split('=') as [string, string];

const start = (experiment: string, database: string, env: NodeJS.ProcessEnv = {}): ChildProcess =>
  spawn(process.execPath, [main, 'run', experiment, '--db', database, '--json'], {
    env: { ...process.env, ...env, [markName]: markValue },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
const ended = (child: ChildProcess): Promise<{ code: number | null; signal: string | null }> =>
  new Promise((resolve) => child.once('exit', (code, signal) => resolve({ code, signal })));

/** Processes, this one's descendants or orphans, that carry the mark in their environment. */
function marked(): number[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .filter((pid) => {
      try {
        return (
          readFileSync(`/proc/${pid}/environ`, 'latin1').split('\0').includes(mark) &&
          !/^State:\s+Z/m.test(readFileSync(`/proc/${pid}/status`, 'utf8'))
        );
      } catch {
        return false; // ended meanwhile
      }
    })
    .map(Number);
}

/** Polls until `holds`, or the deadline. @returns whether it holds */
async function until(holds: () => boolean, deadlineMs: number): Promise<boolean> {
  const end = performance.now() + deadlineMs;
  while (!holds()) {
    if (performance.now() > end) return false;
    await sleep(10);
  }
  return true;
}

async function noneLeft(): Promise<number[]> {
  await until(() => marked().length === 0, 60_000);
  return marked();
}

/** Lines of a run's log: a start line per run, and one per epoch, training and profile. */
const logLines = (database: string): number =>
  existsSync(`${database}.log`) ? readFileSync(`${database}.log`, 'utf8').split('\n').length - 1 : 0;

const read = (database: string): ExperimentResult => {
  const store = openStore(database, { readonly: true });
  try {
    return readExperimentResult(store);
  } finally {
    store.close();
  }
};

/** What must not depend on interruptions: every seed's learning curve, its timing left out. */
const learned = (result: ExperimentResult): unknown =>
  result.candidates.map(({ layout, scores }) => ({
    layout,
    scores: scores.map(({ seed, top1, loss, curve }) => ({
      seed,
      top1,
      loss,
      curve: curve.map(({ seconds: _, imagesPerSecond: __, dataShare: ___, peakBytes: ____, ...row }) => row),
    })),
  }));

describe.skipIf(process.platform !== 'linux')(
  'run, killed with SIGKILL after random numbers of steps',
  () => {
    it('completes with nothing lost, nothing twice and no orphans', async () => {
      const folder = temporaryFolder();
      const experiment = writeTiny(
        folder,
        experimentText('  workers trainings(count: 2)\n').replace('sample all', 'sample random(size: 2)'),
      );
      const whole = join(folder, 'whole/results.sqlite');
      const reference = spawnSync(process.execPath, [main, 'run', experiment, '--db', whole, '--json'], {
        encoding: 'utf8',
      });
      expect(reference.stderr).not.toMatch(/failed|crashed/);
      expect(JSON.parse(reference.stdout)).toMatchObject({ done: 6, failed: 0 });

      const database = join(folder, 'killed/results.sqlite');
      const temporary = { TMPDIR: join(folder, 'temporary') };
      mkdirSync(temporary.TMPDIR);
      const random = seededRandom(11);
      let kills = 0;
      let settled = 0;
      for (let round = 0; round < 12; round++) {
        const child = start(experiment, database, temporary);
        onTestFinished(() => {
          child.kill('SIGKILL');
        });
        const end = ended(child);
        const target = logLines(database) + Math.floor(random.next() * 5);
        const isEnded = (): boolean => child.exitCode !== null || child.signalCode !== null;
        // 0 further lines: as soon as a child of the run exists
        const isReached = (): boolean => logLines(database) >= target && marked().length > 1;
        expect(await until(() => isEnded() || isReached(), 300_000), 'progress of the run').toBe(true);
        if (isEnded()) {
          expect(await end).toEqual({ code: 0, signal: null });
          break;
        }
        child.kill('SIGKILL');
        kills += 1;
        await end;
        expect(await noneLeft(), 'orphans').toEqual([]);
        if (existsSync(database)) {
          const results = (() => {
            try {
              return read(database).jobs.done;
            } catch {
              return 0;
            }
          })(); // no session yet
          expect(results, 'a stored result is never lost').toBeGreaterThanOrEqual(settled);
          settled = results;
        }
        if (settled === 6) break;
      }
      expect(kills).toBeGreaterThanOrEqual(3);
      const last = start(experiment, database, temporary);
      let stdout = '';
      last.stdout!.on('data', (chunk: Buffer) => {
        stdout += String(chunk);
      });
      expect(await ended(last)).toEqual({ code: 0, signal: null });
      expect(JSON.parse(stdout)).toMatchObject({ done: 6, failed: 0 });

      expect(readdirSync(temporary.TMPDIR), 'graphs that were being loaded').toEqual([]);
      expect(
        readdirSync(join(folder, 'killed')).filter((name) => /work|wal|shm|checkpoint/.test(name)),
      ).toEqual([]);

      const result = read(database);
      expect(result.jobs).toEqual({ planned: 6, done: 6, failed: 0 });
      expect(learned(result)).toEqual(learned(read(whole)));
      const rows = new Database(database, { readonly: true });
      expect(
        rows
          .prepare(
            'SELECT (SELECT count(*) FROM profile) AS profiles, (SELECT count(*) FROM training) AS trainings, (SELECT count(*) FROM epoch) AS epochs, (SELECT count(*) FROM profile_batch) AS batches',
          )
          .get(),
      ).toEqual({ profiles: 2, trainings: 4, epochs: 12, batches: 4 });
      expect(rows.pragma('integrity_check', { simple: true })).toBe('ok');
      expect(rows.pragma('foreign_key_check')).toEqual([]);
      rows.close();
    });
  },
);

describe('run, interrupted with SIGINT', () => {
  it('stops its children, exits with 130, says how to go on, and refuses a second run beside it', async () => {
    const folder = temporaryFolder();
    const experiment = writeTiny(folder);
    const database = join(folder, 'results.sqlite');
    const child = start(experiment, database);
    onTestFinished(() => {
      child.kill('SIGKILL');
    });
    let stderr = '';
    child.stderr!.on('data', (chunk: Buffer) => {
      stderr += String(chunk);
    });
    expect(await until(() => /measure 1\/3/.test(stderr) || child.exitCode !== null, 300_000)).toBe(true);
    const second = spawnSync(process.execPath, [main, 'run', experiment, '--db', database], {
      encoding: 'utf8',
    });
    expect(second.status).toBe(2);
    expect(second.stderr).toMatch(/another run is writing to this database \(process \d+, since /);
    child.kill('SIGINT');
    expect(await ended(child)).toEqual({ code: 130, signal: null });
    expect(stderr).toMatch(
      /interrupted; everything measured so far is in .*results\.sqlite\n {2}go on with: npx stagecraft run /,
    );
    if (process.platform === 'linux') expect(await noneLeft()).toEqual([]);
    expect(read(database).jobs.done).toBeGreaterThanOrEqual(1);
  });
});
