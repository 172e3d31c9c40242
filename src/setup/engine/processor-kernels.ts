/**
 * The engine's own kernels (engine/kernels): fused and Winograd ops for the CPU. Set-up compiles them for
 * this machine's instruction set; opening a runtime registers them with TensorFlow. Without them TensorFlow's
 * own ops are used, which are slower.
 */
import { createHash } from 'node:crypto';
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { createRequire } from 'node:module';
import { availableParallelism } from 'node:os';
import { basename, dirname, join } from 'node:path';
import type { HostFacts, Tool } from '../host/host-facts.js';
import { runProgram } from '../host/run-program.js';
import type { OnProgress } from '../host/setup-progress.js';
import { engineEnvironment } from './engine-environment.js';
import { readEngineInfo } from './engine-info.js';
import { bindingPaths, packageRoot } from './engine-paths.js';
import {
  enabledKernels,
  type KernelName,
  type KernelTable,
  kernelNames,
  readKernelTable,
  writeKernelTable,
} from './kernel-table.js';
import type { Engine } from './locate-engine.js';
import { limitedLevel, limitsText } from './processor-limits.js';

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

/**
 * @param flags feature names of the processor, as in /proc/cpuinfo
 * @param limit the widest vectors that may be used; default: any
 */
export function kernelLevel(
  arch: string,
  flags: ReadonlySet<string>,
  limit?: Level['name'] | undefined,
): Level {
  const widest = Math.max(
    0,
    levels.findIndex(({ name }) => name === limit),
  );
  return levels.find(
    (level, index) =>
      index >= widest &&
      (level.arch === '' || level.arch === arch) &&
      level.needs.every((name) => flags.has(name)),
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

const levelHere = (env: NodeJS.ProcessEnv): Level =>
  kernelLevel(process.arch, processorFlags(), limitedLevel(env));

/** Path of the addon for this machine without compiler and ending; it has a hash of sources and flags. */
function kernelStem(engineFolder: string, env: NodeJS.ProcessEnv): string {
  const level = levelHere(env);
  const hash = createHash('sha256').update([...level.flags, ...arithmetic].join(' '));
  for (const name of readdirSync(kernelSources()).sort())
    hash.update(name).update(readFileSync(join(kernelSources(), name)));
  return join(engineFolder, 'kernels', `${level.name}-${hash.digest('hex').slice(0, 10)}`);
}

/**
 * The addon's file for this machine, whichever compiler built it; the newest where there are several.
 * @returns the path without a compiler where none is built
 */
export function kernelFile(engineFolder: string, env: NodeJS.ProcessEnv = process.env): string {
  const stem = kernelStem(engineFolder, env);
  const folder = dirname(stem);
  const built = existsSync(folder)
    ? readdirSync(folder)
        .filter((name) => name.startsWith(basename(stem)) && name.endsWith('.node'))
        .map((name) => ({ file: join(folder, name), time: statSync(join(folder, name)).mtimeMs }))
        .sort((a, b) => b.time - a.time)
    : [];
  return built[0]?.file ?? `${stem}.node`;
}

/** `g++-12.2.0`: a part of the addon's name, and so of the device key. */
const compilerName = ({ command, version }: Tool): string =>
  `${basename(command).replaceAll(/[^\w+]/g, '')}-${version}`;

export type KernelState =
  /** Built and tried: the table says which are enabled. */
  | { readonly state: 'built'; readonly file: string; readonly table: KernelTable }
  /** Built, but not tried on this machine, or with another TensorFlow. None is used. */
  | { readonly state: 'unproven'; readonly file: string; readonly reason: string }
  /** Built, and could not be run. None is used. */
  | { readonly state: 'broken'; readonly file: string; readonly reason: string }
  | { readonly state: 'absent'; readonly file: string }
  | { readonly state: 'failed'; readonly file: string; readonly reason: string };

/** @param tensorflowVersion of the engine; default: what its marker says */
export function kernelState(
  engineFolder: string,
  tensorflowVersion = readEngineInfo(engineFolder)?.tensorflowVersion ?? 'unknown',
  env: NodeJS.ProcessEnv = process.env,
): KernelState {
  const file = kernelFile(engineFolder, env);
  if (!existsSync(file)) {
    const note = `${file}.failed`;
    return existsSync(note)
      ? { state: 'failed', file, reason: readFileSync(note, 'utf8').trim() }
      : { state: 'absent', file };
  }
  const found = readKernelTable(file, tensorflowVersion, env);
  switch (found.state) {
    case 'absent': {
      const limits = limitsText(env);
      const where = limits === '' ? 'on this machine' : `with ${limits}`;
      return { state: 'unproven', file, reason: `they were not tried ${where}` };
    }
    case 'outdated':
      return { state: 'unproven', file, reason: found.reason };
    case 'proven':
      return found.table.failure === ''
        ? { state: 'built', file, table: found.table }
        : { state: 'broken', file, reason: found.table.failure };
    default:
      return found satisfies never;
  }
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
  const env = options.env ?? process.env;
  const state = (): KernelState => kernelState(folder, undefined, env);
  const known = state();
  if (
    existsSync(known.file) ||
    (known.state === 'failed' && options.force !== true) ||
    host.compiler === undefined
  )
    return known;
  onProgress({ kind: 'step', text: 'build the kernels for this processor' });
  const { libraries } = bindingPaths(folder);
  const mac = host.platform === 'darwin';
  mkdirSync(dirname(known.file), { recursive: true });
  const file = `${kernelStem(folder, env)}-${compilerName(host.compiler)}.node`;
  const made = `${file}.${process.pid}`;
  const result = await runProgram(
    host.compiler.command,
    [
      ...host.compiler.args,
      '-std=gnu++17',
      '-O3',
      ...levelHere(env).flags,
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
    { env, signal: options.signal, onLine: (text) => onProgress({ kind: 'detail', text }) },
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
    return state();
  }
  renameSync(made, file);
  for (const name of readdirSync(dirname(file))) // trials of a binary that this one replaces
    if (name.startsWith(`${basename(file)}.`) && name.endsWith('.json')) rmSync(join(dirname(file), name));
  return state();
}

/** Milliseconds after which a trial that says nothing is given up. */
const trialTimeoutMs = 120_000;

/**
 * Tries the built kernels in a child process, against TensorFlow's own ops, unless a valid table exists, and
 * stores the result beside them. Never throws but for interruption: what breaks is the table's failure.
 */
export async function proveKernels(options: KernelBuildOptions): Promise<KernelState> {
  const base = options.env ?? process.env;
  const known = kernelState(options.folder, undefined, base);
  if (known.state !== 'unproven' && !(options.force === true && known.state !== 'absent')) return known;
  if (!existsSync(known.file)) return known;
  const entry = join(packageRoot(), 'dist', 'runtime', 'tfjs', 'prove-kernels.js');
  if (!existsSync(entry)) return known;
  options.onProgress({ kind: 'step', text: "try each kernel against TensorFlow's own" });
  const threads = Math.min(16, availableParallelism());
  const env = engineEnvironment({
    threads,
    device: 'cpu',
    env: base,
    ...(readEngineInfo(options.folder) && {
      engine: { folder: options.folder, info: readEngineInfo(options.folder)! },
    }),
  });
  const result = await runProgram(process.execPath, [entry, options.folder, known.file], {
    env,
    signal: options.signal,
    timeoutMs: trialTimeoutMs,
  });
  const line = result.stdout.split('\n').findLast((text) => text.startsWith('{'));
  const answer =
    line === undefined ? undefined : (JSON.parse(line) as Pick<KernelTable, 'tensorflowVersion' | 'results'>);
  const end = result.signal ? `ended by ${result.signal}` : `exit code ${result.code}`;
  const said = result.tail
    .split('\n')
    .findLast((text) => /error/i.test(text))
    ?.trim();
  writeKernelTable(
    known.file,
    {
      tensorflowVersion:
        answer?.tensorflowVersion ?? readEngineInfo(options.folder)?.tensorflowVersion ?? 'unknown',
      failure: answer === undefined ? `the trial failed: ${said ?? end}` : '',
      results: answer?.results ?? {},
    },
    base,
  );
  const state = kernelState(options.folder, undefined, base);
  if (state.state === 'broken')
    options.onProgress({
      kind: 'note',
      text: `the kernels do not run here, TensorFlow's own ops are used: ${state.reason}`,
    });
  return state;
}

interface KernelAddon {
  readonly registered: boolean;
  setThreads(threads: number): void;
}

export interface LoadedKernels {
  /** Instruction set, a hash of sources and flags, and the compiler. */
  readonly name: string;
  readonly enabled: ReadonlySet<KernelName>;
}

/** What `STAGECRAFT_KERNELS` asks for; undefined where it is not set. */
export function namedKernels(
  value: string | undefined,
): { readonly enabled: ReadonlySet<KernelName>; readonly file?: string } | undefined {
  if (!value) return undefined;
  if (value === 'all') return { enabled: new Set(kernelNames) };
  const names = value.split(',');
  const known = kernelNames.filter((name) => names.includes(name));
  return known.length === names.length
    ? { enabled: new Set(known) }
    : { enabled: new Set(kernelNames), file: value };
}

/**
 * Registers the kernels with TensorFlow, which must be loaded, and enables those that won on this machine.
 * The variable `STAGECRAFT_KERNELS` is `off`, `all` or names with commas (whatever the table says), or the
 * path of another addon.
 * @param tensorflowVersion of the loaded library, where the engine's marker may be older
 * @returns undefined where none can be used
 */
export function loadKernels(
  engine: Engine,
  threads: number,
  tensorflowVersion = engine.info.tensorflowVersion,
): LoadedKernels | undefined {
  const variable = process.env['STAGECRAFT_KERNELS'];
  if (variable === 'off') return undefined;
  const named = namedKernels(variable);
  const file = named?.file ?? kernelFile(engine.folder);
  if (!existsSync(file)) return undefined;
  const state = named ? undefined : kernelState(engine.folder, tensorflowVersion);
  if (state !== undefined && state.state !== 'built') return undefined;
  try {
    const addon = createRequire(import.meta.url)(file) as KernelAddon;
    if (!addon.registered) return undefined;
    addon.setThreads(threads);
    return {
      name: basename(file, '.node'),
      enabled: named?.enabled ?? (state?.state === 'built' ? enabledKernels(state.table) : new Set()),
    };
  } catch {
    return undefined; // built against libraries that are no longer there
  }
}
