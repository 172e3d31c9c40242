/** The table of tried kernels: when it is valid, what it enables, and what the doctor says of it. */
import { copyFileSync, mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { processorKey } from '../../../src/runtime/tfjs/tfjs-runtime.js';
import { kernelFindings } from '../../../src/setup/engine/kernel-findings.js';
import {
  enabledKernels,
  type KernelTable,
  readKernelTable,
  writeKernelTable,
} from '../../../src/setup/engine/kernel-table.js';
import { kernelFile, kernelState } from '../../../src/setup/engine/processor-kernels.js';
import { temporaryFolder } from '../fakes.js';

const place = temporaryFolder();
afterAll(() => place.remove());

const found: Pick<KernelTable, 'tensorflowVersion' | 'failure' | 'results'> = {
  tensorflowVersion: '2.21.0',
  failure: '',
  results: {
    activation: { gain: 1.5, difference: 1e-6, error: '' },
    channels: { gain: 0.6, difference: 0, error: '' },
    winograd: { gain: 2, difference: 0.2, error: '' },
    adamw: { gain: 0, difference: -1, error: 'no such op' },
  },
};

describe('table of kernels', () => {
  const binary = join(place.folder, 'avx2-1.node');

  it('enables what is right and faster, and nothing else', () => {
    writeFileSync(binary, 'binary');
    expect(readKernelTable(binary, '2.21.0').state).toBe('absent');
    writeKernelTable(binary, found);
    const state = readKernelTable(binary, '2.21.0');
    expect(state).toMatchObject({ state: 'proven', table: found });
    expect([...enabledKernels((state as { table: KernelTable }).table)]).toEqual(['activation']);
  });

  it('is outdated by another TensorFlow and by another binary, and unreadable as garbage', () => {
    expect(readKernelTable(binary, '2.22.0')).toEqual({
      state: 'outdated',
      reason: 'they were tried with TensorFlow 2.21.0; this is 2.22.0',
    });
    expect(readKernelTable(binary, 'unknown').state).toBe('proven');
    writeFileSync(binary, 'another binary');
    expect(readKernelTable(binary, '2.21.0')).toMatchObject({
      state: 'outdated',
      reason: expect.stringContaining('binary'),
    });
    writeFileSync(`${binary}.json`, '{"format": 1');
    expect(readKernelTable(binary, '2.21.0').state).not.toBe('proven');
  });

  it('is another one where variables limit the processor', () => {
    const limited = { ONEDNN_MAX_CPU_ISA: 'AVX2' };
    writeFileSync(binary, 'binary');
    writeKernelTable(binary, found, {});
    expect(readKernelTable(binary, '2.21.0', limited).state).toBe('absent');
    writeKernelTable(binary, { ...found, failure: 'limited' }, limited);
    expect(readKernelTable(binary, '2.21.0', limited)).toMatchObject({
      table: { failure: 'limited', limits: 'ONEDNN_MAX_CPU_ISA=AVX2' },
    });
    expect(readKernelTable(binary, '2.21.0', {})).toMatchObject({ table: { failure: '' } });
  });

  it('a gain within the scatter of two trials enables nothing', () => {
    const table = {
      ...found,
      results: { activation: { gain: 1.03, difference: 0, error: '' } },
    } as unknown as KernelTable;
    expect(enabledKernels(table).size).toBe(0);
  });

  it('a binary that was not tried is never ticked, and one that failed says why', () => {
    const folder = join(place.folder, 'engine');
    const file = kernelFile(folder);
    mkdirSync(dirname(file), { recursive: true });
    copyFileSync(binary, file);
    const untried = kernelState(folder);
    expect(untried.state).toBe('unproven');
    expect(kernelFindings(untried, {})).toMatchObject([
      { id: 'kernels-unproven', level: 'warning', text: expect.stringContaining('not tried') },
    ]);
    writeKernelTable(file, { ...found, failure: 'the trial failed: ended by SIGILL', results: {} });
    expect(kernelFindings(kernelState(folder), {})).toMatchObject([
      { id: 'kernels-broken', level: 'warning', text: expect.stringContaining('SIGILL') },
    ]);
    writeKernelTable(file, found);
    expect(kernelFindings(kernelState(folder), {}).map(({ level, text }) => `${level}: ${text}`)).toEqual([
      "ok: own kernels that beat TensorFlow's here: activation 1.50×",
      'note: own kernels left out: adamw (no such op), channels 0.60×, winograd (differs by 0.20)',
    ]);
    expect(kernelFindings(kernelState(folder), { STAGECRAFT_KERNELS: 'off' })).toMatchObject([
      { id: 'kernels-off', level: 'note' },
    ]);
  });
});

describe('processor part of the device key', () => {
  it('names kernels in order, and the variables that limit the processor', () => {
    expect(processorKey(new Set(['winograd', 'adamw']), {})).toEqual({ kernels: 'adamw winograd' });
    expect(processorKey(new Set(), { ONEDNN_MAX_CPU_ISA: 'AVX2', TF_ENABLE_ONEDNN_OPTS: '0' })).toEqual({
      kernels: 'off',
      limits: 'TF_ENABLE_ONEDNN_OPTS=0 ONEDNN_MAX_CPU_ISA=AVX2',
    });
  });
});
