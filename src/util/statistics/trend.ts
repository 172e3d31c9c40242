/**
 * Trend test of a series: Mann-Kendall (Mann 1945; exact for few values, else the normal approximation) with
 * Sen's slope as effect size. Both are robust against single spikes.
 */
import { cumulativeStdNormalProbability } from 'simple-statistics';
import { median } from './order-statistics.js';

export interface Trend {
  /** Two-sided p-value of "no trend". */
  readonly p: number;
  /** Median of all pairwise slopes, per step. */
  readonly slope: number;
  /** Change from first to last as a fraction of the median. */
  readonly relativeChange: number;
}

/** @throws RangeError with fewer than 3 values */
export function trend(values: readonly number[]): Trend {
  const n = values.length;
  if (n < 3) throw new RangeError(`trend: at least 3 values are needed, got ${n}`);
  let score = 0;
  const slopes: number[] = [];
  for (let i = 0; i < n; i++) {
    for (let j = i + 1; j < n; j++) {
      score += Math.sign(values[j]! - values[i]!);
      slopes.push((values[j]! - values[i]!) / (j - i));
    }
  }
  const slope = median(slopes);
  return {
    p: n <= 12 ? exactP(n, score) : normalP(n, score),
    slope,
    relativeChange: (slope * (n - 1)) / median(values),
  };
}

/** Whether there is no significant trend at level `alpha` (default 0.05); false with fewer than 5 values. */
export function isSteady(values: readonly number[], alpha = 0.05): boolean {
  return values.length >= 5 && trend(values).p > alpha;
}

/**
 * P(|S| ≥ |score|) when all n! orders are equally likely: S counts inversions, whose generating function is a
 * product.
 */
function exactP(n: number, score: number): number {
  let counts = [1];
  for (let size = 2; size <= n; size++) {
    const next = new Array<number>(counts.length + size - 1).fill(0);
    counts.forEach((count, inversions) => {
      for (let extra = 0; extra < size; extra++) next[inversions + extra]! += count;
    });
    counts = next;
  }
  const pairs = (n * (n - 1)) / 2;
  const total = counts.reduce((a, b) => a + b, 0);
  const extreme = counts.reduce(
    (sum, count, inversions) => (Math.abs(pairs - 2 * inversions) >= Math.abs(score) ? sum + count : sum),
    0,
  );
  return extreme / total;
}

function normalP(n: number, score: number): number {
  const deviation = Math.sqrt((n * (n - 1) * (2 * n + 5)) / 18);
  const z = Math.max(0, Math.abs(score) - 1) / deviation; // continuity correction
  return Math.min(1, 2 * (1 - cumulativeStdNormalProbability(z)));
}
