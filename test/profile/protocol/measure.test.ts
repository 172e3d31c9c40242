import { describe, expect, it } from 'vitest';
import {
  type LoopProgress,
  measure,
  passesFor,
  readBackCost,
  timeBlock,
  warmUp,
} from '../../../src/profile/protocol/measure.js';
import { standardProtocol as standard } from '../../../src/profile/protocol/protocol.js';
import { seededRandom } from '../../../src/util/random.js';
import { fakeDevice } from '../fake-device.js';

const noisy = (stepMs: number, share: number, seed = 1): ((index: number) => number) => {
  const random = seededRandom(seed);
  return () => stepMs * Math.exp(share * random.normal());
};

describe('timeBlock', () => {
  it('ends when the device has done every pass: without the read-back it would end when they are enqueued', async () => {
    const { target, host } = fakeDevice({ passMs: () => 2 });
    const { totalMs, perPassMs, enqueueMs } = await timeBlock(target, 10, host.now);
    expect(totalMs).toBeGreaterThanOrEqual(20);
    expect(perPassMs).toBeCloseTo(2, 1);
    expect(enqueueMs).toBeCloseTo(0.1, 6);
  });
});

describe('measure', () => {
  it('finds the true time of an asynchronous device: the read-back is inside the block', async () => {
    const { target, host } = fakeDevice({ passMs: noisy(2, 0.02) });
    const result = await measure(target, standard, host);
    expect(result.stepMs.value).toBeGreaterThan(2 * 0.99); // without the read-back this would be the enqueue's 0.01 ms
    expect(result.stepMs.value).toBeLessThan(2 * 1.01);
    expect(result.reachedAim).toBe(true);
    expect(result.steady).toBe(true);
    expect(result.enqueueShare).toBeLessThan(0.05);
  });

  it('waits in every latency sample too', async () => {
    const { target, host } = fakeDevice({ passMs: () => 3 });
    const { latencySamplesMs } = await measure(target, standard, host);
    expect(latencySamplesMs).toHaveLength(200);
    expect(Math.min(...latencySamplesMs)).toBeGreaterThanOrEqual(3);
  });

  it('grows the block until timer and read-back are under 0.1 % of it', async () => {
    const { target, host } = fakeDevice({ passMs: () => 0.2, readBackMs: 0.1 });
    const result = await measure(target, standard, host);
    expect(result.passesPerBlock * 0.2).toBeGreaterThanOrEqual(100);
    expect(result.overheadShare).toBeLessThanOrEqual(0.001);
  });

  it('keeps a slow network to blocks of one pass and still takes the six that an interval needs', async () => {
    const { target, host } = fakeDevice({ passMs: noisy(600, 0.1) });
    const result = await measure(target, standard, host);
    expect(result.passesPerBlock).toBe(1);
    expect(result.samplesMs).toHaveLength(6);
    expect(result.reachedAim).toBe(false);
  });

  it('stops at the cap with every sample stored when noise keeps the interval wide', async () => {
    const { target, host, nowMs } = fakeDevice({ passMs: noisy(30, 0.5) });
    const result = await measure(target, { ...standard, latencySamples: 0 }, host);
    expect(result.reachedAim).toBe(false);
    expect(result.samplesMs.length).toBeGreaterThan(40);
    expect(result.stepMs.samples).toBe(result.samplesMs.length);
    expect(nowMs()).toBeLessThan(standard.warmupCapMs + standard.capMs + 500);
  });

  it('flags a spike and keeps it; the time does not move', async () => {
    const clean = noisy(25, 0.01);
    const { target, host } = fakeDevice({ passMs: (index) => clean(index) * (index % 13 === 12 ? 8 : 1) });
    const result = await measure(target, { ...standard, halfWidth: 0.002, latencySamples: 0 }, host);
    expect(result.outliers.length).toBeGreaterThan(0);
    expect(result.outliers.every((index) => result.samplesMs[index]! > 100)).toBe(true);
    expect(Math.abs(result.stepMs.value / 25 - 1)).toBeLessThan(0.02);
  });

  it('says not steady under a drift that goes on while measuring', async () => {
    const { target, host } = fakeDevice({ passMs: (_, atMs) => 30 * (1 + (0.1 * atMs) / 2000) });
    expect((await measure(target, { ...standard, halfWidth: 0.0001 }, host)).steady).toBe(false);
  });

  it('enqueue time over the device time shows as its share', async () => {
    const { target, host } = fakeDevice({ passMs: () => 0.1, enqueueMs: 1 });
    expect((await measure(target, standard, host)).enqueueShare).toBeGreaterThan(0.8);
  });

  it('refuses blocks under 75 % of the default clock, counts them and waits them out', async () => {
    const wobble = noisy(20, 0.01);
    const device = fakeDevice({
      passMs: (index, atMs) => wobble(index) * (atMs > 800 && atMs < 1200 ? 2 : 1),
    });
    const host = {
      ...device.host,
      clockShare: () => (device.nowMs() > 800 && device.nowMs() < 1240 ? 0.5 : 1),
    };
    const protocol = { ...standard, warmupCapMs: 500, halfWidth: 1e-9, latencySamples: 0 };
    const result = await measure(device.target, protocol, host);
    expect(result.rejectedBlocks).toBeGreaterThan(4);
    expect(result.samplesMs.filter((ms) => ms > 30).length).toBeLessThanOrEqual(1);
  });

  it('reports progress with the interval against its aim', async () => {
    const { target, host } = fakeDevice({ passMs: noisy(2, 0.03) });
    const seen: LoopProgress[] = [];
    await measure(target, standard, { ...host, onProgress: (progress) => seen.push(progress) });
    expect(new Set(seen.map(({ phase }) => phase))).toEqual(new Set(['warm-up', 'measure', 'latency']));
    expect(seen.filter(({ phase }) => phase === 'measure').at(-1)!.halfWidth).toBeLessThanOrEqual(0.005);
  });
});

describe('measure beside an anchor', () => {
  it('finds the ratio through a drift that moves the times themselves', async () => {
    // One device, one queue, as in a child: both networks' passes run on it, told apart by who enqueues.
    const drift = (atMs: number): number => 1 + (0.2 * atMs) / 2000;
    let stepMs = 3;
    const wobble = noisy(1, 0.005);
    const { target, host } = fakeDevice({ passMs: (index, atMs) => stepMs * drift(atMs) * wobble(index) });
    const as = (ms: number) => ({
      enqueue: () => {
        stepMs = ms;
        target.enqueue();
      },
      synchronise: () => target.synchronise(),
    });
    const result = await measure(as(3), { ...standard, halfWidth: 1e-6, latencySamples: 0 }, host, {
      target: as(2),
      random: seededRandom(1),
    });
    const { ratio, samplesMs } = result.anchor!;
    expect(samplesMs).toHaveLength(result.samplesMs.length);
    expect(ratio.low).toBeLessThan(1.5);
    expect(ratio.high).toBeGreaterThan(1.5);
    expect(ratio.high - ratio.low).toBeLessThan(0.01);
    expect(result.samplesMs.at(-1)! / result.samplesMs[0]!).toBeGreaterThan(1.1); // the drift was there
  });
});

describe('warmUp', () => {
  it('goes on while the time still falls', async () => {
    const { target, host } = fakeDevice({ passMs: (_, atMs) => 20 * (1 + Math.exp(-atMs / 300)) });
    const warm = await warmUp(target, { ...standard, warmupCapMs: 10_000 }, host);
    expect(warm.spentMs).toBeGreaterThan(1000);
  });
  it('is capped and says not steady where it never settles', async () => {
    const { target, host } = fakeDevice({ passMs: (_, atMs) => 20 + atMs / 100 });
    const warm = await warmUp(target, standard, host);
    expect(warm.steady).toBe(false);
    expect(warm.spentMs).toBeLessThan(standard.warmupCapMs + 100);
  });
  it('takes at least warmupMs', async () => {
    const { target, host } = fakeDevice({ passMs: noisy(2, 0.01) });
    expect((await warmUp(target, standard, host)).spentMs).toBeGreaterThanOrEqual(standard.warmupMs);
  });
});

describe('passesFor', () => {
  it('never asks for a block so long that fewer than six fit under the cap', () => {
    expect(passesFor(1, 10, standard) * 1).toBeLessThanOrEqual(standard.capMs / 6);
  });
  it('is 1 where a single pass is longer than the block', () =>
    expect(passesFor(500, 0.001, standard)).toBe(1));
});

describe('readBackCost', () => {
  it('is the read-back without pending work', async () => {
    const { target, host } = fakeDevice({ passMs: () => 50, readBackMs: 0.07 });
    target.enqueue();
    expect(await readBackCost(target, host)).toBeCloseTo(0.07, 9);
  });
});
