import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { SetupProgress } from '../../../src/setup/host/setup-progress.js';
import { downloadWheel } from '../../../src/setup/wheels/download-wheel.js';
import { unpackWheel } from '../../../src/setup/wheels/unpack-wheel.js';
import type { Wheel } from '../../../src/setup/wheels/wheel-table.js';
import { InterruptedError, UserError } from '../../../src/util/errors.js';
import { fakePython, makeWheel, programs, temporaryFolder, tinyDisk } from '../fakes.js';

let place: ReturnType<typeof temporaryFolder>;
let wheel: Wheel;
let progress: SetupProgress[];
const inside = (...parts: string[]) => join(place.folder, ...parts);

beforeEach(() => {
  place = temporaryFolder();
  progress = [];
  const file = inside('origin.whl');
  makeWheel(file, {
    'tensorflow/libtensorflow_cc.so.2': 'library',
    'tensorflow/include/tensorflow/c/c_api.h': 'header',
    'tensorflow/python/a.py': 'no',
  });
  const sha256 = createHash('sha256').update(readFileSync(file)).digest('hex');
  wheel = {
    name: 'tensor-flow',
    version: '1.0',
    platform: 'manylinux_2_27_x86_64',
    megabytes: 1,
    keptMegabytes: 1,
    sha256: { cp312: sha256, cp311: sha256 },
    keep: [
      { from: 'tensorflow/libtensorflow_', ending: '.so.2', to: 'lib/libtensorflow_' },
      { from: 'tensorflow/include/', ending: '.h', to: 'include/' },
    ],
  };
});
afterEach(() => place.remove());

/** pip's own way: the file appears in the destination. Counts its calls. */
const copies = (name = 'tensor_flow-1.0-cp312-cp312-manylinux_2_27_x86_64.whl') =>
  `echo "$ARGS" >> "$LOG"; cp "$ORIGIN" "$DEST/${name}"; exit 0`;
const options = (pip: string, more = {}) => {
  const bin = programs(inside('bin'), { python3: fakePython(pip) });
  return {
    python: { command: join(bin, 'python3'), args: [], version: '3.12' },
    downloads: inside('downloads'),
    staging: inside('staging'),
    env: { ...process.env, ORIGIN: inside('origin.whl'), LOG: inside('calls') },
    onProgress: (event: SetupProgress) => progress.push(event),
    ...more,
  };
};
const calls = () =>
  existsSync(inside('calls')) ? readFileSync(inside('calls'), 'utf8').trim().split('\n') : [];

describe('downloadWheel', () => {
  it('asks for the exact version and tag, checks the hash, and keeps the file', async () => {
    const file = await downloadWheel(wheel, options(copies()));
    expect(file).toBe(inside('downloads', 'tensor_flow-1.0-cp312-cp312-manylinux_2_27_x86_64.whl'));
    expect(calls()[0]).toMatch(
      /download --no-deps .*--platform manylinux_2_27_x86_64 --implementation cp --python-version 312 --abi cp312 tensor-flow==1\.0$/,
    );
    expect(readdirSync(inside('staging'))).toEqual([]);
    expect(progress.at(-1)).toEqual({
      kind: 'bytes',
      text: 'download tensor-flow 1.0',
      done: 1e6,
      total: 1e6,
    });
  });

  it('asks nobody for a wheel that is whole already, and again for one that is not', async () => {
    const file = await downloadWheel(wheel, options(copies()));
    await downloadWheel(wheel, options('exit 1'));
    makeWheel(file, { half: 'of it' });
    await downloadWheel(wheel, options(copies()));
    expect(calls().length).toBe(2);
  });

  it('asks for the next tag where the index has none of the first', async () => {
    const pip = `case "$ARGS" in *cp312*) echo "$ARGS" >> "$LOG"; echo "ERROR: No matching distribution found for tensor-flow==1.0" >&2; exit 1;; esac; ${copies('tensor_flow-1.0-cp311-cp311-manylinux_2_27_x86_64.whl')}`;
    expect(await downloadWheel(wheel, options(pip))).toMatch(/cp311/);
    expect(calls().length).toBe(2);
  });

  it.each([
    [
      'no network',
      'echo "WARNING: Retrying … NewConnectionError: Failed to establish a new connection: [Errno -2] Name or service not known" >&2; exit 1',
      /the network cannot be reached/,
      /HTTPS_PROXY/,
    ],
    [
      'an unknown certificate',
      'echo "SSLError(SSLCertVerificationError(1, \'[SSL: CERTIFICATE_VERIFY_FAILED] certificate verify failed\'" >&2; exit 1',
      /certificate is not trusted/,
      /PIP_CERT/,
    ],
    [
      'an index without it',
      'echo "ERROR: No matching distribution found for tensor-flow==1.0" >&2; exit 1',
      /has no such wheel/,
      /pip config list/,
    ],
    [
      'a full disk',
      'echo "ERROR: Could not install packages due to an OSError: [Errno 28] No space left on device" >&2; exit 1',
      /the disk is full/,
      /STAGECRAFT_CACHE/,
    ],
    [
      'no pip',
      'echo "/usr/bin/python3: No module named pip" >&2; exit 1',
      /this Python has no pip/,
      /python3-pip/,
    ],
    [
      'something unheard of',
      'echo "the moon is in the way" >&2; exit 1',
      /failed: the moon is in the way/,
      /--verbose/,
    ],
  ])('%s: names the cause and the fix, and leaves nothing half-made', async (_, pip, message, fix) => {
    const error = await downloadWheel(wheel, options(pip)).catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(UserError);
    expect((error as UserError).message).toMatch(message);
    expect((error as UserError).fix).toMatch(fix);
    expect(readdirSync(inside('downloads'))).toEqual([]);
  });

  it('refuses a wheel whose hash nobody knows', async () => {
    makeWheel(inside('origin.whl'), { 'tensorflow/libtensorflow_cc.so.2': 'another library' });
    await expect(downloadWheel(wheel, options(copies()))).rejects.toThrow(
      /a wheel with a known SHA-256 is needed, got [0-9a-f]{64}/,
    );
    expect(readdirSync(inside('downloads'))).toEqual([]);
  });

  it('ends pip and what pip started when it is interrupted', async () => {
    const interruption = new AbortController();
    const pip = 'echo started >> "$LOG"; sleep 300 & echo $! > "$LOG.pid"; wait';
    const running = downloadWheel(wheel, options(pip, { signal: interruption.signal }));
    while (!existsSync(inside('calls.pid'))) await new Promise((tick) => setTimeout(tick, 10));
    interruption.abort();
    await expect(running).rejects.toThrow(InterruptedError);
    const pid = Number(readFileSync(inside('calls.pid'), 'utf8'));
    for (let i = 0; i < 100 && isRunning(pid); i++) await new Promise((tick) => setTimeout(tick, 20));
    expect(isRunning(pid)).toBe(false);
  });
});

function isRunning(pid: number): boolean {
  try {
    return readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]![0] !== 'Z';
  } catch {
    return false;
  }
}

describe('unpackWheel', () => {
  const unpack = (keep = wheel.keep, target = inside('target')) =>
    unpackWheel({ ...wheel, keep }, inside('origin.whl'), {
      python: { command: 'python3', args: [], version: '3' },
      target,
      onProgress: (event) => progress.push(event),
    });

  it('takes what is kept, where it belongs, and nothing else', async () => {
    await unpack();
    expect(readFileSync(inside('target/lib/libtensorflow_cc.so.2'), 'utf8')).toBe('library');
    expect(readdirSync(inside('target'), { recursive: true }).sort()).toEqual([
      'include',
      'include/tensorflow',
      'include/tensorflow/c',
      'include/tensorflow/c/c_api.h',
      'lib',
      'lib/libtensorflow_cc.so.2',
    ]);
    expect(progress.at(-1)).toMatchObject({ kind: 'bytes', done: 13, total: 13 });
  });

  it('refuses a wheel without the files that are needed', async () => {
    await expect(unpack([{ from: 'nowhere/', ending: '', to: '' }])).rejects.toThrow(
      /holds none of the files that are needed/,
    );
  });

  it('refuses a member that would leave the folder', async () => {
    makeWheel(inside('origin.whl'), { 'tensorflow/../../../escaped.so': 'x' });
    await expect(unpack([{ from: 'tensorflow/', ending: '.so', to: '' }])).rejects.toThrow(
      /a member would leave the folder/,
    );
    expect(existsSync(inside('escaped.so'))).toBe(false);
  });

  it('names a full disk', async (context) => {
    const unmount = tinyDisk(inside('tiny'), 1);
    if (unmount === undefined) return context.skip('mounting a memory disk is not permitted here');
    try {
      makeWheel(inside('origin.whl'), { 'tensorflow/big.so': 'x'.repeat(3_000_000) });
      const error = await unpack([{ from: 'tensorflow/', ending: '.so', to: '' }], inside('tiny')).catch(
        (reason: unknown) => reason,
      );
      expect((error as UserError).message).toMatch(/unpacking tensor-flow 1\.0 failed: the disk is full/);
      expect((error as UserError).fix).toMatch(/STAGECRAFT_CACHE/);
    } finally {
      unmount();
    }
  });
});
