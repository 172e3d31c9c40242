/** Logs are TensorFlow 2.21's own, taken with a driver library made by hand that fails in each way. */
import { describe, expect, it } from 'vitest';
import { type GpuCase, gpuFindings } from '../../../src/setup/engine/gpu-findings.js';
import type { GpuFacts } from '../../../src/setup/host/gpu-facts.js';

const device = {
  uuid: 'GPU-11111111-2222',
  name: 'NVIDIA L4',
  totalBytes: 24 * 2 ** 30,
  usedBytes: 2 ** 29,
  computeCapability: '8.9',
  processes: [],
};
const gpus: GpuFacts = {
  hardware: true,
  driver: '550.54.15',
  deviceFiles: true,
  devices: [device],
  smiError: '',
};
const base: GpuCase = {
  gpus,
  platform: 'linux',
  arch: 'x64',
  engineKind: 'cuda',
  usesGpu: false,
  log: '',
  env: {},
};
const ids = (state: Partial<GpuCase>) => gpuFindings({ ...base, ...state }).map(({ id }) => id);
const prefix = 'E0000 00:00:1795224845.035590    7577 cuda_platform.cc:52] failed call to cuInit:';

describe('gpuFindings', () => {
  it('says nothing on a machine without a GPU', () => {
    expect(ids({ gpus: { ...gpus, hardware: false } })).toEqual([]);
  });

  it('says that the GPU is used, where it is', () => {
    expect(gpuFindings({ ...base, usesGpu: true })).toEqual([
      { id: 'gpu-used', level: 'ok', text: 'NVIDIA L4 GPU-11111111-2222, driver 550.54.15', fix: '' },
    ]);
  });

  it.each([
    ['gpu-platform', { arch: 'arm64' }],
    ['gpu-driver-missing', { gpus: { ...gpus, driver: '', devices: [] } }],
    ['gpu-driver-old', { gpus: { ...gpus, driver: '525.60.12' } }],
    // kernels for 9.0 are PTX of CUDA 12.5, which this driver cannot compile
    ['gpu-driver-old', { gpus: { ...gpus, devices: [{ ...device, computeCapability: '9.0' }] } }],
    [
      'gpu-driver-mismatch',
      {
        gpus: {
          ...gpus,
          devices: [],
          smiError: 'Failed to initialize NVML: Driver/library version mismatch',
        },
      },
    ],
    ['gpu-device-files', { gpus: { ...gpus, deviceFiles: false, devices: [] } }],
    ['gpu-hidden', { env: { CUDA_VISIBLE_DEVICES: '' } }],
    ['gpu-hidden', { env: { CUDA_VISIBLE_DEVICES: '-1' } }],
    ['gpu-hidden', { env: { CUDA_VISIBLE_DEVICES: 'GPU-99999999' } }],
    ['gpu-hidden', { env: { CUDA_VISIBLE_DEVICES: '3' } }],
    ['gpu-no-engine', { engineKind: undefined, usesGpu: undefined }],
    ['gpu-engine-cpu', { engineKind: 'cpu' }],
    [
      'gpu-init',
      {
        log: `${prefix} INTERNAL: CUDA error: Failed call to cuInit: CUDA_ERROR_NO_DEVICE: no CUDA-capable device is detected`,
      },
    ],
    [
      'gpu-init',
      {
        log: `${prefix} INTERNAL: CUDA error: Failed call to cuInit: CUDA_ERROR_SYSTEM_DRIVER_MISMATCH: text`,
      },
    ],
    ['gpu-init', { log: `${prefix} INTERNAL: CUDA error: Failed call to cuInit: UNKNOWN ERROR (35)` }],
    [
      'gpu-memory',
      { log: `${prefix} RESOURCE_EXHAUSTED: Failed call to cuInit: CUDA_ERROR_OUT_OF_MEMORY: text` },
    ],
    ['gpu-unknown', { log: '' }],
  ] satisfies [string, Partial<GpuCase>][])('%s is named, as an error with a fix', (id, state) => {
    const findings = gpuFindings({ ...base, ...state });
    expect(findings.map((finding) => [finding.id, finding.level])).toEqual([[id, 'error']]);
    expect(findings[0]!.text).toMatch(/^the GPU is not used: /);
    expect(findings[0]!.fix).not.toBe('');
  });

  it("names the driver's library once where it does not load, and not the error that follows from it", () => {
    const log = `I0000 00:00:1.5 1 dso_loader.cc:144] Could not load dynamic library 'libcuda.so.1'; dlerror: libcuda.so.1: cannot open shared object file: No such file or directory\n${prefix} INTERNAL: CUDA error: Failed call to cuInit: UNKNOWN ERROR (303)`;
    expect(ids({ log })).toEqual(['gpu-driver-library']);
  });

  it('names each CUDA library that does not load, with the reason, once', () => {
    const line = (library: string) =>
      `I0000 00:00:1795224960.311914   10129 dso_loader.cc:144] Could not load dynamic library '${library}'; dlerror: ${library}: cannot open shared object file: No such file or directory; LD_LIBRARY_PATH: /x\n`;
    const log = `${line('libcudnn.so.9')}${line('libcudnn.so.9')}${line('libcufft.so.11')}W0000 00:00:1 1 gpu_device.cc:2365] Cannot dlopen some GPU libraries. Please make sure`;
    const findings = gpuFindings({ ...base, log });
    expect(findings.map(({ id, text }) => [id, text])).toEqual([
      [
        'gpu-library',
        'the GPU is not used: libcudnn.so.9 does not load: libcudnn.so.9: cannot open shared object file: No such file or directory',
      ],
      [
        'gpu-library',
        'the GPU is not used: libcufft.so.11 does not load: libcufft.so.11: cannot open shared object file: No such file or directory',
      ],
    ]);
  });

  it('names the processes that hold the memory, whether or not the GPU is used', () => {
    const held = {
      ...gpus,
      devices: [
        {
          ...device,
          usedBytes: 23 * 2 ** 30,
          processes: [{ pid: 4711, name: 'python3', usedBytes: 22 * 2 ** 30 }],
        },
      ],
    };
    const text = 'NVIDIA L4 GPU-11111111-2222: 23.0 of 24.0 GB are taken by python3 (4711) 22.0 GB';
    expect(gpuFindings({ ...base, gpus: held, usesGpu: true })[1]).toMatchObject({
      id: 'gpu-memory',
      level: 'warning',
      text,
    });
    const second = { ...device, uuid: 'GPU-22222222' };
    expect(
      gpuFindings({
        ...base,
        gpus: { ...held, devices: [...held.devices, second] },
        usesGpu: true,
        env: { CUDA_VISIBLE_DEVICES: 'GPU-2222' },
      }),
    ).toEqual([{ id: 'gpu-used', level: 'ok', text: 'NVIDIA L4 GPU-22222222, driver 550.54.15', fix: '' }]);
    expect(gpuFindings({ ...base, gpus: held })[0]).toMatchObject({
      id: 'gpu-memory',
      level: 'error',
      text: `the GPU is not used: ${text}`,
    });
  });
});
