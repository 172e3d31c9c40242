/**
 * `npm run fuzz:kernels [-- ROUNDS [SEED]]`: random shapes through every kernel of `engine/kernels`, in builds
 * with the compiler's sanitizers: addresses and undefined behaviour together, threads alone; each with the
 * vector instructions of this processor and without. Default 20000 rounds, seed 1. Needs GCC or clang (`CXX`).
 */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const root = join(import.meta.dirname, '..');
const [rounds = '20000', seed = '1'] = process.argv.slice(2);
if (![rounds, seed].every((value) => /^[1-9]\d*$/.test(value))) {
  console.error(
    `fuzz:kernels: rounds and seed must be positive integers, got ${JSON.stringify([rounds, seed])}`,
  );
  process.exit(2);
}
const compiler = process.env.CXX || 'c++';
const sanitizers = {
  'addresses, undefined behaviour': ['-fsanitize=address,undefined', '-fno-sanitize-recover=all'],
  threads: ['-fsanitize=thread'],
};
const processors = { 'this processor': ['-march=native'], 'no vector extensions': [] };
const folder = mkdtempSync(join(tmpdir(), 'stagecraft-fuzz-kernels-'));
let failures = 0;
try {
  for (const [sanitizer, checks] of Object.entries(sanitizers))
    for (const [processor, instructions] of Object.entries(processors)) {
      const program = join(folder, 'fuzz-kernels');
      const source = join(root, 'engine', 'fuzz', 'fuzz-kernels.cc');
      const flags = ['-std=gnu++17', '-O1', '-g', '-pthread', ...instructions, ...checks];
      const built = spawnSync(compiler, [...flags, source, '-o', program], { stdio: 'inherit' });
      const run = built.status === 0 && spawnSync(program, [rounds, seed], { encoding: 'utf8' });
      const passed = run !== false && run.status === 0;
      console.log(
        `${passed ? 'passed' : 'FAILED'}: ${sanitizer}; ${processor}; ${run ? run.stdout.trim() : ''}`,
      );
      if (!passed) {
        failures++;
        console.log(run ? `${run.signal ?? `exit ${run.status}`}\n${run.stderr.slice(0, 6000)}` : 'no build');
      }
    }
} finally {
  rmSync(folder, { recursive: true, force: true });
}
process.exit(failures > 0 ? 1 : 0);
