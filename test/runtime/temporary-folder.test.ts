/** What a killed process leaves in the temporary folder, and that nothing else is touched. */
import { spawn } from 'node:child_process';
import {
  chownSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  rmSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { startChild } from '../../src/runtime/child/child-process.js';
import { removeStaleFolders, temporaryFolder } from '../../src/runtime/temporary-folder.js';
import { engineFolder, openPlatform } from './platforms.js';

/** Id of a process that has ended. */
async function deadPid(): Promise<number> {
  const child = spawn(process.execPath, ['-e', '']);
  await new Promise((end) => child.once('close', end));
  return child.pid!;
}

describe('removeStaleFolders', () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'stale-'));
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  /** The name that this process's folder would have, of another process. */
  function nameOf(pid: number, { kind = 'graph', place = undefined as string | undefined } = {}): string {
    const own = temporaryFolder(kind);
    rmSync(own, { recursive: true });
    const name = basename(own).replace(`-${process.pid}-`, `-${pid}-`);
    return place === undefined ? name : name.replace(/-[0-9a-f]{8}-/, `-${place}-`);
  }
  function make(name: string): string {
    mkdirSync(join(folder, name));
    writeFileSync(join(folder, name, 'saved_model.pb'), 'graph');
    return name;
  }

  it('removes what dead processes left, of every kind, and keeps what live ones have', async () => {
    const dead = await deadPid();
    const [stale, run, own, init] = [
      make(nameOf(dead)),
      make(nameOf(dead, { kind: 'run' })),
      make(nameOf(process.pid)),
      make(nameOf(1)),
    ];
    expect(removeStaleFolders({ folder }).sort()).toEqual([stale, run].sort());
    expect(readdirSync(folder).sort()).toEqual([own, init].sort());
    expect(removeStaleFolders({ folder, dead: process.pid })).toEqual([own]); // the caller knows better
  });

  it('keeps folders of other machines and containers for a day, and other names for ever', async () => {
    const dead = await deadPid();
    const elsewhere = make(nameOf(dead, { place: '00000000' }));
    const others = [`stagecraft-graph-${dead}-abc`, 'stagecraft-data-XyZ123', `other-${nameOf(dead)}`].map(
      make,
    );
    expect(removeStaleFolders({ folder })).toEqual([]);
    utimesSync(join(folder, elsewhere), new Date(0), new Date(Date.now() - 25 * 3600 * 1000));
    expect(removeStaleFolders({ folder })).toEqual([elsewhere]);
    expect(readdirSync(folder).sort()).toEqual(others.sort());
  });

  it('follows no link, and takes nothing of another user', async () => {
    const dead = await deadPid();
    const [kept, name] = [make('kept'), nameOf(dead)];
    symlinkSync(join(folder, kept), join(folder, name));
    expect(removeStaleFolders({ folder })).toEqual([]);
    rmSync(join(folder, name));
    expect(existsSync(join(folder, kept, 'saved_model.pb'))).toBe(true);
    if (process.getuid?.() !== 0) return; // only root can give a folder away
    chownSync(join(folder, make(name)), 12345, 12345);
    expect(removeStaleFolders({ folder })).toEqual([]);
  });

  it('says nothing where there is no folder', () => {
    expect(removeStaleFolders({ folder: join(folder, 'absent') })).toEqual([]);
  });
});

describe.skipIf(engineFolder === undefined)('a child that SIGKILL ends while it loads a graph', () => {
  it('leaves its folder to the parent, which removes it', async () => {
    const packageFolder = (await openPlatform('native')).native!.packageFolder;
    let told: ((folder: string) => void) | undefined;
    const loading = new Promise<string>((resolve) => {
      told = resolve;
    });
    const interruption = new AbortController();
    const child = startChild({
      entry: join(dirname(new URL(import.meta.url).pathname), 'child', 'loading-child.mjs'),
      request: {},
      environment: { STAGECRAFT_TEST_PACKAGE: packageFolder },
      silenceLimitMs: 60_000,
      signal: interruption.signal,
      onMessage: (message) => told!((message as { folder: string }).folder),
    });
    const folder = await loading;
    expect(existsSync(join(folder, 'saved_model.pb'))).toBe(true);
    expect(removeStaleFolders()).not.toContain(basename(folder)); // it is alive
    expect(existsSync(folder)).toBe(true);
    interruption.abort(); // SIGKILL
    await expect(child.ended).rejects.toThrow(/interrupted/);
    expect(existsSync(folder)).toBe(false);
  });
});
