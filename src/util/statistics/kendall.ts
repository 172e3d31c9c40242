/** Kendall's rank correlation tau-b, which counts ties (Kendall, Biometrika 33, 1945), with its interval. */
import { cumulativeStdNormalProbability } from 'simple-statistics';
import type { Random } from '../random.js';
import { bootstrapInterval } from './bootstrap.js';
import type { Estimate } from './interval.js';

export interface RankCorrelation {
  /** -1..1; NaN where one side is constant. */
  readonly tau: number;
  /** Two-sided p-value of "no association", normal approximation. */
  readonly p: number;
  readonly pairs: number;
  /** Pairs tied on at least one side. */
  readonly ties: number;
}

/** @param tiedA @param tiedB whether two members count as equal on a side, by index; default: equal values */
export function kendallTau(
  a: readonly number[],
  b: readonly number[],
  tiedA?: (i: number, j: number) => boolean,
  tiedB?: (i: number, j: number) => boolean,
): RankCorrelation {
  if (a.length !== b.length || a.length < 2)
    throw new RangeError(
      `kendallTau: two equally long lists of at least 2 are needed, got ${a.length} and ${b.length}`,
    );
  let [score, untiedA, untiedB, ties] = [0, 0, 0, 0];
  for (let i = 0; i < a.length; i++) {
    for (let j = i + 1; j < a.length; j++) {
      const signA = (tiedA?.(i, j) ?? false) ? 0 : Math.sign(a[i]! - a[j]!);
      const signB = (tiedB?.(i, j) ?? false) ? 0 : Math.sign(b[i]! - b[j]!);
      score += signA * signB;
      untiedA += Math.abs(signA);
      untiedB += Math.abs(signB);
      if (signA === 0 || signB === 0) ties++;
    }
  }
  const n = a.length;
  const z = Math.abs(score) / Math.sqrt((n * (n - 1) * (2 * n + 5)) / 18);
  return {
    tau: score / Math.sqrt(untiedA * untiedB),
    p: Math.min(1, 2 * (1 - cumulativeStdNormalProbability(z))),
    pairs: (n * (n - 1)) / 2,
    ties,
  };
}

/**
 * Up to here resampled; beyond, the bound of the asymptotic variance 2(1 − τ²)/n (Kendall, Rank Correlation
 * Methods, 1948).
 */
const mostResampled = 200;

export function tauInterval(a: readonly number[], b: readonly number[], random: Random): Estimate {
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
