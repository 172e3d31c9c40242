import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import {
  needsVerification,
  recordVerified,
  verifiedAt,
  verifiedDevices,
} from '../../../src/setup/verified/verified-devices.js';

const folder = mkdtempSync(join(tmpdir(), 'stagecraft-verified-'));
afterAll(() => rmSync(folder, { recursive: true }));
const env = { STAGECRAFT_CACHE: folder };
const key = {
  device: 'GPU-1 H100',
  kind: 'gpu',
  driver: '555',
  runtime: 'tensorflow',
  runtimeVersion: 'TensorFlow 2.21.0',
  xla: false,
  execution: 'compiled',
  precision: 'tf32',
} as const;

describe('verified devices', () => {
  it('none before a pass, and no folder is needed', () => {
    expect(verifiedDevices(env)).toEqual([]);
    expect(verifiedAt(key, [])).toBeUndefined();
  });
  it('a pass holds for its device, driver, runtime, version and modes alone', () => {
    recordVerified({ ...key, modes: ['compiled tf32'], verifiedAt: '2026-01-01' }, env);
    recordVerified({ ...key, modes: ['compiled tf32'], verifiedAt: '2026-01-02' }, env);
    writeFileSync(join(folder, 'verified', 'broken.json'), '{"device":');
    const noted = verifiedDevices(env);
    expect(noted).toHaveLength(1);
    expect(verifiedAt(key, noted)).toBe('2026-01-02');
    for (const change of [
      { device: 'GPU-2 H100' },
      { driver: '560' },
      { runtimeVersion: 'TensorFlow 2.22.0' },
      { precision: 'float32' },
      { execution: 'eager' },
      { xla: true },
      { limits: 'NVIDIA_TF32_OVERRIDE=0' },
    ])
      expect(verifiedAt({ ...key, ...change }, noted), JSON.stringify(change)).toBeUndefined();
  });
  it('TensorFlow on a CPU needs none', () => {
    expect(needsVerification({ ...key, kind: 'cpu' })).toBe(false);
    expect(needsVerification(key)).toBe(true);
    expect(needsVerification({ ...key, kind: 'cpu', runtime: 'wasm' })).toBe(true);
  });
});
