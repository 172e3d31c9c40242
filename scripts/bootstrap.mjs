/**
 * Prepares a clone: checks prerequisites, installs the npm packages, builds, sets up the native engine. Steps
 * that are already done are skipped. `quickstart.mjs` and `test.mjs` start with it; `node
 * scripts/bootstrap.mjs` runs it alone. It uses Node's modules only, since it runs before the packages are
 * installed.
 */
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';

export const root = resolve(import.meta.dirname ?? fileURLToPath(new URL('.', import.meta.url)), '..');
const oldestNode = [20, 9];

const print = (text) => process.stderr.write(`${text}\n`);

/** Reports a user's mistake: one message, its fix, exit 2. */
function stop(message, fix) {
  print(`bootstrap: ${message}`);
  if (fix) print(`  fix: ${fix}`);
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

/** First output line of a program, or undefined if it does not start or fails. */
function firstLine(command, ...args) {
  const { status, stdout, stderr } = spawnSync(command, args, { encoding: 'utf8' });
  return status === 0 ? (stdout || stderr).split('\n')[0] : undefined;
}

/** Whether one of the programs starts with these arguments and succeeds. */
const runs = (commands, ...args) => commands.some((command) => firstLine(command, ...args) !== undefined);

/**
 * Warns about missing Python with pip, C++ compiler or make: without them stagecraft runs on wasm. On Linux
 * set-up downloads a compiler through pip and needs no make.
 */
function checkTools() {
  const pythons = ['python3', process.env.PYTHON ?? 'python'];
  const compilers = [process.env.CXX ?? 'c++', 'g++', 'clang++'];
  const missing = [];
  if (!runs(pythons, '--version')) missing.push('Python 3 with pip');
  else if (!runs(pythons, '-m', 'pip', '--version')) missing.push('pip');
  const borrows = process.platform === 'linux' && missing.length === 0;
  if (!borrows && !runs(compilers, '--version')) missing.push('a C++ compiler');
  if (!borrows && !runs(['make'], '--version')) missing.push('make');
  if (missing.length === 0) return;
  print(`not found: ${missing.join(', ')}; continuing without the native engine, on the slower wasm runtime`);
  print('  fix: install them, then run this again:');
  print('    Debian, Ubuntu: apt install python3-pip g++ make');
  print('    Fedora: dnf install python3-pip gcc-c++ make');
  print('    macOS: xcode-select --install, brew install python');
}

/** Runs the npm that started this script, or else the one on PATH. */
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
      `npm must start, got ${JSON.stringify(error.message)}`,
      'install npm, which comes with Node (https://nodejs.org)',
    );
  if (status !== 0) stop(failure, 'correct the npm error above, then run this again');
}

/**
 * Skipped when node_modules matches the lock file's hash, or is newer than the lock file (a manual install).
 */
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
  print('installing npm packages');
  npm(
    ['ci', '--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error'],
    'installing npm packages failed',
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

/** Skipped when no source is newer than the build and the set of source files is the same. */
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
  print('building stagecraft');
  npm(['run', '--silent', 'build'], 'building failed');
  writeFileSync(stamp, files);
}

/** Sets up the SQLite addon, which is required, and the native engine, which is optional. */
async function setUp() {
  const load = (file) => import(pathToFileURL(join(root, 'dist', 'setup', file)).href);
  const [{ runSetup }, { createProgressPrinter }, { addonState }, { searchEngine }, { kernelState }] =
    await Promise.all(
      [
        'install/run-setup.js',
        'host/setup-progress.js',
        'sqlite/addon-state.js',
        'engine/locate-engine.js',
        'engine/processor-kernels.js',
      ].map(load),
    );
  const settled = () => {
    try {
      const search = searchEngine();
      return (
        addonState().loads &&
        search.state === 'found' &&
        !['absent', 'unproven'].includes(kernelState(search.engine.folder).state)
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
    print(
      `native engine: TensorFlow ${tensorflowVersion} on the ${measured.device === 'gpu' ? 'GPU' : 'CPU'}, 3×3 convolution ${(measured.convGflops / 2).toFixed(0)} GMAC/s`,
    );
  } catch (error) {
    printer.close();
    if (interruption.signal.aborted) {
      print('interrupted: downloads are kept, run it again to continue');
      process.exit(130);
    }
    if (error.name !== 'UserError') throw error;
    print(error.message);
    if (error.fix) print(`  fix: ${error.fix}`);
    if (!addonState().loads) process.exit(2);
    print('continuing with the wasm runtime');
  } finally {
    process.removeListener('SIGINT', interrupt).removeListener('SIGTERM', interrupt);
  }
}

/** Runs every step that is not yet done. */
export async function bootstrap() {
  checkNode();
  checkTools();
  installPackages();
  build();
  await setUp();
}

if (process.argv[1] && resolve(process.argv[1]) === fileURLToPath(import.meta.url)) await bootstrap();
