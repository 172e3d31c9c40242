/**
 * `npm test`: prepares the clone, then runs the whole suite, unit tests beside the others. Arguments go to
 * vitest: `npm test -- test/space`. `--engine stock` runs it on TensorFlow's own ops, `--engine wasm` without
 * the native engine.
 */
import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, openSync, readFileSync, rmSync } from 'node:fs';
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
/** Vitest as a process of its own, with further variables. @returns its exit status */
function vitest(more, stdio, variables = {}) {
  const script = join(root, 'node_modules', 'vitest', 'vitest.mjs');
  const env = { ...process.env, ...environment, ...variables };
  const child = spawn(process.execPath, [script, 'run', ...more], { cwd: root, stdio, env });
  return new Promise((resolve) => {
    child.on('exit', (status) => resolve(status ?? 1));
  });
}
/** The unit tests touch no shared file, so they run beside the others. What failed in either is said last. */
async function bothProjects() {
  const folder = mkdtempSync(join(tmpdir(), 'stagecraft-tests-'));
  const log = openSync(join(folder, 'log'), 'w+');
  const reporters = ['--reporter=default', `--reporter=${join(root, 'scripts', 'failed-tests.mjs')}`];
  const projects = [
    { name: 'unit', stdio: ['ignore', log, log] },
    { name: 'integration', stdio: 'inherit' },
  ].map((project) => ({ ...project, list: join(folder, `${project.name}.json`) }));
  const statuses = await Promise.all(
    projects.map(({ name, stdio, list }) =>
      vitest(['--project', name, ...reporters], stdio, { STAGECRAFT_FAILED_TESTS: list }),
    ),
  );
  process.stdout.write(readFileSync(join(folder, 'log')));
  for (const [index, { name, list }] of projects.entries()) {
    if (statuses[index] === 0) continue;
    const failed = existsSync(list)
      ? JSON.parse(readFileSync(list, 'utf8'))
      : ['vitest ended before its tests'];
    console.error(
      `\n${name} tests: exit status ${statuses[index]}, failed (${failed.length}):\n\n${failed.join('\n\n')}`,
    );
  }
  rmSync(folder, { recursive: true });
  return Math.max(...statuses);
}
const status = args.length === 0 ? await bothProjects() : await vitest(args, 'inherit');
if (environment.STAGECRAFT_CACHE) rmSync(environment.STAGECRAFT_CACHE, { recursive: true, force: true });
process.exitCode = status;
