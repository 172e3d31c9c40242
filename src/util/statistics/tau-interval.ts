/** Kendall's tau-b with a 95 % interval over the members that are ranked. */
import type { Random } from '../random.js';
import { bootstrapInterval } from './bootstrap.js';
import type { Interval } from './interval.js';
import { kendallTau } from './kendall.js';

/**
 * Up to here resampled; beyond, the bound of the asymptotic variance 2(1 − τ²)/n (Kendall, Rank Correlation
 * Methods, 1948).
 */
const mostResampled = 200;

export function tauInterval(a: readonly number[], b: readonly number[], random: Random): Interval {
  const tau = (indices: readonly number[]): number => {
    const { tau: value } = kendallTau(
      indices.map((index) => a[index]!),
      indices.map((index) => b[index]!),
    );
    return Number.isFinite(value) ? value : 0; // a resample of one member alone ranks nothing
  };
  const indices = a.map((_, index) => index);
  if (a.length <= mostResampled) return bootstrapInterval(indices, tau, random, { resamples: 500 });
  const value = tau(indices);
  const half = 1.96 * Math.sqrt((2 * (1 - value * value)) / a.length);
  return { value, low: Math.max(-1, value - half), high: Math.min(1, value + half), samples: a.length };
}
