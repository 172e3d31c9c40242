/** Downloads wheels with the user's pip, and so with their index, proxy and certificates. */
import { createHash } from 'node:crypto';
import { createReadStream, mkdirSync, readdirSync, renameSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { UserError } from '../../util/errors.js';
import type { Tool } from '../host/host-facts.js';
import { runProgram } from '../host/run-program.js';
import { setupFailure } from '../host/setup-failure.js';
import type { OnProgress } from '../host/setup-progress.js';
import type { Wheel } from './wheel-table.js';

export interface DownloadOptions {
  readonly python: Tool;
  /** Folder of finished wheels. */
  readonly downloads: string;
  /** Folder for unfinished downloads; on the same disk. */
  readonly staging: string;
  readonly env?: NodeJS.ProcessEnv;
  readonly signal?: AbortSignal | undefined;
  readonly onProgress: OnProgress;
}

async function sha256(file: string): Promise<string> {
  const hash = createHash('sha256');
  for await (const chunk of createReadStream(file, { highWaterMark: 1 << 20 })) hash.update(chunk as Buffer);
  return hash.digest('hex');
}

/** Start of the wheel's file name: `nvidia-cublas-cu12` 12.9 → `nvidia_cublas_cu12-12.9-`. */
const filePrefix = (wheel: Wheel): string => `${wheel.name.replaceAll('-', '_')}-${wheel.version}-`;

function wheelIn(folder: string, wheel: Wheel): string | undefined {
  const found = readdirSync(folder).find(
    (name) => name.startsWith(filePrefix(wheel)) && name.endsWith('.whl'),
  );
  return found === undefined ? undefined : join(folder, found);
}

/** Bytes of all files below `folder`, with pip's unfinished download. */
function bytesBelow(folder: string): number {
  let total = 0;
  for (const entry of readdirSync(folder, { recursive: true, withFileTypes: true })) {
    if (entry.isFile())
      total += statSync(join(entry.parentPath, entry.name), { throwIfNoEntry: false })?.size ?? 0;
  }
  return total;
}

/** Options that make pip search for wheels of one tag, whatever Python runs it. */
function targetArguments(wheel: Wheel, tag: string): string[] {
  const cp = tag.startsWith('cp') ? tag : 'cp312';
  return [
    '--only-binary=:all:',
    '--platform',
    wheel.platform,
    '--implementation',
    'cp',
    '--python-version',
    cp.slice(2),
    '--abi',
    tag === cp ? cp : 'none',
  ];
}

/**
 * Downloads one wheel unless it exists, and checks its hash.
 * @returns the wheel's path in `options.downloads`
 * @throws UserError with the cause (network, disk, index, hash); InterruptedError
 */
export async function downloadWheel(wheel: Wheel, options: DownloadOptions): Promise<string> {
  const known = new Set(Object.values(wheel.sha256));
  mkdirSync(options.downloads, { recursive: true });
  const kept = wheelIn(options.downloads, wheel);
  if (kept !== undefined) {
    if (known.has(await sha256(kept))) return kept;
    rmSync(kept, { force: true });
  }
  const text = `download ${wheel.name} ${wheel.version}`;
  const folder = join(options.staging, `wheel-${wheel.name}`);
  const temporary = join(folder, 'tmp');
  mkdirSync(temporary, { recursive: true });
  const total = wheel.megabytes * 1e6;
  let failure = '';
  for (const tag of Object.keys(wheel.sha256)) {
    options.onProgress({ kind: 'bytes', text, done: 0, total });
    const watch = setInterval(() => {
      try {
        options.onProgress({ kind: 'bytes', text, done: Math.min(bytesBelow(folder), total), total });
      } catch {
        // a file was deleted meanwhile
      }
    }, 250);
    // TMPDIR: /tmp may be a small memory disk. No cache: pip would keep a second copy of the wheel.
    const result = await runProgram(
      options.python.command,
      [
        '-m',
        'pip',
        '--no-cache-dir',
        '--disable-pip-version-check',
        'download',
        '--no-deps',
        '--dest',
        folder,
        ...targetArguments(wheel, tag),
        `${wheel.name}==${wheel.version}`,
      ],
      {
        env: {
          ...(options.env ?? process.env),
          TMPDIR: temporary,
          PIP_PROGRESS_BAR: 'off',
          PIP_NO_INPUT: '1',
        },
        signal: options.signal,
        onLine: (line) => options.onProgress({ kind: 'detail', text: line }),
      },
    ).finally(() => clearInterval(watch));
    if (result.code === 0) {
      failure = '';
      break;
    }
    failure = result.tail;
    if (!/no matching distribution|could not find a version/i.test(failure)) break;
  }
  const file = wheelIn(folder, wheel);
  if (failure !== '' || file === undefined)
    throw setupFailure(`downloading ${wheel.name} ${wheel.version} with pip`, failure || 'pip left no wheel');
  const hash = await sha256(file);
  if (!known.has(hash)) {
    throw new UserError(
      `setup: ${wheel.name} ${wheel.version}: a wheel with a known SHA-256 is needed, got ${hash}`,
      { fix: 'the index or a proxy changed the file: check the index that pip uses (`pip config list`)' },
    );
  }
  options.onProgress({ kind: 'bytes', text, done: total, total });
  const target = join(options.downloads, file.slice(folder.length + 1));
  renameSync(file, target);
  rmSync(folder, { recursive: true, force: true });
  return target;
}
