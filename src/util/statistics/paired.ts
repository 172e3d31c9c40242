/**
 * Which of two is faster? A bootstrap interval of the paired log-ratio against a declared noise floor.
 * AMBIGUOUS means that the samples cannot say; it never becomes a win.
 */
import type { Random } from '../random.js';
import { bootstrapDistribution } from './bootstrap.js';
import type { Interval } from './interval.js';
import { median, quantile } from './median.js';

export type Verdict = 'FASTER' | 'SLOWER' | 'SAME' | 'AMBIGUOUS';

export interface Comparison {
  /** Of the first against the second. */
  readonly verdict: Verdict;
  /** Time of the first over time of the second: below 1, the first is faster. */
  readonly ratio: Interval;
  /** Two-sided p-value of "ratio is 1" from the bootstrap; corrected where many pairs are compared. */
  readonly p: number;
  /** As a fraction; differences below it are called SAME. */
  readonly noiseFloor: number;
}

export interface ComparisonOptions {
  /** default 0.01 */
  readonly noiseFloor?: number;
  /** default 0.95 */
  readonly confidence?: number;
  /** default 2000 */
  readonly resamples?: number;
}

/**
 * Compares times that were taken in pairs, side by side.
 * FASTER/SLOWER: the interval excludes 1 and the ratio lies beyond the noise floor. SAME: the whole interval lies within it.
 * @param first @param second milliseconds, pair by pair, positive; at least 2 pairs
 * @example comparePaired([9, 9.1, 8.9, 9], [10, 10.1, 10, 9.9], seededRandom(1)).verdict // 'FASTER'
 */
export function comparePaired(first: readonly number[], second: readonly number[], random: Random, options: ComparisonOptions = {}): Comparison {
  const { noiseFloor = 0.01, confidence = 0.95, resamples = 2000 } = options;
  if (first.length !== second.length || first.length < 2) throw new RangeError(`comparePaired: two equally long lists of at least 2 are needed, got ${first.length} and ${second.length}`);
  if (![...first, ...second].every((time) => time > 0)) throw new RangeError('comparePaired: times must be positive');
  const logs = first.map((time, i) => Math.log(time / second[i]!));
  const drawn = bootstrapDistribution(logs, median, random, resamples);
  const tail = (1 - confidence) / 2;
  const estimate = { value: median(logs), low: quantile(drawn, tail), high: quantile(drawn, 1 - tail) };
  const beyond = (count: number): number => (count + 1) / (resamples + 1);
  const p = Math.min(1, 2 * Math.min(beyond(drawn.filter((value) => value >= 0).length), beyond(drawn.filter((value) => value <= 0).length)));
  const ratio = { value: Math.exp(estimate.value), low: Math.exp(estimate.low), high: Math.exp(estimate.high), samples: logs.length };
  return { verdict: verdictOf(ratio, noiseFloor), ratio, p, noiseFloor };
}

/** The verdict that a ratio's interval carries. @param ratio time of the first over time of the second */
export function verdictOf(ratio: Interval, noiseFloor: number): Verdict {
  const floor = Math.log1p(noiseFloor);
  const [value, low, high] = [Math.log(ratio.value), Math.log(ratio.low), Math.log(ratio.high)];
  if (low >= -floor && high <= floor) return 'SAME';
  if (high < 0 && value < -floor) return 'FASTER';
  if (low > 0 && value > floor) return 'SLOWER';
  return 'AMBIGUOUS';
}
