/**
 * `npm test`: prepares the clone, then runs the whole suite. Arguments go to vitest: `npm test --
 * test/space`. `--engine stock` runs it on TensorFlow's own ops, `--engine wasm` without the native engine.
 */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { bootstrap, root } from './bootstrap.mjs';

const environments = {
  own: () => ({}),
  stock: () => ({ STAGECRAFT_KERNELS: 'off' }),
  wasm: () => ({ STAGECRAFT_CACHE: mkdtempSync(join(tmpdir(), 'stagecraft-no-engine-')) }),
};
const args = process.argv.slice(2);
const at = args.indexOf('--engine');
const [, engine = ''] = at < 0 ? ['', 'own'] : args.splice(at, 2);
if (!Object.hasOwn(environments, engine)) {
  console.error(`test: --engine must be own, stock or wasm, got ${JSON.stringify(engine)}`);
  process.exit(2);
}
await bootstrap();
const environment = environments[engine]();
const { status } = spawnSync(
  process.execPath,
  [join(root, 'node_modules', 'vitest', 'vitest.mjs'), 'run', ...args],
  { cwd: root, stdio: 'inherit', env: { ...process.env, ...environment } },
);
if (environment.STAGECRAFT_CACHE) rmSync(environment.STAGECRAFT_CACHE, { recursive: true, force: true });
process.exit(status ?? 1);
