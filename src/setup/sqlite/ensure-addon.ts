/**
 * Makes better-sqlite3's native addon loadable. Package managers may not run its install script (npm with
 * `ignore-scripts`, newer npm until it is approved, pnpm). Sources in this order: the cache, the package's
 * prebuilt binary, a build from source with Node's own headers and, where there is no compiler, a downloaded
 * one.
 */
import { copyFileSync, existsSync, mkdirSync, readFileSync, realpathSync, renameSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { UserError } from '../../util/errors.js';
import { cachePaths } from '../engine/engine-paths.js';
import type { HostFacts } from '../host/host-facts.js';
import { installHints } from '../host/install-hints.js';
import { type ProgramResult, runProgram } from '../host/run-program.js';
import { setupFailure } from '../host/setup-failure.js';
import type { OnProgress } from '../host/setup-progress.js';
import { canDownloadCompiler } from '../wheels/borrow-compiler.js';
import { addonPath, addonState, loadProblem } from './addon-state.js';
import { compileSqlite } from './compile-sqlite.js';

/** Prefix whose `include/node` has the headers of this exact Node version; undefined where none has. */
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

/** Path of npm's own node-gyp; undefined where it is not found. */
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
 * Builds from source: with node-gyp where compiler, make and Python exist, else with a compiler only.
 * @throws UserError where there is neither a compiler nor pip to download one
 */
async function buildFromSource(folder: string, options: AddonOptions): Promise<ProgramResult> {
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
      ? runProgram('node-gyp', args, run)
      : runProgram(process.execPath, [gyp, ...args], run);
  }
  if (headers === undefined || (host.compiler === undefined && !canDownloadCompiler(host))) {
    throw new UserError(
      'setup: better-sqlite3 needs its addon, which could neither be downloaded nor built: ' +
        'Python 3, make and a C++ compiler are needed',
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
 * Makes better-sqlite3 loadable; returns whether anything had to be done.
 * @throws UserError where that fails; InterruptedError
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
  const platform = `${process.platform}-${process.arch}-abi${process.versions.modules}`;
  const musl = options.host.glibc === '' ? '-musl' : '';
  const kept = join(cachePaths().addons, `better-sqlite3-${state.version}-${platform}${musl}.node`);
  if (existsSync(kept)) {
    publish(kept, target);
    if (loadProblem(state.folder) === '') return true;
  }
  const onLine = (text: string) => options.onProgress({ kind: 'detail', text });
  const folderRequire = createRequire(join(state.folder, 'package.json'));
  const prebuilt = await runProgram(process.execPath, [folderRequire.resolve('prebuild-install/bin.js')], {
    cwd: state.folder,
    env: options.env ?? process.env,
    signal: options.signal,
    timeoutMs: 120_000,
    onLine,
  });
  if (prebuilt.code !== 0 || loadProblem(state.folder) !== '') {
    const built = await buildFromSource(state.folder, options);
    const reason = built.code === 0 ? loadProblem(state.folder) : built.tail;
    if (reason !== '') throw setupFailure('building better-sqlite3', reason);
  }
  publish(target, kept);
  return true;
}
