/**
 * `stagecraft setup`: plans the native engine and builds it in the per-user cache that every clone shares.
 * The work happens in a staging folder and the finished engine is renamed into place, so an interruption
 * leaves the old state or the new one. Finished downloads are kept until the engine is published.
 */
import { createHash } from 'node:crypto';
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  realpathSync,
  renameSync,
  rmSync,
  statfsSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { basename, join, relative } from 'node:path';
import { UserError } from '../../util/errors.js';
import { provingEnvironment } from '../engine/engine-environment.js';
import { damagedFile, type EngineInfo, markerName, readEngineInfo } from '../engine/engine-info.js';
import { bindingPaths, type CachePaths, cachePaths } from '../engine/engine-paths.js';
import { gpuFindings } from '../engine/gpu-findings.js';
import { type Engine, locateEngine } from '../engine/locate-engine.js';
import { ensureKernels, kernelState, proveKernels } from '../engine/processor-kernels.js';
import { proofFailure, proveEngine } from '../engine/prove-engine.js';
import { bindingVersion, tensorflowVersion } from '../engine/versions.js';
import { type HostFacts, readHost } from '../host/host-facts.js';
import { setupFailure } from '../host/setup-failure.js';
import type { OnProgress } from '../host/setup-progress.js';
import { inspectPython } from '../python/inspect-python.js';
import { otherWayFindings } from '../python/python-findings.js';
import { ensureAddon } from '../sqlite/ensure-addon.js';
import { type BorrowOptions, withCompiler } from '../wheels/borrow-compiler.js';
import { downloadWheel } from '../wheels/download-wheel.js';
import { unpackWheel } from '../wheels/unpack-wheel.js';
import { compileBinding, installPackages } from './build-binding.js';
import { inspectTensorflow, linkCudaLibraries, linkTensorflow } from './own-tensorflow.js';
import { type EnginePlan, planEngine, type SetupChoice } from './plan-engine.js';
import { acquireLock } from './setup-lock.js';

export interface SetupOptions extends SetupChoice {
  /** Build even where an engine exists. */
  readonly force?: boolean;
  /** Plan and check only. */
  readonly dryRun?: boolean;
  readonly onProgress?: OnProgress;
  readonly signal?: AbortSignal | undefined;
  /** Environment of the programs that are run; for tests. */
  readonly env?: NodeJS.ProcessEnv;
}

export interface SetupResult {
  readonly plan: EnginePlan;
  /** The engine in use; undefined for a dry run. */
  readonly engine: Engine | undefined;
  readonly state: 'built' | 'reused' | 'planned';
  /** Whether the SQLite addon had to be built. */
  readonly addonBuilt: boolean;
}

const engineName = (plan: EnginePlan): string =>
  plan.tensorflowFolder === undefined
    ? plan.kind
    : `own-${createHash('sha256').update(realpathSync(plan.tensorflowFolder)).digest('hex').slice(0, 8)}`;

/** @throws UserError where the cache cannot be written or its disk lacks room */
function assertRoom(paths: CachePaths, plan: EnginePlan): void {
  try {
    for (const folder of [paths.root, paths.engines, paths.downloads, paths.staging])
      mkdirSync(folder, { recursive: true });
  } catch (error) {
    throw setupFailure(`making the cache folder ${paths.root}`, (error as Error).message);
  }
  const { bavail, bsize } = statfsSync(paths.root);
  const free = (bavail * bsize) / 1e6;
  const fetched =
    readdirSync(paths.downloads).reduce((sum, name) => sum + statSync(join(paths.downloads, name)).size, 0) /
    1e6;
  const needed = plan.diskMegabytes - Math.min(fetched, plan.downloadMegabytes);
  if (free < needed) {
    throw new UserError(
      `setup: ${(needed / 1000).toFixed(1)} GB of free space are needed in ${paths.root}, ` +
        `got ${(free / 1000).toFixed(1)} GB`,
      { fix: 'free some space, or set STAGECRAFT_CACHE to a folder on another disk' },
    );
  }
}

const sizesOf = (folder: string, files: readonly string[]): Record<string, number> =>
  Object.fromEntries(files.map((file) => [relative(folder, file), statSync(file).size]));

/** Builds, proves and describes an engine in `folder`. */
async function makeEngine(
  folder: string,
  plan: EnginePlan,
  host: HostFacts,
  paths: CachePaths,
  options: SetupOptions,
): Promise<EngineInfo> {
  const onProgress = options.onProgress ?? (() => undefined);
  const env = options.env ?? process.env;
  const shared = { signal: options.signal, onProgress, env };
  const own = plan.tensorflowFolder === undefined ? undefined : inspectTensorflow(plan.tensorflowFolder);
  const files: string[] = [];
  for (const wheel of plan.wheels)
    files.push(
      await downloadWheel(wheel, {
        ...shared,
        python: host.python!,
        downloads: paths.downloads,
        staging: paths.staging,
      }),
    );
  await installPackages({ ...shared, host, folder });
  const binding = bindingPaths(folder);
  rmSync(binding.deps, { recursive: true, force: true });
  if (own !== undefined) linkTensorflow(own, binding.deps);
  for (const [index, wheel] of plan.wheels.entries())
    await unpackWheel(wheel, files[index]!, { ...shared, python: host.python!, target: binding.deps });
  linkCudaLibraries(binding.deps);
  await compileBinding({ ...shared, host, folder });
  await ensureKernels({ ...shared, host, folder });
  onProgress({ kind: 'step', text: 'try it: a convolution and its gradient' });
  const info: EngineInfo = {
    format: 1,
    kind: plan.kind,
    tfjsVersion: bindingVersion,
    tensorflowVersion: own?.version ?? tensorflowVersion,
    platform: host.platform,
    arch: host.arch,
    source: own === undefined ? files.map((file) => basename(file)) : [own.folder],
    files: sizesOf(folder, [
      binding.addon,
      ...readdirSync(binding.libraries).map((name) => join(binding.libraries, name)),
    ]),
    bindingSha256: createHash('sha256').update(readFileSync(binding.addon)).digest('hex'),
    nodeVersion: host.node,
    builtAt: new Date().toISOString(),
    measured: { matmulGflops: 0, convGflops: 0, convGradientGflops: 0, threads: 0, device: 'cpu' },
  };
  const proof = await proveEngine(folder, {
    env: provingEnvironment({ folder, info }, env),
    signal: options.signal,
  });
  for (const text of proof.log.split('\n')) onProgress({ kind: 'detail', text });
  if (!proof.ok) throw proofFailure(proof, plan.kind);
  const gpu = gpuFindings({
    gpus: host.gpus,
    platform: host.platform,
    arch: host.arch,
    engineKind: plan.kind,
    usesGpu: proof.measured.device === 'gpu',
    log: proof.log,
    env,
  });
  // A CPU engine by plan has its reason among the plan's notes.
  for (const { level, text, fix } of plan.kind === 'cpu' ? [] : gpu)
    onProgress({ kind: 'note', text: level === 'ok' || fix === '' ? text : `${text} (fix: ${fix})` });
  if (host.gpus.hardware && proof.measured.device === 'cpu')
    for (const { text, fix } of otherWayFindings(await inspectPython(env)))
      onProgress({ kind: 'note', text: `${text}: ${fix}` });
  if (proof.measured.device === 'cpu') await proveKernels({ ...shared, host, folder });
  return { ...info, measured: proof.measured };
}

/** Builds and tries the kernels of an existing engine, where that was not done for this processor. */
async function renewKernels(folder: string, options: BorrowOptions): Promise<void> {
  const { state } = kernelState(folder, undefined, options.env ?? process.env);
  if (state === 'absent')
    await withCompiler(options, (host, env) => ensureKernels({ ...options, host, env, folder }));
  await proveKernels({ ...options, folder });
}

/** Moves the finished engine into the cache and makes it current. */
function publish(staged: string, name: string, info: EngineInfo, paths: CachePaths): Engine {
  writeFileSync(join(staged, markerName), `${JSON.stringify(info, undefined, 2)}\n`);
  const folder = join(paths.engines, name);
  if (existsSync(folder)) renameSync(folder, join(paths.staging, `old-${name}`));
  renameSync(staged, folder);
  useEngine(name, paths);
  return { folder, info };
}

function useEngine(name: string, paths: CachePaths): void {
  writeFileSync(`${paths.current}.${process.pid}`, `${name}\n`);
  renameSync(`${paths.current}.${process.pid}`, paths.current);
}

/**
 * Sets up the SQLite addon and the engine; reuses what exists.
 * @throws UserError with the cause and the fix; InterruptedError on `signal`, after which the next call
 * resumes
 * @example await runSetup({ onProgress: createProgressPrinter().onProgress });
 */
export async function runSetup(options: SetupOptions = {}): Promise<SetupResult> {
  const env = options.env ?? process.env;
  const onProgress = options.onProgress ?? (() => undefined);
  const host = await readHost(env);
  // the addon first: stagecraft runs without an engine, but not without its store
  const addonBuilt =
    options.dryRun === true ? false : await ensureAddon({ host, env, signal: options.signal, onProgress });
  const plan = planEngine(host, options);
  for (const text of plan.notes) onProgress({ kind: 'note', text });
  if (plan.tensorflowFolder !== undefined) inspectTensorflow(plan.tensorflowFolder);
  if (options.dryRun === true) return { plan, engine: undefined, state: 'planned', addonBuilt };
  const paths = cachePaths();
  const name = engineName(plan);
  const reuse = (): Engine | undefined => {
    const folder = join(paths.engines, name);
    const info = readEngineInfo(folder);
    return options.force === true || info === undefined || damagedFile(folder, info) !== undefined
      ? undefined
      : { folder, info };
  };
  const present = reuse();
  if (present !== undefined) {
    await renewKernels(present.folder, { host, env, signal: options.signal, onProgress });
  }
  if (present !== undefined && locateEngine(env)?.folder === present.folder)
    return { plan, engine: present, state: 'reused', addonBuilt };
  let release: (() => void) | undefined;
  try {
    try {
      mkdirSync(paths.root, { recursive: true });
      release = await acquireLock(paths.locks, {
        signal: options.signal,
        onWait: (pid) => onProgress({ kind: 'note', text: `waiting for another set-up (process ${pid})` }),
      });
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== undefined)
        throw setupFailure(`making the cache folder ${paths.root}`, (error as Error).message);
      throw error;
    }
    const made = reuse();
    if (made !== undefined) {
      useEngine(name, paths);
      return { plan, engine: made, state: 'reused', addonBuilt };
    }
    // this process holds the lock: files in staging are of an interrupted set-up
    rmSync(paths.staging, { recursive: true, force: true });
    assertRoom(paths, plan);
    const staged = join(paths.staging, `engine-${process.pid}`);
    const info = await withCompiler({ host, env, signal: options.signal, onProgress }, (equipped, tools) =>
      makeEngine(staged, plan, equipped, paths, { ...options, env: tools }),
    );
    const engine = publish(staged, name, info, paths);
    rmSync(paths.downloads, { recursive: true, force: true });
    return { plan, engine, state: 'built', addonBuilt };
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code;
    if (code !== undefined && /^E[A-Z]+$/.test(code))
      throw setupFailure('writing the engine', (error as Error).message);
    throw error;
  } finally {
    if (release !== undefined) {
      try {
        rmSync(paths.staging, { recursive: true, force: true });
      } catch {
        // the next set-up removes it
      }
      release();
    }
  }
}
