/** The inferred memory of a pass against the log of TensorFlow's pool, on the native engine. */
import { describe, expect, it } from 'vitest';
import { architectureOf } from '../../bench/networks/network-table.js';
import { heldInPass, peakHeldBytes } from '../../bench/networks/pool-log.js';
import { passPeakBytes } from '../../src/network/pass-memory.js';
import { engineRuntime } from '../fixtures/engine-runtime.js';

/** The model is that of the engine's own kernels. */
const hasKernels = engineRuntime.runtime === 'tensorflow' && process.env['STAGECRAFT_KERNELS'] !== 'off';

describe.skipIf(!hasKernels)('heldInPass', () => {
  it('is what passPeakBytes infers', async () => {
    const cell = { network: 'mobilenetv2-100', step: 'forward', batch: 2 } as const;
    const held = await heldInPass(1, cell);
    const inferred = passPeakBytes(architectureOf(cell.network), cell.batch);
    expect(Math.abs(inferred / held - 1)).toBeLessThan(0.02);
  });
});

describe('peakHeldBytes', () => {
  const line = (text: string): string => `2026-01-01 I0000 bfc_allocator.cc:1] ${text}\n`;

  it('is the highest sum inside the pass, without what was there before', () => {
    const log = [
      line('AllocateRaw mklcpu  1000 0x10'),
      'pass starts\n',
      line('AllocateRaw mklcpu  400'),
      line('AllocateRaw mklcpu  400 0x20'),
      line('AllocateRaw mklcpu  300 0x30'),
      line('DeallocateRaw mklcpu 400'),
      line('AllocateRaw mklcpu  200 0x20'),
      'pass ends\n',
      line('AllocateRaw mklcpu  9000 0x40'),
    ].join('');
    expect(peakHeldBytes(log)).toBe(700);
  });

  it('refuses a log without a pass or without its allocations', () => {
    expect(() => peakHeldBytes('pass starts\n')).toThrow('whole pass');
    expect(() => peakHeldBytes('pass starts\npass ends\n')).toThrow('got none');
  });
});
