import { existsSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { acquireLock } from '../../../src/setup/install/setup-lock.js';
import { InterruptedError } from '../../../src/util/errors.js';
import { runNode, temporaryFolder, until } from '../fakes.js';

let place: ReturnType<typeof temporaryFolder>;
beforeEach(() => {
  place = temporaryFolder();
});
afterEach(() => place.remove());
const entries = () => readdirSync(place.folder).filter((name) => name.endsWith('.json'));
const holder = (then: string) =>
  runNode(
    `
  import { acquireLock } from './dist/setup/install/setup-lock.js';
  const release = await acquireLock(${JSON.stringify(place.folder)});
  console.log('held');
  ${then}`,
    process.env,
  );

describe('acquireLock', () => {
  it('is given back', async () => {
    const release = await acquireLock(place.folder);
    expect(entries().length).toBe(1);
    release();
    expect(entries()).toEqual([]);
  });

  it('waits for a living process, and tells whom it waits for', async () => {
    const other = holder('setTimeout(() => { release(); console.log("gone"); }, 600);');
    await until(() => other.output().includes('held'));
    let waitedFor = 0;
    const release = await acquireLock(place.folder, { onWait: (pid) => (waitedFor = pid) });
    expect(waitedFor).toBe(other.child.pid);
    await until(() => other.output().includes('gone'));
    release();
    await other.ended;
  });

  it('is taken over from a process that was killed', async () => {
    const other = holder('setInterval(() => {}, 1000);');
    await until(() => other.output().includes('held'));
    other.child.kill('SIGKILL');
    await other.ended;
    expect(entries().length).toBe(1);
    (await acquireLock(place.folder))();
    expect(entries()).toEqual([]);
  });

  it('is taken over from a process whose number another one has now', async () => {
    writeFileSync(
      join(place.folder, '1-x.json'),
      JSON.stringify({ pid: process.pid, host: hostname(), started: '1' }),
    );
    if (!existsSync('/proc/self/stat')) return;
    (await acquireLock(place.folder))();
    expect(entries()).toEqual([]);
  });

  it('is interruptible while it waits', async () => {
    const release = await acquireLock(place.folder);
    const interruption = new AbortController();
    const waiting = acquireLock(place.folder, {
      signal: interruption.signal,
      onWait: () => interruption.abort(),
    });
    await expect(waiting).rejects.toThrow(InterruptedError);
    release();
  });

  it('is never held by two of eight processes at once', async () => {
    const folder = join(place.folder, 'work');
    mkdirSync(folder);
    const racers = Array.from({ length: 8 }, () =>
      holder(`
      import { mkdirSync, rmdirSync } from 'node:fs';
      mkdirSync(${JSON.stringify(join(folder, 'inside'))});
      await new Promise((tick) => setTimeout(tick, 30));
      rmdirSync(${JSON.stringify(join(folder, 'inside'))});
      release();`),
    );
    expect(await Promise.all(racers.map(({ ended }) => ended))).toEqual(Array<number>(8).fill(0));
  });
});
