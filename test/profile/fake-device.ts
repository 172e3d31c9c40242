/**
 * An asynchronous device on a fake clock: work queues up and runs beside the host until a read-back waits for
 * it.
 */
import type { Measurable, Surroundings } from '../../src/profile/protocol/measure.js';

export interface FakeOptions {
  /** True time of pass number `index` when it starts at device time `atMs`. */
  readonly passMs: (index: number, atMs: number) => number;
  readonly enqueueMs?: number;
  readonly readBackMs?: number;
}

export function fakeDevice(options: FakeOptions): {
  target: Measurable;
  around: Surroundings;
  passes: () => number;
  nowMs: () => number;
} {
  const { passMs, enqueueMs = 0.01, readBackMs = 0.005 } = options;
  let [host, deviceFree, passes] = [0, 0, 0];
  return {
    target: {
      enqueue() {
        host += enqueueMs;
        const begin = Math.max(host, deviceFree);
        deviceFree = begin + passMs(passes++, begin);
      },
      async synchronise() {
        host = Math.max(host, deviceFree) + readBackMs;
        return 1;
      },
    },
    around: {
      now: () => host,
      pause: async () => {
        host += 0.01;
      },
    },
    passes: () => passes,
    nowMs: () => host,
  };
}
