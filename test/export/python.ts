/**
 * The Python of tests that need PyTorch and onnxruntime: `STAGECRAFT_TEST_PYTHON`, or the environment that
 * `node scripts/python-environment.mjs` made. Tests that need it skip visibly where it is absent.
 */
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { environmentFolder } from '../../scripts/python-environment.mjs';

const made = join(environmentFolder, 'bin', 'python');

/** Undefined where there is none. */
export const testPython: string | undefined =
  process.env['STAGECRAFT_TEST_PYTHON'] ?? (existsSync(made) ? made : undefined);

/** Runs a script with warnings as errors. @returns its standard output @throws with its errors where it fails */
export function runPython(args: readonly string[], { seconds = 500 } = {}): string {
  const { status, stdout, stderr, error } = spawnSync(testPython!, ['-W', 'error', ...args], {
    encoding: 'utf8',
    timeout: seconds * 1000,
    maxBuffer: 1 << 26,
    env: { ...process.env, OMP_NUM_THREADS: '1' },
  });
  if (error || status !== 0)
    throw new Error(`python ${args.join(' ')}: ${error?.message ?? stderr.slice(-4000)}`);
  return stdout;
}
