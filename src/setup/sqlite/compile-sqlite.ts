/**
 * Builds better-sqlite3's addon without make and gyp: two compiler calls with the package's own definitions.
 * Where there is no compiler, pip downloads one, which is deleted after the build.
 */
import { mkdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { cachePaths } from '../engine/engine-paths.js';
import { type ProgramResult, runProgram } from '../host/run-program.js';
import { type BorrowOptions, compilerEnvironment, downloadCompiler } from '../wheels/borrow-compiler.js';

/** `-D…` of SQLite's options, from the package's own list. */
const definitions = (packageFolder: string): string[] =>
  [
    ...readFileSync(join(packageFolder, 'deps', 'defines.gypi'), 'utf8').matchAll(
      /'((?:HAVE|SQLITE)_[^']*)'/g,
    ),
  ].map((match) => `-D${match[1]}`);

/**
 * Compiles the addon of the better-sqlite3 in `packageFolder` to `target`.
 * `headers`: the prefix whose `include/node` holds this Node's headers.
 * @throws UserError where no compiler can be downloaded; InterruptedError
 */
export async function compileSqlite(
  packageFolder: string,
  target: string,
  headers: string,
  options: BorrowOptions,
): Promise<ProgramResult> {
  const scratch = join(cachePaths().root, `compile-${process.pid}`);
  mkdirSync(scratch, { recursive: true });
  try {
    const compiler = options.host.compiler ?? (await downloadCompiler(scratch, options));
    const sqlite = join(packageFolder, 'deps', 'sqlite3');
    const shared = ['-O3', '-fPIC', '-w', '-DNDEBUG', ...definitions(packageFolder), `-I${sqlite}`];
    const run = (args: readonly string[]) =>
      runProgram(compiler.command, [...compiler.args, ...args], {
        env: compilerEnvironment(scratch, options.env ?? process.env),
        signal: options.signal,
        onLine: (text) => options.onProgress({ kind: 'detail', text }),
      });
    options.onProgress({ kind: 'step', text: 'compile SQLite (about a minute)' });
    const object = join(scratch, 'sqlite3.o');
    const compiled = await run([...shared, '-x', 'c', '-c', join(sqlite, 'sqlite3.c'), '-o', object]);
    if (compiled.code !== 0) return compiled;
    return await run([
      ...shared,
      '-std=c++20',
      '-fno-exceptions',
      '-fno-rtti',
      '-DBUILDING_NODE_EXTENSION',
      '-DNODE_GYP_MODULE_NAME=better_sqlite3',
      '-DUSING_UV_SHARED=1',
      '-DUSING_V8_SHARED=1',
      `-I${join(headers, 'include', 'node')}`,
      `-I${join(packageFolder, 'src')}`,
      join(packageFolder, 'src', 'better_sqlite3.cpp'),
      object,
      ...(options.host.platform === 'darwin' ? ['-bundle', '-undefined', 'dynamic_lookup'] : ['-shared']),
      '-o',
      target,
    ]);
  } finally {
    rmSync(scratch, { recursive: true, force: true });
  }
}
