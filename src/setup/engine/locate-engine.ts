/**
 * Finds the native engine: a folder with `node_modules/@tensorflow/tfjs-node-gpu` and its built binding.
 * Loads nothing.
 */
import { existsSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { UserError } from '../../util/errors.js';
import { damagedFile, type EngineInfo, readEngineInfo } from './engine-info.js';
import { bindingPaths, cacheFolder, cachePaths } from './engine-paths.js';
import { bindingVersion } from './versions.js';

export type { EngineInfo } from './engine-info.js';

export interface Engine {
  readonly folder: string;
  readonly info: EngineInfo;
}

export type EngineSearch =
  | { readonly state: 'found'; readonly engine: Engine }
  /** Never set up, or set up by another version of stagecraft. */
  | { readonly state: 'absent'; readonly looked: string }
  /** Set up once, and now incomplete. */
  | { readonly state: 'damaged'; readonly folder: string; readonly file: string };

/** The info of an engine folder without a marker (`STAGECRAFT_ENGINE`). */
function unmarkedEngineInfo(): EngineInfo {
  return {
    format: 1,
    kind: 'own',
    tfjsVersion: bindingVersion,
    tensorflowVersion: 'unknown',
    platform: process.platform,
    arch: process.arch,
    source: [],
    files: {},
    bindingSha256: '',
    nodeVersion: '',
    builtAt: '',
    measured: { matmulGflops: 0, convGflops: 0, convGradientGflops: 0, threads: 0, device: 'cpu' },
  };
}

/**
 * Searches for the engine.
 * @throws UserError where `STAGECRAFT_ENGINE` names a folder without a built binding.
 */
export function searchEngine(environment: NodeJS.ProcessEnv = process.env): EngineSearch {
  const named = environment['STAGECRAFT_ENGINE'];
  if (named) {
    const folder = resolve(named);
    if (!existsSync(bindingPaths(folder).addon)) {
      throw new UserError(
        'STAGECRAFT_ENGINE: a folder with a built node_modules/@tensorflow/tfjs-node-gpu is needed, ' +
          `got ${JSON.stringify(named)}`,
        { fix: 'unset STAGECRAFT_ENGINE to use the engine that `npx stagecraft setup` made' },
      );
    }
    return { state: 'found', engine: { folder, info: readEngineInfo(folder) ?? unmarkedEngineInfo() } };
  }
  const paths = cachePaths(cacheFolder(environment));
  if (!existsSync(paths.current)) return { state: 'absent', looked: paths.engines };
  const folder = join(paths.engines, readFileSync(paths.current, 'utf8').trim());
  const info = readEngineInfo(folder);
  if (info === undefined) return { state: 'damaged', folder, file: 'engine.json' };
  const file = damagedFile(folder, info);
  return file === undefined
    ? { state: 'found', engine: { folder, info } }
    : { state: 'damaged', folder, file };
}

/**
 * The engine to run on; undefined where there is none, and wasm is used.
 * @throws UserError as `searchEngine`
 */
export function locateEngine(environment: NodeJS.ProcessEnv = process.env): Engine | undefined {
  const search = searchEngine(environment);
  return search.state === 'found' ? search.engine : undefined;
}
