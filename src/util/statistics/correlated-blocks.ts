/**
 * Quantiles of consecutive timed blocks with an interval that respects their autocorrelation. The lag-1
 * correlation, corrected for its bias (Marriott and Pope, Biometrika 41, 1954), gives the number of
 * independent blocks that say as much: n (1 − r) / (1 + r), first-order autoregression. The order statistics
 * between which the quantile lies follow from that number, with Student's factor.
 */
import { quantileSorted } from 'simple-statistics';
import { type Estimate, unlessPoint } from './interval.js';
import { normalDensity, normalQuantile } from './normal.js';
import { studentQuantile } from './student.js';

const HIGHEST_CORRELATION = 0.95;

/** Independent blocks that say as much about a mean as these. @param values in order of time, at least one */
export function independentCount(values: readonly number[]): number {
  const n = values.length;
  if (n < 4) return n;
  const centre = values.reduce((sum, value) => sum + value, 0) / n;
  let [shifted, squares] = [0, 0];
  for (let i = 0; i < n; i++) {
    squares += (values[i]! - centre) ** 2;
    if (i > 0) shifted += (values[i]! - centre) * (values[i - 1]! - centre);
  }
  if (squares === 0) return n;
  const raw = shifted / squares;
  const correlation = Math.min(HIGHEST_CORRELATION, Math.max(0, raw + (1 + 3 * raw) / n));
  return Math.max(2, (n * (1 - correlation)) / (1 + correlation));
}

/**
 * The median or a lower quantile with its 95 % interval between order statistics; the median's is the whole
 * range where few blocks carry no more. Unknown for a single block, or where all are equal.
 * @param values in order of time, at least one @param share 0..0.5; default 0.5, the median
 */
export function blockQuantile(values: readonly number[], share = 0.5): Estimate {
  if (values.length === 0) throw new RangeError('blockQuantile: at least one value is needed, got none');
  const sorted = [...values].sort((a, b) => a - b);
  const n = sorted.length;
  const count = independentCount(values);
  const spread = count < 2 ? 1 : studentQuantile(0.975, count - 1) * Math.sqrt((share * (1 - share)) / count);
  const [from, to] = [Math.floor(n * (share - spread)), Math.ceil(n * (share + spread)) - 1];
  const [low, high] = [sorted[Math.max(0, from)]!, sorted[Math.min(n - 1, Math.max(to, 0))]!];
  if (share === 0.5) return unlessPoint({ value: quantileSorted(sorted, share), low, high, samples: n });
  const value = medianUnbiasedQuantile(sorted, share);
  if (from >= 0 || n < 2)
    return unlessPoint({ value, low: Math.min(value, low), high: Math.max(value, high), samples: n });
  // No order statistic bounds it from below: as of a normal distribution with the scatter under the median.
  const half = studentQuantile(0.975, Math.max(1, count - 1)) * tailError(sorted, share, count);
  return unlessPoint({ value, low: value - half, high: Math.max(high, value + half), samples: n });
}

/** Definition 8 of Hyndman and Fan, The American Statistician 50, 1996; hardly depends on the number. */
function medianUnbiasedQuantile(sorted: readonly number[], share: number): number {
  const n = sorted.length;
  const position = Math.min(n, Math.max(1, (n + 1 / 3) * share + 1 / 3));
  const below = Math.floor(position);
  const [lower, upper] = [sorted[below - 1]!, sorted[Math.min(n, below + 1) - 1]!];
  return lower + (position - below) * (upper - lower);
}

/** Standard error of a quantile of `count` values whose lower half scatters like a normal distribution's. */
function tailError(sorted: readonly number[], share: number, count: number): number {
  const median = quantileSorted(sorted, 0.5);
  const below = sorted.filter((value) => value <= median);
  const squares = below.reduce((sum, value) => sum + (median - value) ** 2, 0);
  const deviation = Math.sqrt(squares / Math.max(1, below.length - 0.5));
  return (
    (deviation * Math.sqrt(share * (1 - share))) / (normalDensity(normalQuantile(share)) * Math.sqrt(count))
  );
}
