/**
 * The engine's own kernels (engine/kernels): fused and Winograd ops for the CPU. Set-up compiles them for
 * this machine's instruction set; opening a runtime registers them with TensorFlow. Without them TensorFlow's
 * own ops are used, which are slower.
 */
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { basename, dirname, join } from 'node:path';
import type { HostFacts } from '../host/host-facts.js';
import { runProgram } from '../host/run-program.js';
import type { OnProgress } from '../host/setup-progress.js';
import { bindingPaths, packageRoot } from './engine-paths.js';
import type { Engine } from './locate-engine.js';

/**
 * Instruction sets that kernels are compiled for, best first: required processor features and compiler flags.
 */
const levels = [
  {
    name: 'avx512',
    arch: 'x64',
    needs: ['avx512f', 'avx512bw', 'avx512dq', 'avx512vl', 'fma', 'bmi2'],
    flags: [
      '-mavx512f',
      '-mavx512bw',
      '-mavx512dq',
      '-mavx512vl',
      '-mavx2',
      '-mfma',
      '-mbmi2',
      '-mprefer-vector-width=512',
    ],
  },
  { name: 'avx2', arch: 'x64', needs: ['avx2', 'fma', 'bmi2'], flags: ['-mavx2', '-mfma', '-mbmi2'] },
  { name: 'plain', arch: '', needs: [], flags: [] },
] as const satisfies readonly {
  readonly name: string;
  readonly arch: string;
  readonly needs: readonly string[];
  readonly flags: readonly string[];
}[];
type Level = (typeof levels)[number];

/** Allows reordering and contraction (vectorised sums), but keeps NaN and infinity. */
const arithmetic = [
  '-fno-math-errno',
  '-fno-trapping-math',
  '-fassociative-math',
  '-fno-signed-zeros',
  '-freciprocal-math',
  '-ffp-contract=fast',
];

/** @param flags feature names of the processor, as in /proc/cpuinfo */
export function kernelLevel(arch: string, flags: ReadonlySet<string>): Level {
  return levels.find(
    (level) => (level.arch === '' || level.arch === arch) && level.needs.every((name) => flags.has(name)),
  )!;
}

function processorFlags(): ReadonlySet<string> {
  try {
    return new Set(/^flags\s*:(.*)$/m.exec(readFileSync('/proc/cpuinfo', 'utf8'))?.[1]?.trim().split(/\s+/));
  } catch {
    return new Set();
  }
}

export const kernelSources = (): string => join(packageRoot(), 'engine', 'kernels');

/** The addon's file for this machine; its name has a hash of the sources. */
export function kernelFile(engineFolder: string): string {
  const hash = createHash('sha256');
  for (const name of readdirSync(kernelSources()).sort())
    hash.update(name).update(readFileSync(join(kernelSources(), name)));
  return join(
    engineFolder,
    'kernels',
    `${kernelLevel(process.arch, processorFlags()).name}-${hash.digest('hex').slice(0, 10)}.node`,
  );
}

export type KernelState =
  | { readonly state: 'built'; readonly file: string }
  | { readonly state: 'absent'; readonly file: string }
  | { readonly state: 'failed'; readonly file: string; readonly reason: string };

export function kernelState(engineFolder: string): KernelState {
  const file = kernelFile(engineFolder);
  if (existsSync(file)) return { state: 'built', file };
  const note = `${file}.failed`;
  return existsSync(note)
    ? { state: 'failed', file, reason: readFileSync(note, 'utf8').trim() }
    : { state: 'absent', file };
}

export interface KernelBuildOptions {
  readonly host: HostFacts;
  readonly folder: string;
  readonly env?: NodeJS.ProcessEnv;
  readonly signal?: AbortSignal | undefined;
  readonly onProgress: OnProgress;
  readonly force?: boolean | undefined;
}

/** Compiles the kernels into an engine's folder unless they exist. Never throws: records a failure there. */
export async function ensureKernels(options: KernelBuildOptions): Promise<KernelState> {
  const { host, folder, onProgress } = options;
  const known = kernelState(folder);
  if (
    known.state === 'built' ||
    (known.state === 'failed' && options.force !== true) ||
    host.compiler === undefined
  )
    return known;
  onProgress({ kind: 'step', text: 'build the kernels for this processor' });
  const { libraries } = bindingPaths(folder);
  const mac = host.platform === 'darwin';
  mkdirSync(dirname(known.file), { recursive: true });
  const made = `${known.file}.${process.pid}`;
  const result = await runProgram(
    host.compiler.command,
    [
      ...host.compiler.args,
      '-std=gnu++17',
      '-O3',
      ...kernelLevel(process.arch, processorFlags()).flags,
      ...arithmetic,
      '-fPIC',
      '-pthread',
      '-DNAPI_VERSION=8',
      `-I${join(folder, 'node_modules/node-api-headers/include')}`,
      join(kernelSources(), 'main.cc'),
      '-o',
      made,
      ...(mac ? ['-bundle', '-undefined', 'dynamic_lookup'] : ['-shared']),
      ...readdirSync(libraries).map((name) => join(libraries, name)),
      `-Wl,-rpath,${mac ? '@loader_path' : '$ORIGIN'}/../node_modules/@tensorflow/tfjs-node-gpu/deps/lib`,
    ],
    {
      env: options.env ?? process.env,
      signal: options.signal,
      onLine: (text) => onProgress({ kind: 'detail', text }),
    },
  );
  if (result.code !== 0) {
    rmSync(made, { force: true });
    writeFileSync(
      `${known.file}.failed`,
      `${result.tail.split('\n').find((line) => line.includes('error')) ?? result.tail}\n`,
    );
    onProgress({
      kind: 'note',
      text: "the kernels could not be built: TensorFlow's own ops are used, which is slower",
    });
    return kernelState(folder);
  }
  renameSync(made, known.file);
  return kernelState(folder);
}

interface KernelAddon {
  readonly registered: boolean;
  setThreads(threads: number): void;
}

/**
 * Registers the kernels with TensorFlow, which must be loaded. The variable `STAGECRAFT_KERNELS` names
 * another addon file, or is `off`.
 * @returns their name (instruction set and a hash of the sources); undefined where they cannot be used
 */
export function loadKernels(engine: Engine, threads: number): string | undefined {
  const named = process.env['STAGECRAFT_KERNELS'];
  const file = named || kernelFile(engine.folder);
  if (named === 'off' || !existsSync(file)) return undefined;
  try {
    const addon = createRequire(import.meta.url)(file) as KernelAddon;
    if (addon.registered) addon.setThreads(threads);
    return addon.registered ? basename(file, '.node') : undefined;
  } catch {
    return undefined; // built against libraries that are no longer there
  }
}
