/**
 * An asynchronous device on a fake clock: work queues up and runs beside the hostMs until a read-back waits for
 * it.
 */
import type { Measurable, MeasurementHost } from '../../src/profile/protocol/measure.js';

export interface FakeOptions {
  /** True time of pass number `index` when it starts at device time `atMs`. */
  readonly passMs: (index: number, atMs: number) => number;
  readonly enqueueMs?: number;
  readonly readBackMs?: number;
}

export function fakeDevice(options: FakeOptions): {
  target: Measurable;
  host: MeasurementHost;
  passes: () => number;
  nowMs: () => number;
} {
  const { passMs, enqueueMs = 0.01, readBackMs = 0.005 } = options;
  let [hostMs, deviceFree, passes] = [0, 0, 0];
  return {
    target: {
      enqueue() {
        hostMs += enqueueMs;
        const begin = Math.max(hostMs, deviceFree);
        deviceFree = begin + passMs(passes++, begin);
      },
      async synchronise() {
        hostMs = Math.max(hostMs, deviceFree) + readBackMs;
        return 1;
      },
    },
    host: {
      now: () => hostMs,
      pause: async () => {
        hostMs += 0.01;
      },
    },
    passes: () => passes,
    nowMs: () => hostMs,
  };
}
