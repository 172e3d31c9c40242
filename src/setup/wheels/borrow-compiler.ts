/**
 * A C and C++ compiler for machines that have none: pip downloads Zig's clang, which is deleted after the
 * build. https://pypi.org/project/ziglang/
 */
import { chmodSync, mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { cachePaths } from '../engine/engine-paths.js';
import type { HostFacts, Tool } from '../host/host-facts.js';
import type { OnProgress } from '../host/setup-progress.js';
import { downloadWheel } from './download-wheel.js';
import { unpackWheel } from './unpack-wheel.js';
import { compilerWheels } from './wheel-table.js';

export interface BorrowOptions {
  readonly host: HostFacts;
  readonly env?: NodeJS.ProcessEnv;
  readonly signal?: AbortSignal | undefined;
  readonly onProgress: OnProgress;
}

/** Whether pip can download a compiler for this platform. */
export const canDownloadCompiler = ({ platform, arch, pip }: HostFacts): boolean =>
  pip !== undefined && `${platform}-${arch}` in compilerWheels;

/** Megabytes to download, and on disk meanwhile; undefined where none is to be had. */
export const compilerSize = (host: HostFacts): { download: number; disk: number } | undefined => {
  const wheel = canDownloadCompiler(host) ? compilerWheels[`${host.platform}-${host.arch}`] : undefined;
  return wheel && { download: wheel.megabytes, disk: wheel.megabytes + wheel.keptMegabytes };
};

/** Downloads a compiler into `scratch`. @throws UserError; InterruptedError */
export async function downloadCompiler(scratch: string, { host, ...options }: BorrowOptions): Promise<Tool> {
  const wheel = compilerWheels[`${host.platform}-${host.arch}`]!;
  const python = host.python!;
  const file = await downloadWheel(wheel, {
    ...options,
    python,
    downloads: join(scratch, 'downloads'),
    staging: join(scratch, 'staging'),
  });
  await unpackWheel(wheel, file, { ...options, python, target: scratch });
  const command = join(scratch, 'ziglang', 'zig');
  chmodSync(command, 0o755);
  // the oldest glibc of TensorFlow's wheels; musl systems keep their own
  const processor = host.arch === 'x64' ? 'x86_64' : 'aarch64';
  const target = `${processor}-linux-${host.glibc === '' ? 'musl' : 'gnu.2.27'}`;
  return { command, args: ['c++', '-target', target], version: wheel.version };
}

/** The environment of a borrowed compiler: its caches and temporary files go to `scratch`. */
export const compilerEnvironment = (scratch: string, env: NodeJS.ProcessEnv): NodeJS.ProcessEnv => ({
  ...env,
  TMPDIR: scratch,
  ZIG_GLOBAL_CACHE_DIR: join(scratch, 'zig'),
  ZIG_LOCAL_CACHE_DIR: join(scratch, 'zig'),
});

/**
 * Runs `body` with a host that has a compiler: its own, or a borrowed one that is deleted afterwards. Where
 * none can be had, the host is passed as it is.
 * @throws UserError where the download fails; InterruptedError
 */
export async function withCompiler<R>(
  options: BorrowOptions,
  body: (host: HostFacts, env: NodeJS.ProcessEnv) => Promise<R>,
): Promise<R> {
  const { host, env = process.env, onProgress } = options;
  if (host.compiler !== undefined || !canDownloadCompiler(host)) return body(host, env);
  const scratch = join(cachePaths().root, `compiler-${process.pid}`);
  mkdirSync(scratch, { recursive: true });
  try {
    onProgress({ kind: 'note', text: 'no C++ compiler is found: one is downloaded and deleted afterwards' });
    const compiler = await downloadCompiler(scratch, options);
    return await body({ ...host, compiler }, compilerEnvironment(scratch, env));
  } finally {
    rmSync(scratch, { recursive: true, force: true });
  }
}
