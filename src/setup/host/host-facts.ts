/** Reads what decides a set-up: platform, Python and pip, C++ compiler, npm, GPUs. */
import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { type GpuFacts, readGpus } from './gpu-facts.js';
import { runProgram } from './run-program.js';

export interface Tool {
  /** A name on PATH, or a path. */
  readonly command: string;
  readonly args: readonly string[];
  readonly version: string;
}

export interface HostFacts {
  readonly platform: string;
  readonly arch: string;
  /** glibc version; '' on musl and where there is no glibc. */
  readonly glibc: string;
  readonly node: string;
  readonly python: Tool | undefined;
  /** pip of that Python. */
  readonly pip: Tool | undefined;
  readonly compiler: Tool | undefined;
  readonly make: Tool | undefined;
  readonly npm: Tool | undefined;
  readonly gpus: GpuFacts;
}

async function probe(
  command: string,
  args: readonly string[],
  versionArgs: readonly string[],
  pattern: RegExp,
  env: NodeJS.ProcessEnv,
): Promise<Tool | undefined> {
  const result = await runProgram(command, [...args, ...versionArgs], { env, timeoutMs: 30_000 });
  const version = result.code === 0 ? pattern.exec(result.tail)?.[1] : undefined;
  return version === undefined ? undefined : { command, args, version };
}

async function firstOf(candidates: readonly (() => Promise<Tool | undefined>)[]): Promise<Tool | undefined> {
  for (const candidate of candidates) {
    const tool = await candidate();
    if (tool !== undefined) return tool;
  }
  return undefined;
}

/** npm: the one that runs this process, the one on PATH, the one beside Node. */
function npmCandidates(env: NodeJS.ProcessEnv): (readonly [string, readonly string[]])[] {
  const beside = join(dirname(process.execPath), '..', 'lib', 'node_modules', 'npm', 'bin', 'npm-cli.js');
  const parent = env['npm_execpath'] ?? '';
  return [
    ...(parent.endsWith('npm-cli.js') && existsSync(parent) ? [[process.execPath, [parent]] as const] : []),
    ['npm', []] as const,
    ...(existsSync(beside) ? [[process.execPath, [beside]] as const] : []),
  ];
}

/** Never throws. The variables `PYTHON` and `CXX` are tried first. */
export async function readHost(env: NodeJS.ProcessEnv = process.env): Promise<HostFacts> {
  const pythons = [env['PYTHON'], 'python3', 'python'].filter((name): name is string => Boolean(name));
  const compilers = [env['CXX'], 'c++', 'g++', 'clang++'].filter((name): name is string => Boolean(name));
  const [python, compiler, make, npm, gpus] = await Promise.all([
    firstOf(pythons.map((name) => () => probe(name, [], ['--version'], /Python (3[\d.]+)/, env))),
    firstOf(compilers.map((name) => () => probe(name, [], ['--version'], /(\d+\.\d+(?:\.\d+)?)/, env))),
    probe('make', [], ['--version'], /(\d+(?:\.\d+)+)/, env),
    firstOf(
      npmCandidates(env).map(
        ([command, args]) =>
          () =>
            probe(command, args, ['--version'], /^(\d+\.\d+\.\d+)$/m, env),
      ),
    ),
    readGpus({ env }),
  ]);
  const pip = python && (await probe(python.command, ['-m', 'pip'], ['--version'], /pip (\d[\d.]*)/, env));
  const header = (process.report?.getReport() as { header?: { glibcVersionRuntime?: string } } | undefined)
    ?.header;
  return {
    platform: process.platform,
    arch: process.arch,
    glibc: header?.glibcVersionRuntime ?? '',
    node: process.versions.node,
    python,
    pip,
    compiler,
    make,
    npm,
    gpus,
  };
}
