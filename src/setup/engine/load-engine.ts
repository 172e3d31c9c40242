/** Loads the native engine into this process. Once per process; environment variables must be set before. */

import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import type * as tfjs from '@tensorflow/tfjs-core';
import { UserError } from '../../util/errors.js';
import { type Engine, locateEngine } from './locate-engine.js';

export interface LoadedEngine extends Engine {
  readonly tf: typeof tfjs;
  /** Whether TensorFlow put its default device on a GPU. */
  readonly usesGpu: boolean;
}

/** Functions that Node 23 removed from `util` and tfjs-node still calls. */
const removedFromUtil: Readonly<Record<string, (value: unknown) => boolean>> = {
  isArray: (value) => Array.isArray(value),
  isBoolean: (value) => typeof value === 'boolean',
  isFunction: (value) => typeof value === 'function',
  isNull: (value) => value === null,
  isNullOrUndefined: (value) => value === null || value === undefined,
  isNumber: (value) => typeof value === 'number',
  isObject: (value) => typeof value === 'object' && value !== null,
  isString: (value) => typeof value === 'string',
  isUndefined: (value) => value === undefined,
};

/** Deprecation warnings that old packages under tfjs-node raise, which no user can act on. */
const silenced = new Set(['DEP0040', 'DEP0044', 'DEP0051', 'DEP0169']);

/** Restores the functions that tfjs-node calls, without the deprecation warning of Node 22. */
function restoreUtil(require: NodeJS.Require): void {
  const util = require('node:util') as Record<string, unknown>;
  for (const [name, test] of Object.entries(removedFromUtil)) util[name] = test;
}

function withoutOldWarnings<R>(run: () => R): R {
  const emitWarning = process.emitWarning;
  process.emitWarning = ((warning: string | Error, ...rest: unknown[]) => {
    const options = rest[0];
    const code =
      typeof options === 'object' && options !== null ? (options as { code?: string }).code : rest[1];
    if (!silenced.has(String(code)))
      (emitWarning as (...all: unknown[]) => void).call(process, warning, ...rest);
  }) as typeof process.emitWarning;
  try {
    return run();
  } finally {
    process.emitWarning = emitWarning;
  }
}

/**
 * Loads TensorFlow and returns tfjs's namespace with the backend `tensorflow` set.
 * Hides TensorFlow's lines on stderr unless `verbose` or `TF_CPP_MIN_LOG_LEVEL` is set.
 * @throws UserError where no engine is set up, or its libraries do not load.
 * @example const { tf } = loadEngine();
 */
export function loadEngine(
  options: { readonly verbose?: boolean; readonly engine?: Engine } = {},
): LoadedEngine {
  const engine = options.engine ?? locateEngine();
  if (engine === undefined)
    throw new UserError('runtime: the native engine is not set up', { fix: 'run `npx stagecraft setup`' });
  const verbose = options.verbose ?? process.env['TF_CPP_MIN_LOG_LEVEL'] !== undefined;
  process.env['TF_CPP_MIN_LOG_LEVEL'] ??= verbose ? '0' : '2';
  process.env['TF_FORCE_GPU_ALLOW_GROWTH'] ??= 'true';
  const require = createRequire(join(engine.folder, 'package.json'));
  restoreUtil(require);
  const quiet =
    !verbose && existsSync(join(engine.folder, 'stderr.node'))
      ? (require('./stderr.node') as { hide(): void; show(): void })
      : undefined;
  quiet?.hide();
  let tf: typeof tfjs;
  try {
    tf = withoutOldWarnings(() => require('@tensorflow/tfjs-node-gpu') as typeof tfjs);
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message.split('\n')[0]! : String(cause);
    throw new UserError(`runtime: the native engine in ${engine.folder} does not load: ${reason}`, {
      fix: 'run `npx stagecraft doctor` to see why, `npx stagecraft setup --force` to build it again',
      cause,
    });
  } finally {
    quiet?.show();
  }
  const backend = tf.backend() as unknown as { isUsingGpuDevice?: boolean };
  return { ...engine, tf, usesGpu: backend.isUsingGpuDevice === true };
}
