import { describe, expect, it } from 'vitest';
import { type DoctorFacts, diagnose, renderDoctor, runDoctor } from '../../../src/setup/doctor/doctor.js';
import { locateEngine } from '../../../src/setup/engine/locate-engine.js';

const tool = (command: string, version: string) => ({ command, args: [], version });
const measured = {
  matmulGflops: 300,
  convGflops: 200,
  convGradientGflops: 150,
  threads: 2,
  device: 'cpu' as const,
};
const info = {
  format: 1 as const,
  kind: 'cpu' as const,
  tfjsVersion: '4.22.0',
  tensorflowVersion: '2.21.0',
  platform: 'linux',
  arch: 'x64',
  source: [],
  files: {},
  bindingSha256: '',
  nodeVersion: '20.9.0',
  builtAt: '',
  measured,
};
const facts: DoctorFacts = {
  host: {
    platform: 'linux',
    arch: 'x64',
    glibc: '2.36',
    node: '20.9.0',
    python: tool('python3', '3.11.2'),
    pip: tool('python3', '23.0'),
    compiler: tool('c++', '12.2.0'),
    make: tool('make', '4.3'),
    npm: tool('npm', '10.0.0'),
    gpus: { hardware: false, driver: '', deviceFiles: false, devices: [], smiError: 'nvidia-smi: not found' },
  },
  addon: { folder: '/x', version: '12.0.0', loads: true, reason: '' },
  search: { state: 'found', engine: { folder: '/cache/cpu', info } },
  proof: { ok: true, measured, log: '' },
  cache: '/cache',
  env: {},
};
const errors = (more: Partial<DoctorFacts>) =>
  diagnose({ ...facts, ...more })
    .findings.filter(({ level }) => level === 'error')
    .map(({ id }) => id);

describe('diagnose', () => {
  it('finds nothing wrong where nothing is', () => {
    const report = diagnose(facts);
    expect(report).toMatchObject({
      ok: true,
      runtime: 'tensorflow',
      device: 'cpu',
      measured,
      versions: { tensorflow: '2.21.0', node: '20.9.0', 'better-sqlite3': '12.0.0' },
    });
    expect(report.findings.map(({ id }) => id)).toEqual(['engine-used', 'store-used']);
  });

  it.each([
    ['engine-absent', { search: { state: 'absent', looked: '/x' }, proof: undefined }],
    [
      'engine-impossible',
      {
        search: { state: 'absent', looked: '/x' },
        proof: undefined,
        host: { ...facts.host, npm: undefined },
      },
    ],
    ['engine-damaged', { search: { state: 'damaged', folder: '/x', file: 'a.so' }, proof: undefined }],
    ['engine-named', { search: { state: 'wrong', message: 'STAGECRAFT_ENGINE: no' }, proof: undefined }],
    ['engine-fails', { proof: { ok: false, reason: 'it was ended by SIGABRT', log: 'terminate called' } }],
    ['store-addon', { addon: { ...facts.addon, loads: false, reason: 'its native file is not built' } }],
  ] satisfies [string, Partial<DoctorFacts>][])('%s is an error', (id, more) => {
    expect(errors(more)).toEqual([id]);
    expect(diagnose({ ...facts, ...more }).ok).toBe(false);
  });

  it('says wasm where the engine does not run', () => {
    expect(diagnose({ ...facts, proof: { ok: false, reason: 'x', log: '' } })).toMatchObject({
      runtime: 'wasm',
      measured: null,
    });
  });

  it('notes missing tools where they are not needed now, and warns where they are', () => {
    const host = { ...facts.host, pip: undefined, make: undefined };
    expect(diagnose({ ...facts, host }).findings.find(({ id }) => id === 'pip-missing')?.level).toBe('note');
    expect(
      diagnose({ ...facts, host, search: { state: 'absent', looked: '/x' }, proof: undefined }).findings.find(
        ({ id }) => id === 'pip-missing',
      )?.level,
    ).toBe('warning');
  });

  it('finds the CPU in use though a GPU is there', () => {
    const device = {
      uuid: 'GPU-1',
      name: 'NVIDIA L4',
      totalBytes: 1,
      usedBytes: 0,
      computeCapability: '8.9',
      processes: [],
    };
    const host = {
      ...facts.host,
      gpus: { hardware: true, driver: '550.54.15', deviceFiles: true, devices: [device], smiError: '' },
    };
    expect(errors({ host })).toEqual(['gpu-engine-cpu']);
  });
});

describe('renderDoctor', () => {
  it('names the GPU in use: of those that CUDA_VISIBLE_DEVICES leaves, the first', () => {
    const device = (uuid: string, name: string) => ({
      uuid,
      name,
      totalBytes: 1,
      usedBytes: 0,
      computeCapability: '9.0',
      processes: [],
    });
    const devices = [device('GPU-1', 'NVIDIA L4'), device('GPU-2', 'NVIDIA H100')];
    const gpus = { hardware: true, driver: '550.54.15', deviceFiles: true, devices, smiError: '' };
    const onGpu = { ok: true as const, measured: { ...measured, device: 'gpu' as const }, log: '' };
    const used = (env: Record<string, string>) =>
      diagnose({
        ...facts,
        host: { ...facts.host, gpus },
        proof: onGpu,
        env,
      });
    expect(used({}).deviceName).toBe('NVIDIA L4');
    const second = used({ CUDA_VISIBLE_DEVICES: 'GPU-2' });
    expect(renderDoctor(second)).toContain('TensorFlow, on the NVIDIA H100\n');
    const choice = {
      device: 'GPU-1 NVIDIA L4',
      driver: '550.54.15',
      runtimeVersion: 'TensorFlow 2.21.0',
      precision: 'tf32',
      limits: '',
      xla: true,
      reason: 'the anchor network runs 1.33 times as fast with XLA (1.30 to 1.40)',
      stepMs: [{ without: 4, with: 3 }],
      chosenAt: '2026-01-02T00:00:00.000Z',
    };
    const probed = diagnose({
      ...facts,
      host: { ...facts.host, gpus },
      proof: onGpu,
      xla: [choice, { ...choice, driver: '560.1' }],
    });
    expect(probed.findings.filter(({ id }) => id.startsWith('xla')).map(({ text }) => text)).toEqual([
      'XLA is the default for tf32: the anchor network runs 1.33 times as fast with XLA (1.30 to 1.40), probed on 2026-01-02',
    ]);
    expect(diagnose(facts).deviceName).toBe('CPU');
  });
  it('is lines for a person, with the fix under what is wrong', () => {
    const plain = (text: string) => text.replaceAll(/\u001b\[\d+m/g, '');
    const addon = { ...facts.addon, loads: false, reason: 'its native file is not built' };
    expect(plain(renderDoctor(diagnose({ ...facts, addon })))).toBe(
      [
        'runtime   TensorFlow, on the CPU',
        'measured  matmul 150 GMAC/s, 3×3 convolution 100, with its gradients 75 (2 threads)',
        'versions  node 20.9.0, tensorflow 2.21.0, tfjs-node-gpu 4.22.0, better-sqlite3 12.0.0, python 3.11.2, pip 23.0, compiler 12.2.0, platform linux x64',
        'engine    /cache/cpu',
        '',
        '✓ TensorFlow 2.21.0 (cpu) through tfjs-node-gpu 4.22.0',
        '✗ better-sqlite3 12.0.0 does not load: its native file is not built',
        '  fix: run `npx stagecraft setup`',
      ].join('\n'),
    );
  });
});

describe.skipIf(locateEngine() === undefined)('runDoctor', () => {
  it('measures the engine that is there, and its JSON parses back', async () => {
    const report = await runDoctor();
    expect(report.runtime).toBe('tensorflow');
    expect(report.measured!.matmulGflops).toBeGreaterThan(1);
    expect(JSON.parse(JSON.stringify(report))).toEqual(report);
  });
});
