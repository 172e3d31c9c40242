/**
 * Brings a clone to where it runs: checks what must be there, installs the packages, builds, sets up the
 * native engine. Plain Node without packages, since it runs before they are there. Each step is skipped where
 * it is done already. `node scripts/bootstrap.mjs` does it alone; `quickstart.mjs` and `test.mjs` begin with
 * it.
 */
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';

export const root = resolve(import.meta.dirname ?? fileURLToPath(new URL('.', import.meta.url)), '..');
const oldestNode = [20, 9];

const say = (text) => process.stderr.write(`${text}\n`);

/** Ends the process as a user's mistake does: one message, the fix, exit 2. */
function stop(message, fix) {
  say(`bootstrap: ${message}`);
  if (fix) say(`  fix: ${fix}`);
  process.exit(2);
}

function checkNode() {
  const [major, minor] = process.versions.node.split('.').map(Number);
  if (major < oldestNode[0] || (major === oldestNode[0] && minor < oldestNode[1])) {
    stop(
      `Node ${oldestNode.join('.')} or later is needed, got ${process.versions.node}`,
      'install the current LTS from https://nodejs.org',
    );
  }
}

/** First line that a program says, or undefined where it cannot be started or fails. */
function ask(command, ...args) {
  const { status, stdout, stderr } = spawnSync(command, args, { encoding: 'utf8' });
  return status === 0 ? (stdout || stderr).split('\n')[0] : undefined;
}

/** Python with pip, a C++ compiler, make: without them stagecraft still runs, on wasm. */
function checkTools() {
  const python = ask('python3', '--version') ?? ask(process.env.PYTHON ?? 'python', '--version');
  const missing = [
    ...(python === undefined
      ? ['Python 3 with pip']
      : (ask('python3', '-m', 'pip', '--version') ??
          ask(process.env.PYTHON ?? 'python', '-m', 'pip', '--version'))
        ? []
        : ['pip']),
    ...((ask(process.env.CXX ?? 'c++', '--version') ?? ask('g++', '--version') ?? ask('clang++', '--version'))
      ? []
      : ['a C++ compiler']),
    ...(ask('make', '--version') ? [] : ['make']),
  ];
  if (missing.length === 0) return;
  say(`not found: ${missing.join(', ')}. Going on without the native engine, on the slower wasm runtime.`);
  say(
    '  for the fast one: `apt install python3-pip g++ make` (Debian, Ubuntu), `dnf install python3-pip gcc-c++ make` (Fedora),',
  );
  say('  `xcode-select --install` and `brew install python` (macOS); then run this again.');
}

/** npm as it runs us, else the one on PATH. */
function npm(args, failure) {
  const script = process.env.npm_execpath;
  const [command, before] = script?.endsWith('npm-cli.js') ? [process.execPath, [script]] : ['npm', []];
  const { status, error } = spawnSync(command, [...before, ...args], {
    cwd: root,
    stdio: ['ignore', 'inherit', 'inherit'],
    shell: process.platform === 'win32' && command === 'npm',
  });
  if (error)
    stop(
      `npm is needed, and does not start: ${error.message}`,
      'install npm, which comes with Node (https://nodejs.org)',
    );
  if (status !== 0) stop(failure, 'see what npm said above; run it again when that is mended');
}

/** The lock file's hash, kept in node_modules: an install by hand of the same lock counts too. */
function installPackages() {
  const modules = join(root, 'node_modules');
  const stamp = join(modules, '.stagecraft-lock');
  const hash = createHash('sha256')
    .update(readFileSync(join(root, 'package-lock.json')))
    .digest('hex');
  const hidden = join(modules, '.package-lock.json');
  if (existsSync(stamp) && readFileSync(stamp, 'utf8') === hash && existsSync(hidden)) return;
  if (
    !existsSync(stamp) &&
    existsSync(hidden) &&
    statSync(hidden).mtimeMs >= statSync(join(root, 'package-lock.json')).mtimeMs
  )
    return;
  say('install the packages');
  npm(
    ['ci', '--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error'],
    'installing the packages failed',
  );
  writeFileSync(stamp, hash);
}

function newest(folder) {
  return Math.max(
    0,
    ...readdirSync(folder, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => statSync(join(entry.parentPath ?? entry.path, entry.name)).mtimeMs),
  );
}

/** Compares by time, and by the set of files, so that a removed or renamed source rebuilds too. */
function build() {
  const src = join(root, 'src');
  const stamp = join(root, 'dist', '.stagecraft-sources');
  const files = readdirSync(src, { recursive: true }).sort().join('\n');
  const changed = Math.max(
    newest(src),
    statSync(join(root, 'tsconfig.build.json')).mtimeMs,
    statSync(join(root, 'tsconfig.json')).mtimeMs,
  );
  if (existsSync(stamp) && readFileSync(stamp, 'utf8') === files && statSync(stamp).mtimeMs > changed) return;
  say('build stagecraft');
  npm(['run', '--silent', 'build'], 'building failed');
  writeFileSync(stamp, files);
}

/**
 * The SQLite addon and the native engine. Without the engine stagecraft goes on; without the addon it cannot.
 */
async function setUp() {
  const load = (file) => import(pathToFileURL(join(root, 'dist', 'setup', file)).href);
  const [{ runSetup }, { createProgressPrinter }, { addonState }, { searchEngine }, { kernelState }] =
    await Promise.all(['setup.js', 'progress.js', 'addon.js', 'locate.js', 'kernels.js'].map(load));
  const settled = () => {
    try {
      const search = searchEngine();
      return (
        addonState().loads && search.state === 'found' && kernelState(search.engine.folder).state !== 'absent'
      );
    } catch {
      return false;
    }
  };
  if (settled()) return;
  const printer = createProgressPrinter();
  const interruption = new AbortController();
  const interrupt = () => interruption.abort();
  process.once('SIGINT', interrupt).once('SIGTERM', interrupt);
  try {
    const { engine } = await runSetup({ onProgress: printer.onProgress, signal: interruption.signal });
    printer.close();
    const { measured, tensorflowVersion } = engine.info;
    say(
      `native engine: TensorFlow ${tensorflowVersion} on the ${measured.device === 'gpu' ? 'GPU' : 'CPU'}, 3×3 convolution ${measured.convGflops.toFixed(0)} GFLOP/s`,
    );
  } catch (error) {
    printer.close();
    if (interruption.signal.aborted) {
      say('interrupted: what was downloaded is kept, run it again to go on');
      process.exit(130);
    }
    if (error.name !== 'UserError') throw error;
    say(error.message);
    if (error.fix) say(`  fix: ${error.fix}`);
    if (!addonState().loads) process.exit(2);
    say('going on with the wasm runtime');
  } finally {
    process.removeListener('SIGINT', interrupt).removeListener('SIGTERM', interrupt);
  }
}

/** Does what is not done yet. */
export async function bootstrap() {
  checkNode();
  checkTools();
  installPackages();
  build();
  await setUp();
}

if (process.argv[1] && resolve(process.argv[1]) === fileURLToPath(import.meta.url)) await bootstrap();
