import { describe, expect, it } from 'vitest';
import type { GpuFacts } from '../../../src/setup/host/gpu-facts.js';
import type { HostFacts } from '../../../src/setup/host/host-facts.js';
import { planEngine } from '../../../src/setup/install/plan-engine.js';
import { wheels } from '../../../src/setup/wheels/wheel-table.js';
import { UserError } from '../../../src/util/errors.js';

const tool = (command: string) => ({ command, args: [], version: '23.0' });
const noGpu: GpuFacts = {
  hardware: false,
  driver: '',
  deviceFiles: false,
  devices: [],
  smiError: 'nvidia-smi: not found',
};
const gpu: GpuFacts = {
  hardware: true,
  driver: '550.54.15',
  deviceFiles: true,
  smiError: '',
  devices: [
    {
      uuid: 'GPU-1',
      name: 'NVIDIA L4',
      totalBytes: 2 ** 34,
      usedBytes: 0,
      computeCapability: '8.9',
      processes: [],
    },
  ],
};
const host: HostFacts = {
  platform: 'linux',
  arch: 'x64',
  glibc: '2.36',
  node: '20.9.0',
  python: tool('python3'),
  pip: tool('python3'),
  compiler: tool('c++'),
  make: tool('make'),
  npm: tool('npm'),
  gpus: noGpu,
};

function refusal(facts: Partial<HostFacts>, choice = {}): UserError {
  try {
    planEngine({ ...host, ...facts }, choice);
  } catch (error) {
    if (error instanceof UserError) return error;
    throw error;
  }
  throw new Error('planEngine accepted it');
}

describe('planEngine', () => {
  it('takes the CPU wheel where there is no GPU', () => {
    const plan = planEngine(host);
    expect(plan.kind).toBe('cpu');
    expect(plan.wheels.map(({ name }) => name)).toEqual(['tensorflow-cpu']);
    expect(plan.diskMegabytes).toBeGreaterThan(plan.downloadMegabytes + 800);
  });

  it('takes the CUDA wheel and its twelve libraries where a GPU with a fit driver is', () => {
    const plan = planEngine({ ...host, gpus: gpu });
    expect(plan.kind).toBe('cuda');
    expect(plan.wheels[0]!.name).toBe('tensorflow');
    expect(plan.wheels.filter(({ name }) => name.startsWith('nvidia-')).length).toBe(12);
  });

  it('falls back to the CPU and says why: driver missing, driver too old', () => {
    const missing = planEngine({ ...host, gpus: { ...gpu, driver: '', devices: [] } });
    expect(missing).toMatchObject({ kind: 'cpu', notes: [expect.stringMatching(/driver is not loaded/)] });
    const old = planEngine({ ...host, gpus: { ...gpu, driver: '470.256.02' } });
    expect(old).toMatchObject({
      kind: 'cpu',
      notes: [expect.stringMatching(/470\.256\.02 is older than 525\.60\.13/)],
    });
  });

  it('takes the CPU wheel on request, and refuses device gpu where no GPU can be used', () => {
    expect(planEngine({ ...host, gpus: gpu }, { device: 'cpu' }).kind).toBe('cpu');
    expect(refusal({}, { device: 'gpu' }).message).toMatch(/none was found/);
    expect(refusal({ gpus: { ...gpu, driver: '450.1' } }, { device: 'gpu' }).message).toMatch(/older than/);
  });

  it.each([
    ['linux', 'arm64', 'manylinux_2_27_aarch64'],
    ['darwin', 'arm64', 'macosx_12_0_arm64'],
  ])('%s %s takes the wheel of that platform', (platform, arch, tag) => {
    expect(planEngine({ ...host, platform, arch }).wheels.map((wheel) => wheel.platform)).toEqual([tag]);
  });

  it('says on a GPU machine without a CUDA wheel that the CPU is used', () => {
    expect(planEngine({ ...host, arch: 'arm64', gpus: gpu })).toMatchObject({
      kind: 'cpu',
      notes: [expect.stringMatching(/has no CUDA/)],
    });
  });

  it.each([
    ['Windows', { platform: 'win32' }, /Windows wheel does not carry the C library.*wasm/],
    ['macOS on Intel', { platform: 'darwin' }, /no wheel for Intel Macs since 2\.17.*wasm/],
    ['32-bit ARM', { arch: 'arm' }, /no TensorFlow wheel for linux arm;.*wasm/],
    ['musl', { glibc: '' }, /glibc 2\.27 or later, this system has none/],
    ['an old glibc', { glibc: '2.17' }, /glibc 2\.27 or later, got 2\.17/],
    ['no Python', { python: undefined, pip: undefined }, /Python 3 is needed.*wasm/],
    ['no pip', { pip: undefined }, /pip is needed.*wasm/],
    [
      'an old pip',
      { pip: { ...tool('python3'), version: '18.1' } },
      /pip 20\.0 or later is needed.*got 18\.1.*wasm/,
    ],
    [
      'no compiler where none can be downloaded',
      { platform: 'darwin', arch: 'arm64', compiler: undefined },
      /C\+\+ compiler is needed.*wasm/,
    ],
    ['no npm', { npm: undefined }, /npm is needed/],
  ] satisfies [string, Partial<HostFacts>, RegExp][])(
    'refuses %s with one message and how to mend it',
    (_, facts, message) => {
      expect(refusal(facts).message).toMatch(message);
    },
  );

  it('borrows a compiler where there is none, and counts its room', () => {
    const [own, without] = [planEngine(host), planEngine({ ...host, compiler: undefined })];
    expect(without.downloadMegabytes - own.downloadMegabytes).toBe(101);
    expect(without.diskMegabytes - own.diskMegabytes).toBeGreaterThan(600);
  });

  it('needs neither Python nor a wheel where a TensorFlow is named', () => {
    const plan = planEngine(
      { ...host, platform: 'darwin', python: undefined, pip: undefined },
      { tensorflow: '/somewhere' },
    );
    expect(plan).toMatchObject({ kind: 'own', wheels: [], downloadMegabytes: 0 });
  });
});

describe('wheels', () => {
  it('every wheel has a hash of SHA-256 length per tag, and keeps something', () => {
    for (const wheel of Object.values(wheels).flat()) {
      for (const hash of Object.values(wheel.sha256)) expect(hash).toMatch(/^[0-9a-f]{64}$/);
      expect(wheel.keep.length).toBeGreaterThan(0);
    }
  });
});
