/**
 * `npm run quickstart` and `npm test` bring a clone up: in a clone made by hand, with npm, the compiler and
 * set-up played.
 */
import { spawn, spawnSync } from 'node:child_process';
import {
  appendFileSync,
  cpSync,
  existsSync,
  mkdirSync,
  readFileSync,
  rmSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { programs, root, temporaryFolder, until } from '../setup/fakes.js';

let folder: ReturnType<typeof temporaryFolder>;
let clone: string;
beforeEach(() => {
  folder = temporaryFolder();
  clone = join(folder.folder, 'clone');
  cpSync(join(root, 'scripts'), join(clone, 'scripts'), { recursive: true });
  write('package-lock.json', '{"lockfileVersion": 3}');
  for (const name of ['tsconfig.json', 'tsconfig.build.json']) write(name, '{}');
  write('src/cli/main.ts', '// source');
  age('src/cli/main.ts', 60);
});
afterEach(() => folder.remove());

function write(path: string, text: string): void {
  mkdirSync(dirname(join(clone, path)), { recursive: true });
  writeFileSync(join(clone, path), text);
}
/** Makes a file as old as so many seconds. */
function age(path: string, seconds: number): void {
  const time = new Date(Date.now() - 1000 * seconds);
  utimesSync(join(clone, path), time, time);
}

interface World {
  /** Programs on PATH beside npm; those left out are not found. */
  readonly tools?: readonly string[];
  /** What the played npm does first; shell. */
  readonly npm?: string;
  /** Body of the played `runSetup`. */
  readonly setup?: string;
  /** Whether the SQLite addon loads, as an expression. */
  readonly addon?: string;
  readonly node?: string;
}

const everyTool = ['python3', 'c++', 'make'];

/** Environment and node arguments of a run in that world. The played npm writes what a build would. */
function world({
  tools = everyTool,
  npm = '',
  setup = `return { engine: { info: { measured: { device: 'cpu', convGflops: 123 }, tensorflowVersion: '2.21.0' } } };`,
  addon = 'true',
  node,
}: World) {
  const bin = join(folder.folder, 'bin');
  rmSync(bin, { recursive: true, force: true });
  const built = {
    'dist/setup/install/run-setup.js': `import { appendFileSync, existsSync, writeFileSync } from 'node:fs';
      export async function runSetup({ signal }) { appendFileSync('${folder.folder}/calls', 'setup\\n'); ${setup} }`,
    'dist/setup/host/setup-progress.js':
      'export const createProgressPrinter = () => ({ onProgress() {}, close() {} });',
    'dist/setup/sqlite/addon-state.js': `export const addonState = () => ({ loads: ${addon} });`,
    'dist/setup/engine/locate-engine.js': `import { existsSync } from 'node:fs'; export const searchEngine = () => (existsSync('${folder.folder}/engine') ? { state: 'found', engine: { folder: '' } } : { state: 'absent' });`,
    'dist/setup/engine/processor-kernels.js': `export const kernelState = () => ({ state: 'built' });`,
    'dist/cli/main.js': `import { appendFileSync } from 'node:fs'; appendFileSync('${folder.folder}/calls', 'stagecraft ' + process.argv.slice(2).join(' ') + '\\n'); process.exitCode = Number(process.env.PLAYED_CODE ?? 0);`,
  };
  const failed = [
    'test/space/count.test.ts > counts none\nexpected 1 to be 0',
    'outside of any test\nWorker exited',
  ];
  const vitest = `import { appendFileSync, writeFileSync } from 'node:fs';
    const args = process.argv.slice(2);
    appendFileSync('${folder.folder}/calls', 'vitest ' + args.join(' ') + '\\n');
    if (args.includes('integration')) writeFileSync(process.env.STAGECRAFT_FAILED_TESTS, ${JSON.stringify(JSON.stringify(failed))});
    process.exit(args.includes('unit') ? 0 : 3);`;
  writeFileSync(
    join(folder.folder, 'npm.cjs'),
    `const { mkdirSync, writeFileSync } = require('fs'), { dirname } = require('path');
    const files = { ci: { 'node_modules/.package-lock.json': '{}', 'node_modules/vitest/vitest.mjs': ${JSON.stringify(vitest)} }, run: ${JSON.stringify(built)} };
    for (const [file, text] of Object.entries(files[process.argv[2]])) { mkdirSync(dirname(file), { recursive: true }); writeFileSync(file, text); }`,
  );
  programs(bin, {
    npm: `echo "npm $*" >> ${folder.folder}/calls\n${npm}\nexec ${process.execPath} ${folder.folder}/npm.cjs "$1"`,
    ...Object.fromEntries(tools.map((tool) => [tool, 'echo "1.0"'])),
  });
  const { npm_execpath: _, ...others } = process.env;
  const arguments_ =
    node === undefined
      ? []
      : [
          '--import',
          `data:text/javascript,Object.defineProperty(process, 'versions', { value: { ...process.versions, node: '${node}' } })`,
        ];
  return {
    env: { ...others, PATH: bin, CXX: undefined, PYTHON: undefined } as NodeJS.ProcessEnv,
    arguments: arguments_,
  };
}

function script(
  name: string,
  args: readonly string[] = [],
  what: World = {},
  more: NodeJS.ProcessEnv = {},
): { code: number | null; said: string; calls: string[] } {
  rmSync(join(folder.folder, 'calls'), { force: true });
  const { env, arguments: before } = world(what);
  const { status, stderr } = spawnSync(process.execPath, [...before, join(clone, 'scripts', name), ...args], {
    cwd: clone,
    env: { ...env, ...more },
    encoding: 'utf8',
  });
  return { code: status, said: stderr, calls: calls() };
}
const calls = (): string[] =>
  existsSync(join(folder.folder, 'calls'))
    ? readFileSync(join(folder.folder, 'calls'), 'utf8').trim().split('\n')
    : [];

const install = 'npm ci --ignore-scripts --no-audit --no-fund --loglevel=error';
const build = 'npm run --silent build';
/** A set-up that leaves an engine behind. */
const engine = (): string =>
  `writeFileSync('${folder.folder}/engine', ''); return { engine: { info: { measured: { device: 'cpu', convGflops: 123 }, tensorflowVersion: '2.21.0' } } };`;

describe('bootstrap', () => {
  it.each(['18.20.4', '20.8.1'])('refuses Node %s with what is needed, before anything else', (node) => {
    const { code, said, calls: called } = script('bootstrap.mjs', [], { node });
    expect(said).toBe(
      `bootstrap: Node 20.9 or later is needed, got ${node}\n  fix: install the current LTS from https://nodejs.org\n`,
    );
    expect([code, called]).toEqual([2, []]);
  });

  it.each(['20.9.0', '22.1.0'])('takes Node %s', (node) => {
    expect(script('bootstrap.mjs', [], { node }).code).toBe(0);
  });

  it('installs, builds and sets up, each once', () => {
    const first = script('bootstrap.mjs', [], { setup: engine() });
    expect(first).toEqual({
      code: 0,
      calls: [install, build, 'setup'],
      said: 'installing npm packages\nbuilding stagecraft\nnative engine: TensorFlow 2.21.0 on the CPU, 3×3 convolution 62 GMAC/s\n',
    });
    expect(script('bootstrap.mjs', [], { setup: engine() })).toEqual({ code: 0, calls: [], said: '' });
  });

  it('goes on where it was cut short', () => {
    const cut = script('bootstrap.mjs', [], { npm: '[ "$1" = ci ] && exit 1' });
    expect(cut).toMatchObject({
      code: 2,
      calls: [install],
      said: 'installing npm packages\nbootstrap: installing npm packages failed\n  fix: correct the npm error above, then run this again\n',
    });
    const unbuilt = script('bootstrap.mjs', [], { npm: '[ "$1" = run ] && exit 1' });
    expect(unbuilt).toMatchObject({ code: 2, calls: [install, build] });
    expect(unbuilt.said).toContain('bootstrap: building failed');
    expect(script('bootstrap.mjs', [], { setup: engine() }).calls).toEqual([build, 'setup']);
  });

  it('installs again for another lock file, builds again for a changed, added or removed source', () => {
    script('bootstrap.mjs', [], { setup: engine() });
    write('package-lock.json', '{"lockfileVersion": 3, "packages": {}}');
    expect(script('bootstrap.mjs').calls).toEqual([install]);
    write('src/added.ts', '// new');
    age('src/added.ts', 60); // older than the build, as from an archive
    expect(script('bootstrap.mjs').calls).toEqual([build]);
    rmSync(join(clone, 'src/added.ts'));
    expect(script('bootstrap.mjs').calls).toEqual([build]);
    appendFileSync(join(clone, 'src/cli/main.ts'), '// more');
    age('src/cli/main.ts', -5);
    expect(script('bootstrap.mjs').calls).toEqual([build]);
  });

  it.each([
    [['python3'], 'Python 3 with pip'],
    [['python3', 'c++'], 'Python 3 with pip, a C++ compiler'],
    [everyTool, 'Python 3 with pip, a C++ compiler, make'],
  ])('without %j says so, with the fix, and goes on with wasm', (missing, named) => {
    const setup = `throw Object.assign(new Error('setup: something is needed'), { name: 'UserError', fix: 'install it' });`;
    const { code, said } = script('bootstrap.mjs', [], {
      tools: everyTool.filter((tool) => !missing.includes(tool)),
      setup,
    });
    expect(said).toContain(
      `not found: ${named}; continuing without the native engine, on the slower wasm runtime\n  fix: install them, then run this again:\n    Debian, Ubuntu: apt install python3-pip g++ make`,
    );
    expect(said).toMatch(
      /setup: something is needed\n {2}fix: install it\ncontinuing with the wasm runtime\n$/,
    );
    expect(code).toBe(0);
  });

  it.skipIf(process.platform !== 'linux')('is silent about a compiler and make that pip replaces', () => {
    const tools = everyTool.filter((tool) => tool !== 'c++' && tool !== 'make');
    expect(script('bootstrap.mjs', [], { tools, setup: engine() }).said).not.toContain('not found');
  });

  it("ends where the store's addon does not load, and shows a bug of its own as one", () => {
    const setup = `throw Object.assign(new Error('setup: no compiler'), { name: 'UserError' });`;
    expect(script('bootstrap.mjs', [], { setup, addon: 'false' })).toMatchObject({
      code: 2,
      said: expect.not.stringContaining('continuing') as string,
    });
    rmSync(join(clone, 'dist'), { recursive: true });
    const bug = script('bootstrap.mjs', [], { setup: `throw new TypeError('a bug');`, addon: 'false' });
    expect(bug.code).toBe(1);
    expect(bug.said).toMatch(/TypeError: a bug\n {4}at /);
  });

  it('prints how to continue when it is interrupted', async () => {
    script('bootstrap.mjs', [], { setup: engine() }); // all but the set-up is done
    rmSync(join(folder.folder, 'engine'));
    const { env } = world({});
    write(
      'dist/setup/install/run-setup.js',
      `import { appendFileSync } from 'node:fs';
      export const runSetup = ({ signal }) => new Promise((resolve, reject) => { const wait = setInterval(() => {}, 1000); signal.addEventListener('abort', () => { clearInterval(wait); reject(new Error('interrupted')); }); appendFileSync('${folder.folder}/calls', 'waiting\\n'); });`,
    );
    const child = spawn(process.execPath, [join(clone, 'scripts/bootstrap.mjs')], {
      cwd: clone,
      env,
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    let said = '';
    child.stderr.on('data', (text) => {
      said += text;
    });
    await until(() => calls().includes('waiting'));
    child.kill('SIGINT');
    const code = await new Promise((end) => child.once('close', end));
    expect([code, said]).toEqual([130, 'interrupted: downloads are kept, run it again to continue\n']);
  });
});

describe('test and quickstart', () => {
  it('npm test hands its arguments to vitest, and its exit code on', () => {
    const { code, calls: called } = script('test.mjs', ['test/space', '-t', 'counts'], { setup: engine() });
    expect(called).toEqual([install, build, 'setup', 'vitest run test/space -t counts']);
    expect(code).toBe(3);
  });

  it('npm test says last which tests failed', () => {
    const { code, said, calls: called } = script('test.mjs', [], { setup: engine() });
    expect(
      called
        .slice(-2)
        .map((call) => call.replace(/ --reporter.*/, ''))
        .toSorted(),
    ).toEqual(['vitest run --project integration', 'vitest run --project unit']);
    expect(said).toMatch(
      /\nintegration tests: exit status 3, failed \(2\):\n\ntest\/space\/count.test.ts > counts none\nexpected 1 to be 0\n\noutside of any test\nWorker exited\n$/,
    );
    expect(code).toBe(3);
  });

  it('npm run quickstart runs its experiment with the arguments given, and hands its exit code on', () => {
    const { code, calls: called } = script(
      'quickstart.mjs',
      ['--db', 'x.sqlite'],
      { setup: engine() },
      { PLAYED_CODE: '130' },
    );
    expect(called).toEqual([
      install,
      build,
      'setup',
      'stagecraft run experiments/quickstart.experiment --db x.sqlite',
    ]);
    expect(code).toBe(130);
    expect(script('quickstart.mjs').code).toBe(0);
  });
});
