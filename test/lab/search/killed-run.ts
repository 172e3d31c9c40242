/** A run of a search in a process of its own that ends by SIGKILL while it answers. */
import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { expect } from 'vitest';

const main = join(import.meta.dirname, '../../../dist/cli/main.js');

/** Kills the run as soon as it reports its `trials`th answer. */
export async function killedAt(file: string, database: string, trials: number): Promise<void> {
  const killed = spawn(process.execPath, [main, 'run', file, '--db', database], { stdio: 'pipe' });
  await new Promise((resolve) => {
    killed.once('exit', resolve);
    let text = '';
    killed.stderr.on('data', (chunk: Buffer) => {
      text += chunk.toString();
      if (new RegExp(`^trial ${trials}/`, 'm').test(text)) killed.kill('SIGKILL');
    });
  });
  expect(killed.signalCode).toBe('SIGKILL');
}
