/**
 * `npm run check`: format, lint, types of sources, tests and page, import layers, paths in the documents. It
 * needs the npm packages alone and runs every step, so that one call reports all that fails.
 */
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { root } from './bootstrap.mjs';

const executable = (name) => join(root, 'node_modules', '.bin', name);
const steps = [
  ['format and lint', 'biome', 'ci', '--log-level=warn', '--error-on-warnings', '.'],
  ['types of sources and tests', 'tsc', '-p', 'tsconfig.json'],
  ['declarations of the package', 'tsc', '-p', 'tsconfig.build.json', '--noEmit', '--incremental', 'false'],
  ['types of the page', 'tsc', '-p', 'tsconfig.page.json'],
  ['layers and documents', 'vitest', 'run', '--reporter=dot', 'test/layers.test.ts', 'test/docs.test.ts'],
];

if (!existsSync(executable('biome'))) {
  process.stderr.write('check: npm packages must be installed\n  fix: npm ci --ignore-scripts\n');
  process.exit(2);
}
let failed = false;
for (const [title, command, ...args] of steps) {
  const { status } = spawnSync(executable(command), args, {
    cwd: root,
    stdio: 'inherit',
    shell: process.platform === 'win32',
  });
  process.stderr.write(`${status === 0 ? 'ok    ' : 'FAILED'} ${title}\n`);
  failed ||= status !== 0;
}
process.exit(failed ? 1 : 0);
