/**
 * `npm test`: prepares the clone, then runs the whole suite, unit tests beside the others. Arguments go to
 * vitest: `npm test -- test/space`. `--engine stock` runs it on TensorFlow's own ops, `--engine wasm` without
 * the native engine.
 */
import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, openSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
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
/** Vitest as a process of its own. @returns its exit status */
function vitest(more, stdio) {
  const script = join(root, 'node_modules', 'vitest', 'vitest.mjs');
  const env = { ...process.env, ...environment };
  const child = spawn(process.execPath, [script, 'run', ...more], { cwd: root, stdio, env });
  return new Promise((resolve) => {
    child.on('exit', (status) => resolve(status ?? 1));
  });
}
/** What failed, from the file of vitest's JSON reporter: a file, a test and its message each. */
function failures(file) {
  if (!existsSync(file)) return ['vitest ended before it wrote its results'];
  return JSON.parse(readFileSync(file, 'utf8')).testResults.flatMap(
    ({ name, status, message, assertionResults }) => {
      const where = relative(root, name);
      const failed = assertionResults.filter((test) => test.status === 'failed');
      if (status === 'failed' && failed.length === 0) return [`${where}\n${message}`];
      return failed.map((test) => `${where} > ${test.fullName}\n${test.failureMessages.join('\n')}`);
    },
  );
}
/** The unit tests touch no shared file, so they run beside the others. What failed in either is said last. */
async function bothProjects() {
  const folder = mkdtempSync(join(tmpdir(), 'stagecraft-tests-'));
  const log = openSync(join(folder, 'log'), 'w+');
  const projects = [
    { name: 'unit', stdio: ['ignore', log, log] },
    { name: 'integration', stdio: 'inherit' },
  ].map((project) => ({ ...project, results: join(folder, `${project.name}.json`) }));
  const statuses = await Promise.all(
    projects.map(({ name, stdio, results }) =>
      vitest(['--project', name, '--reporter=default', '--reporter=json', `--outputFile=${results}`], stdio),
    ),
  );
  process.stdout.write(readFileSync(join(folder, 'log')));
  for (const [index, { name, results }] of projects.entries()) {
    if (statuses[index] === 0) continue;
    const failed = failures(results);
    console.error(`\n${name} tests that failed (${failed.length}):\n\n${failed.join('\n\n')}`);
  }
  rmSync(folder, { recursive: true });
  return Math.max(...statuses);
}
const status = args.length === 0 ? await bothProjects() : await vitest(args, 'inherit');
if (environment.STAGECRAFT_CACHE) rmSync(environment.STAGECRAFT_CACHE, { recursive: true, force: true });
process.exitCode = status;
