/** Whether better-sqlite3's native addon loads. */
import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { UserError } from '../../util/errors.js';

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

/**
 * Why the addon does not load; '' where it does. Tried in another process, since an addon for another Node
 * version cannot be loaded twice.
 */
export function loadProblem(folder: string): string {
  if (!existsSync(addonPath(folder))) return 'its native file is not built';
  try {
    execFileSync(
      process.execPath,
      ['-e', `new (require(${JSON.stringify(folder)}))(':memory:').prepare('select 1').get()`],
      { stdio: 'pipe' },
    );
    return '';
  } catch (error) {
    const output = String((error as { stderr?: Buffer }).stderr ?? error);
    const version = /NODE_MODULE_VERSION (\d+)/.exec(output)?.[1];
    return version !== undefined
      ? `it was built for another Node (ABI ${version}; this is ${process.versions.modules})`
      : (output.split('\n').find((line) => /Error/.test(line)) ?? 'no reason given');
  }
}

/** Whether the addon's file is there: cheaper than to load it. False without the package. */
export function isAddonBuilt(): boolean {
  try {
    return existsSync(addonPath(dirname(require.resolve('better-sqlite3/package.json'))));
  } catch {
    return false;
  }
}

/** Tries to load better-sqlite3 as stagecraft does. Never throws. */
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

/**
 * For commands that open a database.
 * @throws UserError where the addon does not load, with the reason and the command that mends it
 */
export function assertAddon(state: AddonState = addonState()): void {
  if (state.loads) return;
  const name = `the SQLite addon (better-sqlite3${state.version === '' ? '' : ` ${state.version}`})`;
  throw new UserError(`store: ${name} does not load: ${state.reason}`, {
    fix:
      state.folder === ''
        ? 'install the packages again, then run `npx stagecraft setup`'
        : 'run `npx stagecraft setup`',
  });
}
