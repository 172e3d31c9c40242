/** Paths: the package, the per-user cache that every clone shares, and the engine's files inside it. */
import { createHash } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import envPaths from 'env-paths';
import { bindingVersion, tensorflowVersion } from './versions.js';

/** The folder of stagecraft's package.json: the nearest above this file, in `src` and in `dist`. */
export function packageRoot(): string {
  let folder = import.meta.dirname;
  while (!existsSync(join(folder, 'package.json'))) {
    if (dirname(folder) === folder)
      throw new Error(`packageRoot: no package.json above ${JSON.stringify(import.meta.dirname)}`);
    folder = dirname(folder);
  }
  return folder;
}

/** `STAGECRAFT_CACHE`, else the platform's cache folder (`~/.cache/stagecraft` on Linux). */
export function cacheFolder(environment: NodeJS.ProcessEnv = process.env): string {
  const named = environment['STAGECRAFT_CACHE'];
  return named ? resolve(named) : envPaths('stagecraft', { suffix: '' }).cache;
}

/** Layout of the cache. Increased when engines of an older set-up can no longer be used. */
const layoutVersion = 2;

/**
 * Name of the engines that this version of stagecraft builds on this platform; a folder of the cache.
 * Changes with the lock file and the sources in `engine/`, the TensorFlow version, the platform and layout.
 */
export function recipeName(platform: string = process.platform, arch: string = process.arch): string {
  const hash = createHash('sha256').update(String(layoutVersion));
  for (const file of ['package-lock.json', 'stderr.cc', 'copied-tensors.h'])
    hash.update(readFileSync(join(packageRoot(), 'engine', file)));
  return `tfjs${bindingVersion}-tf${tensorflowVersion}-${platform}-${arch}-${hash.digest('hex').slice(0, 8)}`;
}

export interface CachePaths {
  readonly root: string;
  /** Wheels whose hash was checked; deleted once the engine is published. */
  readonly downloads: string;
  /** Unfinished files of the process that holds the lock. */
  readonly staging: string;
  readonly locks: string;
  /** Built better-sqlite3 addons by version, Node ABI and platform. */
  readonly addons: string;
  /**
   * `engines/<recipe>`: published engines (`cpu`, `cuda`, `own-…`) and the file `current`, which names one.
   */
  readonly engines: string;
  readonly current: string;
}

export function cachePaths(root: string = cacheFolder()): CachePaths {
  const engines = join(root, 'engines', recipeName());
  return {
    root,
    engines,
    current: join(engines, 'current'),
    downloads: join(root, 'downloads'),
    staging: join(root, 'staging'),
    locks: join(root, 'locks'),
    addons: join(root, 'addons'),
  };
}

/** Paths of the binding package inside an engine folder. */
export function bindingPaths(engineFolder: string) {
  const folder = join(engineFolder, 'node_modules', '@tensorflow', 'tfjs-node-gpu');
  return {
    folder,
    addon: join(folder, 'lib', 'napi-v8', 'tfjs_binding.node'),
    deps: join(folder, 'deps'),
    libraries: join(folder, 'deps', 'lib'),
  } as const;
}
