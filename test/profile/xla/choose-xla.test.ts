/** XLA as the default of a GPU: made launches stand for those of a device. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type Probe, type ProbeRequest, probeDevice } from '../../../src/profile/probe.js';
import { chooseXla, type XlaLaunch } from '../../../src/profile/xla/choose-xla.js';
import type { DeviceKey } from '../../../src/runtime/runtime.js';
import { xlaChoices } from '../../../src/setup/verified/xla-choices.js';

const key: DeviceKey = {
  device: 'GPU-1 H100',
  kind: 'gpu',
  threads: 8,
  driver: '555',
  runtime: 'tensorflow',
  runtimeVersion: 'TensorFlow 2.21.0',
  execution: 'compiled',
  precision: 'tf32',
  xla: false,
  layout: 'NHWC',
};
const request: ProbeRequest = { runtime: 'auto', execution: 'auto', threads: 8 };

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'stagecraft-xla-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

/** A device whose launches take these times; counts them. */
function device(launch: (xla: boolean, number: number) => XlaLaunch, own: Partial<DeviceKey> = {}) {
  const state = { launches: 0, opened: [] as (boolean | undefined)[] };
  const probe = {
    env: { STAGECRAFT_CACHE: folder } as Record<string, string>,
    now: () => new Date('2026-01-01T00:00:00Z'),
    measure: (xla: boolean, number: number) => {
      state.launches++;
      return Promise.resolve(launch(xla, number));
    },
  };
  const open = ({ xla }: ProbeRequest): Promise<Probe> => {
    state.opened.push(xla);
    return Promise.resolve({
      runtime: 'tensorflow',
      execution: 'compiled',
      compute: xla ? { xla } : {},
      deviceKey: { ...key, ...own, xla: xla === true },
    });
  };
  return { state, probe, open };
}
const times = (without: readonly number[], withXla: readonly number[]) => (xla: boolean, number: number) => ({
  stepMs: (xla ? withXla : without)[number - 1]!,
});
const wins = times([2, 2.1, 2], [1.5, 1.4, 1.5]);
const loses = times([2, 2, 2], [2.2, 2.3, 2.1]);

describe('chooseXla', () => {
  it('takes XLA where every launch is faster, and keeps the choice with its figures', async () => {
    const { state, probe } = device(wins);
    const choice = await chooseXla(key, probe);
    expect(choice).toMatchObject({ xla: true, chosenAt: '2026-01-01T00:00:00.000Z' });
    expect(choice.reason).toBe('the anchor network runs 1.33 times as fast with XLA (1.33 to 1.50)');
    expect(choice.stepMs).toHaveLength(3);
    expect(await chooseXla(key, probe)).toEqual(choice);
    expect(state.launches).toBe(6);
  });

  it.each([
    ['loses', loses, /0\.91 times as fast/],
    ['gains less than it must', times([2, 2, 2], [1.95, 1.95, 1.95]), /1\.03 times/],
    ['loses one launch of three', times([2, 2, 2], [1.5, 2.1, 1.5]), /\(0\.95 to 1\.33\)/],
  ])('does not where it %s', async (_, launch, reason) => {
    const choice = await chooseXla(key, device(launch).probe);
    expect(choice.xla).toBe(false);
    expect(choice.reason).toMatch(reason);
  });

  it.each([
    'failed: UNIMPLEMENTED: no XLA kernel for this op',
    'timed-out: silent for 1800 s',
    'crashed: CUDA_ERROR_ILLEGAL_ADDRESS',
  ])('does not where a launch ends with %s, which is kept as the reason', async (failure) => {
    const { probe } = device((xla) => (xla ? { failure } : { stepMs: 2 }));
    expect(await chooseXla(key, probe)).toMatchObject({
      xla: false,
      reason: `with XLA: ${failure}`,
      stepMs: [],
    });
  });

  it('asks another driver, precision or version of the runtime anew; a broken file is none', async () => {
    mkdirSync(join(folder, 'xla'));
    writeFileSync(join(folder, 'xla', 'broken.json'), '{"xla":tru');
    const { state, probe } = device(wins);
    for (const own of [{}, { driver: '560' }, { precision: 'float32' }, { runtimeVersion: '2.22' }] as const)
      await chooseXla({ ...key, ...own }, probe);
    expect(state.launches).toBe(4 * 6);
    expect(xlaChoices(probe.env)).toHaveLength(4);
  });
});

describe('probeDevice', () => {
  it('opens with XLA where it won, and its key says so', async () => {
    const { state, probe, open } = device(wins);
    const found = await probeDevice(request, { xlaProbe: probe, open });
    expect(found).toMatchObject({ compute: { xla: true }, deviceKey: { xla: true } });
    expect(state.opened).toEqual([undefined, true]);
  });

  it('stays without where it lost', async () => {
    const { state, probe, open } = device(loses);
    expect((await probeDevice(request, { xlaProbe: probe, open })).deviceKey.xla).toBe(false);
    expect(state.opened).toEqual([undefined]);
  });

  it.each([
    ['a CPU', { kind: 'cpu' }, request],
    ['eager execution', { execution: 'eager' }, request],
    ['PyTorch', { runtime: 'pytorch' }, request],
    ['a request with XLA', {}, { ...request, xla: true }],
    ['a request against XLA', {}, { ...request, xla: false }],
  ] as const)('probes nothing for %s', async (_, own, asked) => {
    const { state, probe, open } = device(wins, own);
    const found = await probeDevice(asked, { xlaProbe: probe, open });
    expect(found.deviceKey.xla).toBe(asked.xla === true);
    expect(state.launches).toBe(0);
  });

  it('probes nothing under STAGECRAFT_XLA=off', async () => {
    const { state, probe, open } = device(wins);
    probe.env['STAGECRAFT_XLA'] = 'off';
    expect((await probeDevice(request, { xlaProbe: probe, open })).deviceKey.xla).toBe(false);
    expect(state.launches).toBe(0);
  });

  it('continues stored rows as they were measured, whatever a probe would find', async () => {
    for (const earlier of [true, false]) {
      const { state, probe, open } = device(earlier ? loses : wins);
      const found = await probeDevice(request, { xlaProbe: probe, open, earlierXla: () => earlier });
      expect(found.deviceKey.xla).toBe(earlier);
      expect(state.launches).toBe(0);
    }
  });
});
