/**
 * Trend test of a series: Mann-Kendall (Mann 1945; exact for few values, else the normal approximation) with
 * Sen's slope as effect size. Both are robust against single spikes.
 */
import { cumulativeStdNormalProbability } from 'simple-statistics';
import { median } from './order-statistics.js';
import { studentQuantile } from './student.js';

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

/** A change that counts as none, as a fraction. */
const LEVEL = 0.005;
/** Medians to which longer series are thinned, against spikes. */
const GROUPS = 8;

/**
 * Whether the values change by less than ±`limit` from first to last: an equivalence test at 5 % by the line
 * of least squares (TOST), so that noise cannot hide a ramp. False with fewer than 8 values.
 * @param values positive, in order of time @param limit as a fraction; default 0.005
 */
export function isSteady(values: readonly number[], limit = LEVEL): boolean {
  if (values.length < GROUPS) return false;
  const at = (group: number): number => Math.floor((group * values.length) / GROUPS);
  const medians = Array.from({ length: GROUPS }, (_, group) =>
    median(values.slice(at(group), at(group + 1))),
  );
  const centre = medians.reduce((sum, value) => sum + value, 0) / GROUPS;
  const middle = (GROUPS - 1) / 2;
  const spread = medians.reduce((sum, _, index) => sum + (index - middle) ** 2, 0);
  const slope = medians.reduce((sum, value, index) => sum + (index - middle) * value, 0) / spread;
  const squares = medians.reduce(
    (sum, value, index) => sum + (value - centre - slope * (index - middle)) ** 2,
    0,
  );
  const scale = (GROUPS - 1) / centre;
  const half = ONE_SIDED * Math.sqrt(squares / (GROUPS - 2) / spread);
  return (Math.abs(slope) + half) * scale <= limit;
}

/** 95 % quantile of Student's t with GROUPS − 2 degrees of freedom. */
const ONE_SIDED = studentQuantile(0.95, GROUPS - 2);

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
