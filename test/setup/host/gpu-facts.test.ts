import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { engineEnvironment } from '../../../src/setup/engine/engine-environment.js';
import { chooseDevice } from '../../../src/setup/engine/named-device.js';
import { compareVersions, readGpus } from '../../../src/setup/host/gpu-facts.js';

let root: string;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'stagecraft-gpu-'));
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

function write(path: string, text: string): void {
  mkdirSync(dirname(join(root, path)), { recursive: true });
  writeFileSync(join(root, path), text);
}

/** A `nvidia-smi` of our own, first on PATH. */
function fakeSmi(script: string): NodeJS.ProcessEnv {
  write('bin/nvidia-smi', `#!/bin/sh\n${script}\n`);
  chmodSync(join(root, 'bin/nvidia-smi'), 0o755);
  return { PATH: `${join(root, 'bin')}:/usr/bin:/bin` };
}
const noSmi: NodeJS.ProcessEnv = { PATH: '/nowhere' };
const twoGpus = `case "$*" in
*query-gpu*) echo "GPU-aaaa1111, NVIDIA H100 80GB HBM3, 550.54.15, 81559, 70000, 9.0"; echo "GPU-bbbb2222, NVIDIA L4, 550.54.15, 23034, 512, 8.9";;
*query-compute-apps*) echo "GPU-aaaa1111, 4711, /usr/bin/python3, 69000";;
esac`;

describe('readGpus', () => {
  it('reads devices, memory and who holds it from nvidia-smi', async () => {
    const facts = await readGpus({ root, env: fakeSmi(twoGpus) });
    expect(facts).toMatchObject({ hardware: true, driver: '550.54.15', smiError: '' });
    expect(facts.devices.map(({ uuid, name }) => [uuid, name])).toEqual([
      ['GPU-aaaa1111', 'NVIDIA H100 80GB HBM3'],
      ['GPU-bbbb2222', 'NVIDIA L4'],
    ]);
    expect(facts.devices[0]).toMatchObject({
      totalBytes: 81559 * 2 ** 20,
      usedBytes: 70000 * 2 ** 20,
      processes: [{ pid: 4711, name: '/usr/bin/python3', usedBytes: 69000 * 2 ** 20 }],
    });
    expect(facts.devices[1]!.processes).toEqual([]);
  });

  it('sees no hardware where nothing says so', async () => {
    expect(await readGpus({ root, env: noSmi })).toEqual({
      hardware: false,
      driver: '',
      deviceFiles: false,
      devices: [],
      smiError: 'nvidia-smi: not found',
    });
  });

  it('sees a card on the bus whose driver is not loaded, and no network chip of the same vendor', async () => {
    write('sys/bus/pci/devices/0000:01:00.0/vendor', '0x10de\n');
    write('sys/bus/pci/devices/0000:01:00.0/class', '0x020000\n');
    expect((await readGpus({ root, env: noSmi })).hardware).toBe(false);
    write('sys/bus/pci/devices/0000:01:00.0/class', '0x030200\n');
    expect(await readGpus({ root, env: noSmi })).toMatchObject({ hardware: true, driver: '' });
  });

  it('reads the driver from /proc where nvidia-smi is missing', async () => {
    write(
      'proc/driver/nvidia/version',
      'NVRM version: NVIDIA UNIX x86_64 Kernel Module  470.256.02  Thu May  2 14:37:44 UTC 2024\nGCC version: …\n',
    );
    expect(await readGpus({ root, env: noSmi })).toMatchObject({
      hardware: true,
      driver: '470.256.02',
      deviceFiles: false,
    });
    write(
      'proc/driver/nvidia/version',
      'NVRM version: NVIDIA UNIX Open Kernel Module for x86_64  570.86.15  Release Build\n',
    );
    expect((await readGpus({ root, env: noSmi })).driver).toBe('570.86.15');
  });

  it("asks an old driver's tool for what it knows", async () => {
    const facts = await readGpus({
      root,
      env: fakeSmi(
        'case "$*" in *compute_cap*) echo "Field \\"compute_cap\\" is not a valid field to query."; exit 2;; *query-gpu*) echo "GPU-old, Tesla K80, 470.82.01, 11441, 3";; esac',
      ),
    });
    expect(facts).toMatchObject({
      driver: '470.82.01',
      smiError: '',
      devices: [{ uuid: 'GPU-old', name: 'Tesla K80', computeCapability: '' }],
    });
  });

  it('keeps what nvidia-smi says when it fails', async () => {
    const facts = await readGpus({
      root,
      env: fakeSmi('echo "Failed to initialize NVML: Driver/library version mismatch"; exit 18'),
    });
    expect(facts).toMatchObject({
      devices: [],
      smiError: 'Failed to initialize NVML: Driver/library version mismatch',
    });
  });
});

describe('chooseDevice', () => {
  it('takes cpu, an index, the beginning of a UUID or part of a name, and gives a UUID', async () => {
    const { devices } = await readGpus({ root, env: fakeSmi(twoGpus) });
    expect(['cpu', '1', 'GPU-aaaa', 'l4', 'h100'].map((wanted) => chooseDevice(wanted, devices))).toEqual([
      'cpu',
      'GPU-bbbb2222',
      'GPU-aaaa1111',
      'GPU-bbbb2222',
      'GPU-aaaa1111',
    ]);
    expect(() => chooseDevice('nvidia', devices)).toThrow(/fits 2; there are: 0: NVIDIA H100.*GPU-bbbb2222/);
    expect(() => chooseDevice('2', devices)).toThrow(/index of a GPU is needed, got 2/);
    expect(() => chooseDevice('a100', [])).toThrow(/fits none; there are: none/);
  });
});

describe('engineEnvironment', () => {
  const engine = { folder: '/nowhere', info: undefined as never };
  it('names the device by UUID, lets memory grow, and sets every thread pool', () => {
    expect(engineEnvironment({ engine, env: {}, device: 'GPU-bbbb2222', threads: 2 })).toEqual({
      CUDA_CACHE_MAXSIZE: '4294967295',
      CUDA_DEVICE_ORDER: 'PCI_BUS_ID',
      CUDA_VISIBLE_DEVICES: 'GPU-bbbb2222',
      TF_CPP_MIN_LOG_LEVEL: '2',
      TF_FORCE_GPU_ALLOW_GROWTH: 'true',
      OMP_NUM_THREADS: '2',
      TF_NUM_INTRAOP_THREADS: '2',
      TF_NUM_INTEROP_THREADS: '2',
    });
  });
  it('hides every GPU for the CPU, and keeps what the user has set', () => {
    const environment = engineEnvironment({
      engine,
      env: { TF_CPP_MIN_LOG_LEVEL: '0', TF_FORCE_GPU_ALLOW_GROWTH: 'false' },
      device: 'cpu',
    });
    expect(environment).toMatchObject({
      CUDA_VISIBLE_DEVICES: '-1',
      TF_CPP_MIN_LOG_LEVEL: '0',
      TF_FORCE_GPU_ALLOW_GROWTH: 'false',
    });
    expect(engineEnvironment({ engine, env: { CUDA_VISIBLE_DEVICES: '1' } })['CUDA_VISIBLE_DEVICES']).toBe(
      '1',
    );
  });
});

describe('compareVersions', () => {
  it('compares numbers, not text', () => {
    expect(compareVersions('525.60.13', '525.60.9')).toBeGreaterThan(0);
    expect(compareVersions('550', '550.0.0')).toBe(0);
    expect(compareVersions('2.9', '2.27')).toBeLessThan(0);
  });
});
