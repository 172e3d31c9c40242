/**
 * better-sqlite3's native addon. Package managers may or may not run its install script (npm with
 * `ignore-scripts`, newer npm until it is approved, pnpm), so it is checked, and built here where it is
 * missing: from the cache, else the package's own prebuilt binary, else from source with Node's own headers,
 * with a borrowed compiler where there is none.
 */
import { execFileSync } from 'node:child_process';
import { copyFileSync, existsSync, mkdirSync, readFileSync, realpathSync, renameSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { UserError } from '../util/errors.js';
import { canBorrowCompiler, compileSqlite } from './compile-sqlite.js';
import { failureOf } from './failures.js';
import type { HostFacts } from './host.js';
import { cachePaths, packageRoot } from './paths.js';
import { installHints } from './plan.js';
import type { OnProgress } from './progress.js';
import { type CommandResult, runCommand } from './run-command.js';

const require = createRequire(import.meta.url);

export interface AddonState {
  /** Folder of the better-sqlite3 that stagecraft uses; '' where it is not installed. */
  readonly folder: string;
  readonly version: string;
  readonly loads: boolean;
  /** Why it does not load, in one line. */
  readonly reason: string;
}

const addonPath = (folder: string): string => join(folder, 'build', 'Release', 'better_sqlite3.node');

/** Tries the addon in a process of its own: one for another Node version may not be loaded twice. */
function tryAddon(folder: string): string {
  if (!existsSync(addonPath(folder))) return 'its addon is not built';
  try {
    execFileSync(
      process.execPath,
      ['-e', `new (require(${JSON.stringify(folder)}))(':memory:').prepare('select 1').get()`],
      { stdio: 'pipe' },
    );
    return '';
  } catch (error) {
    const said = String((error as { stderr?: Buffer }).stderr ?? error);
    const version = /NODE_MODULE_VERSION (\d+)/.exec(said)?.[1];
    return version !== undefined
      ? `its addon was built for another Node (ABI ${version}; this is ${process.versions.modules})`
      : (said.split('\n').find((line) => /Error/.test(line)) ?? 'its addon does not load');
  }
}

/** Looks at better-sqlite3 as stagecraft would load it. Never throws. */
export function addonState(): AddonState {
  let folder: string;
  try {
    folder = dirname(require.resolve('better-sqlite3/package.json'));
  } catch {
    return { folder: '', version: '', loads: false, reason: 'the package is not installed' };
  }
  const { version } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as { version: string };
  const reason = tryAddon(folder);
  return { folder, version, loads: reason === '', reason };
}

/** Prefix whose `include/node` holds the headers of exactly this Node, or undefined. */
export function nodeHeaders(
  execPath: string = process.execPath,
  configured: string | undefined = process.env['npm_config_nodedir'],
): string | undefined {
  const candidates = [join(dirname(realpathSync(execPath)), '..'), configured].filter(
    (prefix): prefix is string => Boolean(prefix),
  );
  return candidates.find((prefix) => {
    const header = join(prefix, 'include', 'node', 'node_version.h');
    const text = existsSync(header) ? readFileSync(header, 'utf8') : '';
    const part = (name: string) => new RegExp(`#define NODE_${name}_VERSION (\\d+)`).exec(text)?.[1];
    return `${part('MAJOR')}.${part('MINOR')}.${part('PATCH')}` === process.versions.node;
  });
}

/** node-gyp: npm's own copy, found from the npm that is used. */
function nodeGyp(host: HostFacts): string | undefined {
  const npm = host.npm;
  if (npm === undefined) return undefined;
  const script =
    npm.args[0] ??
    (() => {
      const found = (process.env['PATH'] ?? '')
        .split(':')
        .map((folder) => join(folder, 'npm'))
        .find((file) => existsSync(file));
      return found === undefined ? '' : realpathSync(found);
    })();
  const bundled = join(dirname(script), '..', 'node_modules', 'node-gyp', 'bin', 'node-gyp.js');
  return existsSync(bundled) ? bundled : undefined;
}

export interface AddonOptions {
  readonly host: HostFacts;
  readonly env?: NodeJS.ProcessEnv;
  readonly signal?: AbortSignal | undefined;
  readonly onProgress: OnProgress;
}

function publish(from: string, to: string): void {
  mkdirSync(dirname(to), { recursive: true });
  copyFileSync(from, `${to}.${process.pid}`);
  renameSync(`${to}.${process.pid}`, to);
}

/**
 * Builds from source: with node-gyp where the toolchain is whole, else compiler alone, else a borrowed one.
 * The result in the tools' words.
 */
async function buildFromSource(folder: string, options: AddonOptions): Promise<CommandResult> {
  const { host } = options;
  const headers = nodeHeaders();
  if (host.compiler !== undefined && host.make !== undefined && host.python !== undefined) {
    const gyp = nodeGyp(host);
    const args = ['rebuild', '--release', ...(headers === undefined ? [] : [`--nodedir=${headers}`])];
    const run = {
      cwd: folder,
      env: options.env ?? process.env,
      signal: options.signal,
      onLine: (text: string) => options.onProgress({ kind: 'detail' as const, text }),
    };
    return gyp === undefined
      ? runCommand('node-gyp', args, run)
      : runCommand(process.execPath, [gyp, ...args], run);
  }
  if (headers === undefined || (host.compiler === undefined && !canBorrowCompiler(host))) {
    throw new UserError(
      'setup: better-sqlite3 needs its addon, which could neither be downloaded nor built: Python 3, make and a C++ compiler are needed',
      { fix: installHints.compiler },
    );
  }
  const target = addonPath(folder);
  mkdirSync(dirname(target), { recursive: true });
  const built = `${target}.${process.pid}.new`;
  const result = await compileSqlite(folder, built, headers, options);
  if (result.code === 0) renameSync(built, target);
  else rmSync(built, { force: true });
  return result;
}

/**
 * Makes better-sqlite3 loadable, where it is not. Returns whether anything was done.
 * @throws UserError where it cannot be; InterruptedError
 */
export async function ensureAddon(options: AddonOptions): Promise<boolean> {
  const state = addonState();
  if (state.loads) return false;
  if (state.folder === '')
    throw new UserError('setup: the package better-sqlite3 is needed, found none', {
      fix: 'install stagecraft again with its dependencies',
    });
  options.onProgress({
    kind: 'step',
    text: `build the SQLite addon (better-sqlite3 ${state.version}: ${state.reason}); about a minute`,
  });
  const target = addonPath(state.folder);
  const kept = join(
    cachePaths().addons,
    `better-sqlite3-${state.version}-${process.platform}-${process.arch}-abi${process.versions.modules}${options.host.glibc === '' ? '-musl' : ''}.node`,
  );
  if (existsSync(kept)) {
    publish(kept, target);
    if (tryAddon(state.folder) === '') return true;
  }
  const onLine = (text: string) => options.onProgress({ kind: 'detail', text });
  const folderRequire = createRequire(join(state.folder, 'package.json'));
  const prebuilt = await runCommand(process.execPath, [folderRequire.resolve('prebuild-install/bin.js')], {
    cwd: state.folder,
    env: options.env ?? process.env,
    signal: options.signal,
    timeoutMs: 120_000,
    onLine,
  });
  if (prebuilt.code !== 0 || tryAddon(state.folder) !== '') {
    const built = await buildFromSource(state.folder, options);
    const reason = built.code === 0 ? tryAddon(state.folder) : built.tail;
    if (reason !== '') throw failureOf('building better-sqlite3', reason);
  }
  publish(target, kept);
  return true;
}

/** @throws UserError where the store's addon is missing: for commands that open a database */
export function assertAddon(): void {
  const state = addonState();
  if (!state.loads) {
    throw new UserError(`store: better-sqlite3 ${state.version} does not load: ${state.reason}`, {
      fix: `run \`${existsSync(join(packageRoot(), 'src')) ? 'npx ' : ''}stagecraft setup\``,
    });
  }
}
