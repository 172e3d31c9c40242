/**
 * Median and quantiles with a distribution-free interval: the order statistics between which the median lies
 * with at least the asked confidence (binomial argument, e.g. David & Nagaraja, Order Statistics, 2003,
 * section 7.1).
 */
import { quantileSorted } from 'simple-statistics';
import type { Estimate } from './interval.js';

/** Fewest samples whose range holds the median with 95 % confidence: 1 - 2 / 2^6 = 0.969. */
export const fewestForMedianInterval = 6;

const ascending = (values: readonly number[]): number[] => [...values].sort((a, b) => a - b);

/** @param share 0..1 @throws RangeError where `values` is empty */
export function quantile(values: readonly number[], share: number): number {
  if (values.length === 0) throw new RangeError('quantile: at least one value is needed, got none');
  return quantileSorted(ascending(values), share);
}

export const median = (values: readonly number[]): number => quantile(values, 0.5);

/**
 * Median with its interval by order statistics. Fewer than six samples cannot carry 95 %: then the interval
 * is their range.
 * @param confidence default 0.95
 */
export function medianInterval(values: readonly number[], confidence = 0.95): Estimate {
  if (values.length === 0) throw new RangeError('medianInterval: at least one value is needed, got none');
  const sorted = ascending(values);
  const rank = Math.max(1, medianRank(sorted.length, confidence));
  return {
    value: quantileSorted(sorted, 0.5),
    low: sorted[rank - 1]!,
    high: sorted[sorted.length - rank]!,
    samples: sorted.length,
  };
}

/**
 * Largest r such that the r-th smallest and r-th largest of n enclose the median with `confidence`; 0 where
 * none does.
 */
export function medianRank(n: number, confidence = 0.95): number {
  const tail = (1 - confidence) / 2;
  // of exactly r successes among n fair coins, as a logarithm: 2^-n itself is 0 beyond n = 1,074
  let logProbability = -n * Math.LN2;
  let below = 0;
  for (let r = 0; r <= n / 2; r++) {
    below += Math.exp(logProbability);
    if (below > tail) return r;
    logProbability += Math.log((n - r) / (r + 1));
  }
  return Math.floor(n / 2);
}

/**
 * Mean without the `share` smallest and largest values. Nearly as precise as the mean under plain noise (the
 * median needs half as many samples again), and robust against that share of spikes.
 */
export function trimmedMean(values: readonly number[], share = 0.2): number {
  const sorted = ascending(values);
  const cut = Math.floor(share * sorted.length);
  let sum = 0;
  for (let i = cut; i < sorted.length - cut; i++) sum += sorted[i]!;
  return sum / (sorted.length - 2 * cut);
}

/**
 * Indices of values further from the median than `fence` robust standard deviations (1.4826 × median absolute
 * deviation).
 */
export function outlierIndices(values: readonly number[], fence = 5): number[] {
  if (values.length < 5) return [];
  const centre = median(values);
  const spread = 1.4826 * median(values.map((value) => Math.abs(value - centre)));
  // a spread of 0 (a coarse clock) flags nothing tiny
  const limit = fence * Math.max(spread, Math.abs(centre) * 1e-4);
  return values.flatMap((value, index) => (Math.abs(value - centre) > limit ? [index] : []));
}
