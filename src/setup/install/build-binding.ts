/**
 * Builds the engine folder: the binding package from npm without its install scripts, TensorFlow's libraries,
 * and the package's two source files compiled against them. Needs neither gyp nor Node headers: the binding
 * uses N-API only, whose headers are a package (`node-api-headers`), so one binary runs on every Node from 20
 * on. macOS: not run yet.
 */
import { copyFileSync, existsSync, mkdirSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { bindingPaths, packageRoot } from '../engine/engine-paths.js';
import type { HostFacts } from '../host/host-facts.js';
import { type ProgramResult, runProgram } from '../host/run-program.js';
import { setupFailure } from '../host/setup-failure.js';
import type { OnProgress } from '../host/setup-progress.js';

export interface BuildOptions {
  readonly host: HostFacts;
  /** The engine folder being made. */
  readonly folder: string;
  readonly env?: NodeJS.ProcessEnv;
  readonly signal?: AbortSignal | undefined;
  readonly onProgress: OnProgress;
}

/** Removes the settings of an outer `npm run`, which describe the outer package. */
function outsideNpmRun(env: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  const config = [
    'local_prefix|workspace|dry_run|omit|include|package_lock_only|global|ignore_scripts|allow_scripts',
  ].join('|');
  const inherited = new RegExp(`^npm_(package|lifecycle|command|execpath|config_(${config}))`, 'i');
  return Object.fromEntries(Object.entries(env).filter(([name]) => !inherited.test(name)));
}

/** Deletes browser builds, maps and types: nine tenths of the bytes, never loaded by Node. */
function pruneEngine(folder: string): void {
  const modules = join(folder, 'node_modules');
  for (const entry of readdirSync(modules, { recursive: true, withFileTypes: true })) {
    const bundle =
      /^tf(-[\w-]+)?\.((es2017|fesm)\.)?(min\.)?js$/.test(entry.name) &&
      entry.parentPath.includes('@tensorflow');
    if (entry.isFile() && (bundle || /\.(map|ts)$/.test(entry.name)))
      rmSync(join(entry.parentPath, entry.name));
  }
}

/**
 * Installs the packages of `engine/package-lock.json`; no script of theirs runs. @throws UserError;
 * InterruptedError
 */
export async function installPackages(options: BuildOptions): Promise<void> {
  options.onProgress({ kind: 'step', text: 'install the binding package' });
  mkdirSync(options.folder, { recursive: true });
  for (const file of ['package.json', 'package-lock.json'])
    copyFileSync(join(packageRoot(), 'engine', file), join(options.folder, file));
  const npm = options.host.npm!;
  const result = await runProgram(
    npm.command,
    [...npm.args, 'ci', '--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error'],
    {
      cwd: options.folder,
      env: outsideNpmRun(options.env ?? process.env),
      signal: options.signal,
      onLine: (text) => options.onProgress({ kind: 'detail', text }),
    },
  );
  if (result.code !== 0) throw setupFailure('installing the binding package with npm', result.tail);
  pruneEngine(options.folder);
}

/** Compiler arguments for a Node addon. Libraries are named by file, so no `libtensorflow.so` is needed. */
function addonArguments(
  sources: readonly string[],
  target: string,
  options: BuildOptions,
  link: readonly string[],
): string[] {
  const mac = options.host.platform === 'darwin';
  return [
    '-std=gnu++17',
    '-O2',
    '-fPIC',
    '-pthread',
    '-DNAPI_VERSION=8',
    `-I${join(options.folder, 'node_modules/node-api-headers/include')}`,
    ...sources,
    '-o',
    target,
    ...(mac ? ['-bundle', '-undefined', 'dynamic_lookup'] : ['-shared']),
    ...link,
  ];
}

function compile(options: BuildOptions, args: readonly string[]): Promise<ProgramResult> {
  const compiler = options.host.compiler!;
  options.onProgress({ kind: 'detail', text: [compiler.command, ...args].join(' ') });
  // the compiler's temporary files go to the cache's disk, whose free space was checked
  const scratch = join(options.folder, 'tmp');
  mkdirSync(scratch, { recursive: true });
  return runProgram(compiler.command, [...compiler.args, ...args], {
    env: { ...(options.env ?? process.env), TMPDIR: scratch },
    signal: options.signal,
    onLine: (text) => options.onProgress({ kind: 'detail', text }),
  }).finally(() => rmSync(scratch, { recursive: true, force: true }));
}

/**
 * Compiles the binding against `deps/lib` and `deps/include`, and the addon that hides stderr. @throws
 * UserError; InterruptedError
 */
export async function compileBinding(options: BuildOptions): Promise<void> {
  options.onProgress({ kind: 'step', text: 'build the binding from its source' });
  const paths = bindingPaths(options.folder);
  const mac = options.host.platform === 'darwin';
  const libraries = readdirSync(paths.libraries).map((name) => join(paths.libraries, name));
  mkdirSync(join(paths.folder, 'lib', 'napi-v8'), { recursive: true });
  const sources = ['tfjs_backend.cc', 'tfjs_binding.cc'].map((name) => join(paths.folder, 'binding', name));
  const result = await compile(options, [
    `-I${paths.folder}`,
    `-I${join(paths.deps, 'include')}`,
    '-include',
    join(packageRoot(), 'engine', 'copied-tensors.h'),
    // The libraries refer to each other by name, so each is found through the binding's own search path.
    ...addonArguments(sources, paths.addon, options, [
      ...libraries,
      `-Wl,-rpath,${mac ? '@loader_path' : '$ORIGIN'}/../../deps/lib`,
    ]),
  ]);
  if (result.code !== 0 || !existsSync(paths.addon)) throw setupFailure('building the binding', result.tail);
  const quiet = await compile(
    options,
    addonArguments(
      [join(packageRoot(), 'engine', 'stderr.cc')],
      join(options.folder, 'stderr.node'),
      options,
      [],
    ),
  );
  if (quiet.code !== 0) throw setupFailure('building the binding', quiet.tail);
}
