import { describe, expect, it } from 'vitest';
import {
  batchProfile,
  dispatchOf,
  failedBatch,
  type MeasurementContext,
  percentiles,
} from '../../../src/profile/candidate/batch-profile.js';
import { isBusy, othersBusy, parseGpuLine } from '../../../src/profile/candidate/environment.js';
import type { Measurement } from '../../../src/profile/protocol/measure.js';
import { protocolFrom, standardProtocol } from '../../../src/profile/protocol/protocol.js';

const measured: Measurement = {
  stepMs: { value: 4, low: 3.98, high: 4.02, samples: 10 },
  samplesMs: Array<number>(10).fill(4),
  estimator: 'median',
  outliers: [],
  reachedAim: true,
  steady: true,
  passesPerBlock: 5,
  overheadShare: 0.0005,
  enqueueShare: 0.9,
  warmupMs: 300,
  rejectedBlocks: 0,
  latencySamplesMs: [5, 6, 7],
};
const around: MeasurementContext = {
  buildMs: 1,
  firstRunMs: 2,
  peakBytes: 3e8,
  peakOf: 'process',
  baseBytes: 2e8,
  asynchronous: false,
  busy: false,
  throttled: false,
};

describe('batchProfile', () => {
  it('turns milliseconds per pass into images per second, the interval with its ends swapped', () => {
    const row = batchProfile(16, measured, around);
    expect(row).toMatchObject({
      batch: 16,
      status: 'ok',
      reason: '',
      flags: [],
      latencyMs: { p50: 6, samples: 3 },
      peakBytes: 3e8,
      baseBytes: 2e8,
    });
    expect(row.imagesPerSecond!.value).toBe(4000);
    expect(row.imagesPerSecond!.low).toBeCloseTo((16 / 4.02) * 1000, 6);
  });
  it('says how wide the interval is where the cap stopped it, and that few blocks give only a range', () => {
    expect(
      batchProfile(
        1,
        { ...measured, reachedAim: false, stepMs: { value: 4, low: 3.8, high: 4.2, samples: 10 } },
        around,
      ),
    ).toMatchObject({ status: 'capped', reason: 'capped after 10 blocks with a half-width of 5.0 %' });
    expect(batchProfile(1, { ...measured, reachedAim: false, samplesMs: [4, 4, 4] }, around).reason).toBe(
      'capped after 3 blocks: the interval is their range',
    );
  });
  it('flags what was found, host-bound only where the host and the device are two', () => {
    expect(
      batchProfile(
        1,
        { ...measured, steady: false, outliers: [3], rejectedBlocks: 2 },
        { ...around, busy: true },
      ).flags,
    ).toEqual(['not-steady', 'outliers', 'throttled', 'busy']);
    expect(batchProfile(1, measured, { ...around, asynchronous: true }).flags).toEqual(['host-bound']);
    expect(
      batchProfile(1, { ...measured, enqueueShare: 0.7 }, { ...around, asynchronous: true }).flags,
    ).toEqual([]);
  });
  it('of a compiled pass on a GPU the launches are what enqueueing takes', () => {
    const gpu = { kind: 'gpu', execution: 'compiled', xla: false } as const;
    const launch = { launchMs: () => 0.006 };
    const small = dispatchOf(gpu, { launches: 598 }, launch, false); // ViT-tiny at batch 1
    expect(small.launchMs).toBeCloseTo(3.588, 9);
    expect(batchProfile(1, measured, { ...around, ...small })).toMatchObject({ flags: ['host-bound'] });
    expect(batchProfile(1, measured, { ...around, ...small }).enqueueShare).toBeCloseTo(0.897, 9);
    const large = { ...measured, stepMs: { value: 40, low: 39, high: 41, samples: 10 } };
    expect(batchProfile(64, large, { ...around, ...small }).flags).toEqual([]);
    const unknown = { asynchronous: false };
    expect(dispatchOf({ ...gpu, xla: true }, { launches: 598 }, launch, false)).toEqual(unknown);
    expect(dispatchOf(gpu, {}, launch, false)).toEqual(unknown);
    expect(dispatchOf(gpu, { launches: 598 }, { launchMs: () => undefined }, false)).toEqual(unknown);
    expect(dispatchOf({ ...gpu, kind: 'cpu' }, { launches: 598 }, launch, false)).toEqual(unknown);
    expect(dispatchOf({ ...gpu, execution: 'eager' }, {}, launch, false)).toEqual({ asynchronous: true });
  });
  it('a rate above a measured ceiling is a flag: the row keeps its status and estimates', () => {
    const ceilings = { macsPerSecond: 1e11 };
    const fine = batchProfile(16, measured, { ...around, ceilings, macsPerImage: 2e7 }); // 8e10 a second
    expect(fine).toMatchObject({ status: 'ok' });
    expect(fine.ceilingShare).toBeCloseTo(0.8, 9);
    const impossible = batchProfile(16, measured, { ...around, ceilings, macsPerImage: 3e7 });
    expect(impossible).toMatchObject({ status: 'ok', reason: '', flags: ['above-ceiling'] });
    expect(impossible.ceilingShare).toBeCloseTo(1.2, 9);
    expect(impossible.imagesPerSecond!.value).toBe(4000);
    expect(impossible.samplesMs).toHaveLength(10);
    const moves = batchProfile(16, measured, {
      ...around,
      ceilings: { macsPerSecond: 1e12, bytesPerSecond: 1e10 },
      macsPerImage: 2e7,
      bytesPerPass: 6e7,
    });
    expect(moves).toMatchObject({ status: 'ok', copyShare: 1.5, flags: ['above-ceiling'] });
    expect(
      batchProfile(16, measured, {
        ...around,
        ceilings: { macsPerSecond: 1e12, bytesPerSecond: 1e10 },
        bytesPerPass: 1e7,
      }),
    ).toMatchObject({ status: 'ok', copyShare: 0.25 });
  });
});

describe('failedBatch, percentiles', () => {
  it('carry status and reason, and the quantiles asked for', () => {
    expect(failedBatch(64, { status: 'out-of-memory', reason: 'OOM' })).toEqual({
      batch: 64,
      status: 'out-of-memory',
      reason: 'OOM',
      flags: [],
    });
    const { p50, p90, p99 } = percentiles(Array.from({ length: 101 }, (_, i) => i));
    expect([p50, p90, p99]).toEqual([50, 90, 99]);
  });
});

describe('environment', () => {
  it('othersBusy is what the system worked beyond this process', () => {
    expect(othersBusy({ busyMs: 0, ownMs: 0, atMs: 0 }, { busyMs: 3000, ownMs: 2000, atMs: 1000 })).toBe(1);
    expect(othersBusy({ busyMs: 0, ownMs: 0, atMs: 0 }, { busyMs: 100, ownMs: 200, atMs: 1000 })).toBe(0);
  });
  it('isBusy when the processors do not suffice for both', () => {
    expect(isBusy(0.1, 4, 4)).toBe(false);
    expect(isBusy(1.5, 2, 4)).toBe(false);
    expect(isBusy(2.5, 2, 4)).toBe(true);
    expect(isBusy(0.5, 0, 4)).toBe(true); // 0 threads: all processors
  });
  it('reads a line of nvidia-smi, and leaves out what the board does not tell', () => {
    const sample = parseGpuLine('1350, 1755, 1980, 61, 312.40, Not Active, Active, 4123, 98')!;
    expect(sample.clockShare).toBeCloseTo(1350 / 1755, 9);
    expect(sample.throttled).toBe(true);
    expect(sample.record).toEqual({
      gpuMHz: 1350,
      gpuDefaultMHz: 1755,
      gpuCelsius: 61,
      gpuWatts: 312.4,
      gpuMiB: 4123,
      gpuUtilization: 98,
      gpuThrottled: 'yes',
    });
    const sparse = parseGpuLine('1980, [N/A], 1980, 40, [N/A], Not Active, Not Active, 10, 0')!;
    expect(sparse.clockShare).toBe(1);
    expect(sparse.record).not.toHaveProperty('gpuWatts');
    expect(parseGpuLine('Unable to determine the device handle')).toBeUndefined();
  });
});

describe('protocolFrom', () => {
  it('changes what is given and keeps the standard for the rest', () => {
    expect(protocolFrom({})).toEqual(standardProtocol);
    expect(protocolFrom({ 'half-width': 0.002, 'cap-ms': 5000 })).toEqual({
      ...standardProtocol,
      halfWidth: 0.002,
      capMs: 5000,
    });
  });
});
