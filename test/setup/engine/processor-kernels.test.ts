/**
 * The engine's own kernels: which instruction set is taken, and that a build that fails is kept as a reason,
 * not as an error.
 */
import { mkdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { bindingPaths } from '../../../src/setup/engine/engine-paths.js';
import {
  ensureKernels,
  kernelFile,
  kernelLevel,
  kernelState,
  namedKernels,
} from '../../../src/setup/engine/processor-kernels.js';
import { limitedLevel } from '../../../src/setup/engine/processor-limits.js';
import { readHost } from '../../../src/setup/host/host-facts.js';
import { programs, temporaryFolder } from '../fakes.js';

const place = temporaryFolder();
afterAll(() => place.remove());

const avx2 = ['avx2', 'fma', 'bmi2'];

describe('kernelLevel', () => {
  it.each([
    ['x64', [...avx2, 'avx512f', 'avx512bw', 'avx512dq', 'avx512vl'], 'avx512'],
    ['x64', [...avx2, 'avx512f'], 'avx2'],
    ['x64', avx2, 'avx2'],
    ['x64', ['sse4_2'], 'plain'],
    ['arm64', [], 'plain'],
  ])('%s with %j → %s', (arch, flags, name) => expect(kernelLevel(arch, new Set(flags)).name).toBe(name));
});

describe('kernelLevel under a limit', () => {
  const all = new Set([...avx2, 'avx512f', 'avx512bw', 'avx512dq', 'avx512vl']);
  it.each([
    [undefined, 'avx512'],
    ['ALL', 'avx512'],
    ['AVX512_CORE_VNNI', 'avx512'],
    ['avx2', 'avx2'],
    ['AVX2_VNNI', 'avx2'],
    ['AVX', 'plain'],
    ['SSE41', 'plain'],
  ])('ONEDNN_MAX_CPU_ISA=%s → %s', (limit, name) =>
    expect(kernelLevel('x64', all, limitedLevel({ ONEDNN_MAX_CPU_ISA: limit })).name).toBe(name),
  );
  it('a limit above the processor changes nothing', () =>
    expect(kernelLevel('x64', new Set(avx2), 'avx512').name).toBe('avx2'));
});

describe('namedKernels', () => {
  it('all, names with commas, or a file', () => {
    expect(namedKernels('')).toBeUndefined();
    expect(namedKernels('all')?.enabled.has('winograd')).toBe(true);
    expect(namedKernels('activation,winograd')).toEqual({ enabled: new Set(['activation', 'winograd']) });
    expect(namedKernels('/tmp/kernels.node')?.file).toBe('/tmp/kernels.node');
  });
});

describe('ensureKernels', () => {
  const folder = join(place.folder, 'engine');
  const options = async (compiler: string) => {
    mkdirSync(bindingPaths(folder).libraries, { recursive: true });
    const bin = programs(join(place.folder, 'bin'), {
      'c++': `case "$*" in *--version*) echo "c++ 12.2.0"; exit 0;; esac\n${compiler}`,
    });
    const env = { ...process.env, PATH: `${bin}:${process.env['PATH']}`, CXX: '' };
    const notes: string[] = [];
    return {
      host: await readHost(env),
      folder,
      env,
      notes,
      onProgress: (progress: { kind: string; text: string }) => {
        if (progress.kind === 'note') notes.push(progress.text);
      },
    };
  };

  it('a compiler that refuses leaves a reason, and is not asked again until it is forced', async () => {
    expect(kernelState(folder).state).toBe('absent');
    const broken = await options('echo "main.cc:3: error: this compiler is too old" >&2; exit 1');
    expect(await ensureKernels(broken)).toMatchObject({
      state: 'failed',
      reason: expect.stringContaining('this compiler is too old'),
    });
    expect(broken.notes).toEqual([expect.stringContaining('could not be built')]);
    const works = await options('while [ $# -gt 1 ]; do [ "$1" = "-o" ] && echo made > "$2"; shift; done');
    expect((await ensureKernels(works)).state).toBe('failed');
    expect((await ensureKernels({ ...works, force: true })).state).toBe('unproven');
    expect((await ensureKernels(broken)).state).toBe('unproven');
  });

  it('the file lies in the engine folder, and names the instruction set', () => {
    const file = kernelFile(folder);
    expect(dirname(file)).toBe(join(folder, 'kernels'));
    expect(file).toMatch(/\/(avx512|avx2|plain)-[0-9a-f]{10}-c\+\+-12\.2\.0\.node$/);
  });
});
