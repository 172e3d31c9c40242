/**
 * A real sweep on a disk too small for its database: a clear error, nothing half-written, and on a larger one
 * it goes on.
 */
import { execFileSync } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { openStore, readExperimentResult } from '../../../src/store/open-store.js';
import { stagecraft } from '../../cli/run-cli.js';
import { tinyDisk } from '../../setup/fakes.js';
import { temporaryFolder } from '../../store/stored-experiment.js';
import { writeTiny } from '../tiny.js';

it('run on a full disk stops with a clear error, and goes on when there is room', (context) => {
  const folder = temporaryFolder();
  const disk = join(folder, 'disk');
  mkdirSync(disk);
  const unmount = tinyDisk(disk, 1);
  if (unmount === undefined) return context.skip('mounting a memory disk is not permitted here');
  onTestFinished(unmount);
  const experiment = writeTiny(folder);
  const database = join(disk, 'results.sqlite');
  execFileSync('dd', ['if=/dev/zero', `of=${join(disk, 'filler')}`, 'bs=1k', 'count=740'], {
    stdio: 'ignore',
  });

  const full = stagecraft(['run', experiment, '--db', database, '--out', join(folder, 'page')]);
  expect(full.err).toMatch(/the disk is full; the last transaction was rolled back/);
  expect(full.err).toMatch(/free disk space and run the same command again: it resumes/);
  expect(full.code).toBe(2);

  execFileSync('mount', ['-o', 'remount,size=64m', disk]);
  const again = stagecraft(['run', experiment, '--db', database, '--out', join(folder, 'page'), '--json']);
  expect(again.code, again.err).toBe(0);
  expect(JSON.parse(again.out)).toMatchObject({ done: 9, failed: 0 });
  const store = openStore(database, { readonly: true });
  onTestFinished(() => store.close());
  expect(store.sqlite.pragma('integrity_check', { simple: true })).toBe('ok');
  expect(readExperimentResult(store).jobs).toEqual({ planned: 9, done: 9, failed: 0 });
});
