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

/**
 * ABI versions of Node that an addon registers for, read from the symbol that Node's headers name in it.
 * Empty where it has none, as addons of Node-API.
 */
export function addonAbis(file: string): string[] {
  const symbols = readFileSync(file)
    .toString('latin1')
    .matchAll(/node_register_module_v(\d+)/g);
  return [...new Set([...symbols].map(([, abi]) => abi!))];
}

/**
 * Whether the addon's file is there and built for this Node: cheaper than to load it. False without the
 * package.
 */
export function isAddonBuilt(): boolean {
  try {
    const file = addonPath(dirname(require.resolve('better-sqlite3/package.json')));
    const abis = addonAbis(file);
    return abis.length === 0 || abis.includes(process.versions.modules);
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
