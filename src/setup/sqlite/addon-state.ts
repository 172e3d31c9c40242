/** Whether better-sqlite3's native addon loads. */
import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { UserError } from '../../util/errors.js';
import { packageRoot } from '../engine/engine-paths.js';

const require = createRequire(import.meta.url);

export interface AddonState {
  /** Folder of the better-sqlite3 that stagecraft uses; '' where it is not installed. */
  readonly folder: string;
  readonly version: string;
  readonly loads: boolean;
  /** Why it does not load, in one line. */
  readonly reason: string;
}

export const addonPath = (folder: string): string => join(folder, 'build', 'Release', 'better_sqlite3.node');

/** Tries the addon in a process of its own: one for another Node version may not be loaded twice. */
export function loadProblem(folder: string): string {
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
  const reason = loadProblem(folder);
  return { folder, version, loads: reason === '', reason };
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
