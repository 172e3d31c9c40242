/**
 * Set-up by itself, when a command first needs what is missing. The SQLite addon is required and takes a
 * minute at most; the native engine is a large download, so it is only made where a person watches. Nothing
 * asks a question: a script never waits for an answer.
 */
import { mkdirSync } from 'node:fs';
import { UserError } from '../../util/errors.js';
import { cachePaths } from '../engine/engine-paths.js';
import { searchEngine } from '../engine/locate-engine.js';
import { readHost } from '../host/host-facts.js';
import type { OnProgress } from '../host/setup-progress.js';
import { isAddonBuilt } from '../sqlite/addon-state.js';
import { ensureAddon } from '../sqlite/ensure-addon.js';
import { runSetup } from './run-setup.js';
import { acquireLock } from './setup-lock.js';

/** `STAGECRAFT_SETUP`: `never`, or `always`, without a terminal, too; else by need. */
export const setupVariable = 'STAGECRAFT_SETUP';

export interface OnUseOptions {
  readonly env: NodeJS.ProcessEnv;
  /** Whether a person watches: standard error is a terminal. */
  readonly isInteractive: boolean;
  readonly signal: AbortSignal;
  readonly onProgress: OnProgress;
  /** A line for the person. */
  say(line: string): void;
}

/** @throws UserError for another value than `never` and `always` */
function setupMode(env: NodeJS.ProcessEnv): 'never' | 'always' | 'by need' {
  const mode = env[setupVariable];
  if (mode === undefined || mode === '') return 'by need';
  if (mode === 'never' || mode === 'always') return mode;
  throw new UserError(`${setupVariable}: must be never or always, got ${JSON.stringify(mode)}`);
}

/** Reports a set-up that failed: the command goes on, and fails by itself where it needs what is missing. */
async function goingOn(
  options: OnUseOptions,
  otherwise: string,
  setUp: () => Promise<unknown>,
): Promise<void> {
  try {
    await setUp();
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
    options.say(error.message);
    if (error.fix !== undefined) options.say(`  ${error.fix}`);
    options.say(otherwise);
  }
}

/** Makes better-sqlite3's addon where its file is missing. @throws InterruptedError */
export async function addonOnUse(options: OnUseOptions): Promise<void> {
  if (setupMode(options.env) === 'never' || isAddonBuilt()) return;
  const { env, signal, onProgress } = options;
  options.say('first use: setting up the SQLite addon');
  await goingOn(options, 'going on without a database', async () => {
    const { root, locks } = cachePaths();
    mkdirSync(root, { recursive: true });
    const release = await acquireLock(locks, {
      signal,
      onWait: () => options.say('waiting for another set-up'),
    });
    try {
      await ensureAddon({ host: await readHost(env), env, signal, onProgress });
    } finally {
      release();
    }
  });
}

/** Makes the native engine where there is none, on a terminal or with `always`. @throws InterruptedError */
export async function engineOnUse(options: OnUseOptions): Promise<void> {
  const { env, isInteractive, signal, onProgress } = options;
  const mode = setupMode(env);
  const isWanted = mode === 'always' || (mode === 'by need' && isInteractive && !env['CI']);
  if (!isWanted || searchEngine(env).state !== 'absent') return;
  options.say(
    'first use: setting up the native engine, a download of 300 MB or more and some minutes; ' +
      `${setupVariable}=never runs on wasm instead`,
  );
  await goingOn(options, 'going on with the slower wasm runtime', () =>
    runSetup({ env, signal, onProgress }),
  );
}
