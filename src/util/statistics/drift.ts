/** Detects drift and throttling in a series of block times: a trend over all of it, and a level shift. */
import { median } from './order-statistics.js';
import { trend } from './trend.js';

/** A trend counts when it is significant and moves the time by more than this fraction over the series. */
const driftLimit = 0.02;
const fewest = 8;

/** Whether the series drifts away. @param times at least 8, else false */
export function drifts(times: readonly number[], limit = driftLimit): boolean {
  if (times.length < fewest) return false;
  // Long series are thinned to block medians: the test costs n² and neighbours repeat each other.
  const { p, relativeChange } = trend(thinned(times).medians);
  return p < 0.01 && Math.abs(relativeChange) > limit;
}

export interface LevelShift {
  /** First index of the new level. */ readonly at: number /** New level over old, less 1. */;
  readonly change: number;
}

/**
 * Finds a level shift, as from a throttled clock: the split with the most significant rank difference
 * (Pettitt, Applied Statistics 28, 1979), where it is significant at 1 % and changes the median by more than
 * `limit`.
 */
export function levelShift(times: readonly number[], limit = 0.05): LevelShift | undefined {
  if (times.length < fewest) return undefined;
  const { medians, width } = thinned(times);
  const n = medians.length;
  let [best, at] = [0, 0];
  for (let split = 1; split < n; split++) {
    let u = 0;
    for (let i = 0; i < split; i++) for (let j = split; j < n; j++) u += Math.sign(medians[j]! - medians[i]!);
    if (Math.abs(u) > best) [best, at] = [Math.abs(u), split];
  }
  const p = 2 * Math.exp((-6 * best ** 2) / (n ** 3 + n ** 2));
  if (at === 0 || p >= 0.01) return undefined;
  const change = median(medians.slice(at)) / median(medians.slice(0, at)) - 1;
  return Math.abs(change) > limit ? { at: at * width, change } : undefined;
}

function thinned(times: readonly number[]): { medians: number[]; width: number } {
  const width = Math.max(1, Math.floor(times.length / 40));
  return {
    width,
    medians: Array.from({ length: Math.floor(times.length / width) }, (_, i) =>
      median(times.slice(i * width, (i + 1) * width)),
    ),
  };
}
