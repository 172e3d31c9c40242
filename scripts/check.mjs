/** `npm run check`: format, lint, types of sources, tests and page, import layers. Nothing is run that needs the engine. */
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { root } from './bootstrap.mjs';

const bin = (name) => join(root, 'node_modules', '.bin', name);
const steps = [
  ['format and lint', 'biome', 'ci', '--log-level=warn', '--error-on-warnings', '.'],
  ['types of sources and tests', 'tsc', '-p', 'tsconfig.json'],
  ['types of the page', 'tsc', '-p', 'tsconfig.page.json'],
  ['import layers', 'vitest', 'run', '--reporter=dot', 'test/layers.test.ts'],
];
let failed = false;
for (const [title, command, ...args] of steps) {
  const { status } = spawnSync(bin(command), args, {
    cwd: root,
    stdio: 'inherit',
    shell: process.platform === 'win32',
  });
  process.stderr.write(`${status === 0 ? 'ok    ' : 'FAILED'} ${title}\n`);
  failed ||= status !== 0;
}
process.exit(failed ? 1 : 0);
