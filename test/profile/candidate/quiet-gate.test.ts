import { availableParallelism } from 'node:os';
import { describe, expect, it } from 'vitest';
import { QuietGate } from '../../../src/profile/candidate/quiet-gate.js';

/** A machine whose other processes keep all processors busy until `quietAtMs`. */
function machine(quietAtMs: number) {
  let [now, busy] = [0, 0];
  const host = {
    point: () => ({ busyMs: busy, ownMs: 0, atMs: now }),
    sleep: async (ms: number) => {
      busy += Math.max(0, Math.min(ms, quietAtMs - now)) * availableParallelism();
      now += ms;
    },
  };
  return { host, now: () => now };
}

describe('QuietGate', () => {
  it('does not wait on a quiet machine', async () => {
    const { host } = machine(0);
    expect(await new QuietGate(10_000, host).wait(0)).toEqual({ waitedMs: 0, isQuiet: true });
  });
  it('waits until other work ends', async () => {
    const { host, now } = machine(3000);
    const found = await new QuietGate(10_000, host).wait(0);
    expect(found!.isQuiet).toBe(true);
    expect(now()).toBeGreaterThanOrEqual(3000);
    expect(now()).toBeLessThan(4000);
  });
  it('waits for its limit over all launches together, then no more', async () => {
    const { host, now } = machine(Infinity);
    const gate = new QuietGate(5000, host);
    expect(await gate.wait(0)).toMatchObject({ isQuiet: false, waitedMs: 5000 });
    expect(now()).toBe(5000);
    expect(await gate.wait(0)).toBeUndefined();
    expect(now()).toBe(5000);
  });
  it('a limit of 0 never waits', async () => {
    const { host, now } = machine(Infinity);
    expect(await new QuietGate(0, host).wait(0)).toBeUndefined();
    expect(now()).toBe(0);
  });
});
