import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { lockWriter } from '../../src/store/writer-lock.js';
import { temporaryFolder, userError } from './stored-experiment.js';

const root = join(import.meta.dirname, '../..');

describe('lockWriter', () => {
  const holdLock = (file: string): string => `
    import { lockWriter } from ${JSON.stringify(join(root, 'dist/store/writer-lock.js'))};
    const lock = lockWriter(${JSON.stringify(file)}); console.log('held'); setInterval(() => lock, 1000);`;

  it('tells a second writer who holds it, and is free again when that one is killed', async () => {
    const file = join(temporaryFolder(), 'r.sqlite');
    const child = spawn(process.execPath, ['--input-type=module', '-e', holdLock(file)], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    onTestFinished(() => {
      child.kill('SIGKILL');
    });
    await new Promise((resolve) => child.stdout.once('data', resolve));
    expect(userError(() => lockWriter(file)).message).toMatch(
      new RegExp(`another run is writing to this database \\(process ${child.pid}, since`),
    );
    child.kill('SIGKILL');
    await new Promise((resolve) => child.once('exit', resolve));
    lockWriter(file).release();
    lockWriter(file).release();
  });
});
