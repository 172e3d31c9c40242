import { describe, expect, it } from 'vitest';
import {
  LoadSeries,
  loadPoint,
  pressureMs,
  stealMs,
  waitNs,
} from '../../../src/profile/protocol/block-load.js';
import { estimators } from '../../../src/profile/protocol/estimators.js';
import { seededRandom } from '../../../src/util/random.js';

/**
 * Blocks of 10 ms on two threads, of which other work delays a share by 30 to 100 %: both wait for a
 * processor.
 */
function disturbed(share: number, seed: number) {
  const random = seededRandom(seed);
  const waitMs: number[] = [];
  const samplesMs = Array.from({ length: 80 }, () => {
    const own = 10 * Math.exp(0.005 * random.normal());
    const delay = random.next() < share ? 10 * (0.3 + 0.7 * random.next()) : 0.01 * random.next();
    waitMs.push(2 * delay);
    return own + delay;
  });
  const cpuMs = samplesMs.map((ms, index) => 2 * ms - waitMs[index]!);
  return { samplesMs, load: { cpuMs, waitMs } };
}

describe('estimators', () => {
  it('each finds the time of undisturbed blocks within 0.5 %, inside its interval', () => {
    for (const [name, estimate] of Object.entries(estimators)) {
      const { value, low, high } = estimate(disturbed(0, 1));
      const expected = name.startsWith('lower') ? 0.99 : 0.995;
      expect(value / 10, name).toBeGreaterThan(expected);
      expect(value / 10, name).toBeLessThan(1.005);
      expect(low).toBeLessThanOrEqual(value);
      expect(high).toBeGreaterThanOrEqual(value);
    }
  });
  it('with 60 % of blocks delayed the median is wrong; what uses the undisturbed part is not', () => {
    const blocks = disturbed(0.6, 2);
    expect(estimators.median(blocks).value).toBeGreaterThan(12);
    for (const name of ['lower-quartile', 'lower-decile', 'without-waiting', 'cpu-time'] as const)
      expect(Math.abs(estimators[name](blocks).value / 10 - 1), name).toBeLessThan(0.015);
    expect(estimators['least-waiting'](disturbed(0.45, 3)).value / 10).toBeCloseTo(1, 2);
  });
  it('without load records they fall back on the times alone', () => {
    const { samplesMs } = disturbed(0.3, 4);
    expect(estimators['cpu-time']({ samplesMs })).toEqual(estimators.median({ samplesMs }));
    expect(estimators['without-waiting']({ samplesMs })).toEqual(estimators.median({ samplesMs }));
    expect(estimators['least-waiting']({ samplesMs })).toEqual(estimators.median({ samplesMs }));
  });
});

describe('block load', () => {
  it('reads the forms of /proc', () => {
    expect(stealMs('cpu  10 20 30 40 50 60 70 80 90 0\ncpu0 1 2\n')).toBe(800);
    expect(stealMs(undefined)).toBeUndefined();
    expect(pressureMs('some avg10=0.00 avg60=0.00 avg300=0.00 total=2500\nfull avg10=0.00 total=9\n')).toBe(
      2.5,
    );
    expect(pressureMs(undefined)).toBeUndefined();
    expect(waitNs('81203 4100 12\n')).toBe(4100);
    expect(waitNs(undefined)).toBeUndefined();
  });
  it('counts the processor time of this process between two points', () => {
    const from = loadPoint();
    const until = performance.now() + 30;
    let sum = 0;
    while (performance.now() < until || loadPoint().cpuMs - from.cpuMs < 10) sum += Math.sqrt(sum + 1);
    const series = new LoadSeries();
    series.add(from, loadPoint(), 2);
    expect(series.result()!.cpuMs[0]).toBeGreaterThanOrEqual(5);
    expect(sum).toBeGreaterThan(0);
  });
  it('leaves out what some block lacks', () => {
    const series = new LoadSeries();
    const point = { cpuMs: 1, stealMs: 0, waitMs: 2, pressureMs: undefined };
    series.add(point, { ...point, cpuMs: 5, waitMs: 4 }, 2);
    series.add(point, { ...point, waitMs: undefined }, 2);
    expect(series.result()).toEqual({ cpuMs: [2, 0], stealMs: [0, 0] });
    expect(new LoadSeries().result()).toBeUndefined();
  });
});
