/**
 * Lock for one set-up at a time per cache. Each process writes an entry into the lock folder and holds the
 * lock when there is no entry of another live process; else it removes its entry and waits. Any process may
 * remove the entry of a dead one, since names are unique.
 */
import { randomBytes } from 'node:crypto';
import { mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { InterruptedError } from '../../util/errors.js';

interface Entry {
  readonly pid: number;
  readonly host: string;
  /** Start time of the process, since ids are reused; '' where unknown. */
  readonly started: string;
}

/** An entry of another machine (shared home folder) is dead when it is older than this. */
const foreignDeadMs = 120_000;
const touchMs = 20_000;

function startOf(pid: number): string {
  try {
    // Field 22 of the line; the name in parentheses may hold spaces.
    return readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ').at(-1)!.split(' ')[19] ?? '';
  } catch {
    return '';
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

/** Whether the entry's process is alive. An entry that is being written counts as alive. */
function lives(file: string): boolean {
  let entry: Entry;
  let touched: number;
  try {
    touched = statSync(file).mtimeMs;
    entry = JSON.parse(readFileSync(file, 'utf8')) as Entry;
  } catch (error) {
    return (
      (error as NodeJS.ErrnoException).code !== 'ENOENT' &&
      Date.now() - (statSync(file, { throwIfNoEntry: false })?.mtimeMs ?? 0) < 5_000
    );
  }
  if (entry.host !== hostname()) return Date.now() - touched < foreignDeadMs;
  if (!isAlive(entry.pid)) return false;
  const start = startOf(entry.pid);
  return entry.started === '' || start === '' || entry.started === start;
}

export interface LockOptions {
  readonly signal?: AbortSignal | undefined;
  /** Called once when another process holds the lock. */
  readonly onWait?: (pid: number) => void;
}

/** Waits for the lock in `folder`; returns the function that releases it. @throws InterruptedError */
export async function acquireLock(folder: string, options: LockOptions = {}): Promise<() => void> {
  mkdirSync(folder, { recursive: true });
  const own = `${process.pid}-${randomBytes(6).toString('hex')}.json`;
  const path = join(folder, own);
  const entry: Entry = { pid: process.pid, host: hostname(), started: startOf(process.pid) };
  for (let waited = false; ; ) {
    if (options.signal?.aborted) throw new InterruptedError('interrupted');
    writeFileSync(path, JSON.stringify(entry));
    const others = readdirSync(folder).filter((name) => name !== own && name.endsWith('.json'));
    const living = others.filter((name) => lives(join(folder, name)));
    for (const name of others) if (!living.includes(name)) rmSync(join(folder, name), { force: true });
    if (living.length === 0) break;
    rmSync(path, { force: true });
    if (!waited) options.onWait?.(Number(living[0]!.split('-')[0]));
    waited = true;
    // random, so that two processes do not collide again and again
    await sleep(
      200 + Math.floor(400 * Math.random()),
      undefined,
      options.signal ? { signal: options.signal } : {},
    ).catch(() => undefined);
  }
  const touching = setInterval(() => writeFileSync(path, JSON.stringify(entry)), touchMs);
  touching.unref();
  const release = () => {
    clearInterval(touching);
    process.removeListener('exit', release);
    rmSync(path, { force: true });
  };
  process.once('exit', release);
  return release;
}
