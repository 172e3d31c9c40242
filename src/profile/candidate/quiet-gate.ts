/**
 * Lets a launch wait for a quiet moment: until other processes leave the processors that it needs. One gate
 * has one limit for all its launches, so that steady load delays a run once and not at every launch.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { type CpuPoint, cpuPoint, isBusy, othersBusy } from './environment.js';

/** Longest wait of a whole run, ms, unless the user sets another. */
export const standardQuietWaitMs = 60_000;
/** Window over which the use by other processes is sampled, ms. */
const windowMs = 100;
/** Pause between two windows while it is busy, ms. */
const pauseMs = 400;

export interface QuietWait {
  readonly waitedMs: number;
  /** False: the limit passed and it is still busy. */
  readonly isQuiet: boolean;
}

export interface QuietHost {
  point(): CpuPoint;
  sleep(ms: number, signal: AbortSignal | undefined): Promise<unknown>;
}

const machine: QuietHost = {
  point: () => cpuPoint(),
  // an abort ends the wait; the caller's next step notices it
  sleep: (ms, signal) => sleep(ms, undefined, signal ? { signal } : {}).catch(() => undefined),
};

export class QuietGate {
  #leftMs: number;

  /** @param limitMs of all waits together; 0 never waits */
  constructor(
    limitMs: number,
    private readonly host: QuietHost = machine,
  ) {
    this.#leftMs = limitMs;
  }

  /**
   * @param threads that the launch needs; 0 for all processors
   * @returns undefined where the limit is used up, or 0
   */
  async wait(threads: number, signal?: AbortSignal): Promise<QuietWait | undefined> {
    if (this.#leftMs <= 0) return undefined;
    let waitedMs = 0;
    for (;;) {
      const from = this.host.point();
      await this.host.sleep(windowMs, signal);
      const isQuiet = !isBusy(othersBusy(from, this.host.point()), threads);
      // the window of a quiet machine is no wait
      if (isQuiet || signal?.aborted) return { waitedMs, isQuiet };
      const pause = Math.min(pauseMs, this.#leftMs - windowMs);
      if (pause > 0) await this.host.sleep(pause, signal);
      waitedMs += windowMs + Math.max(0, pause);
      this.#leftMs -= windowMs + Math.max(0, pause);
      if (this.#leftMs <= 0) return { waitedMs, isQuiet: false };
    }
  }
}
