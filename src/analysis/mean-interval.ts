/** Mean of a few repeated values with its 95 % Student t interval. */
import { mean, sampleStandardDeviation } from 'simple-statistics';
import type { Interval } from './digits.js';

/** Two-sided 95 % quantiles of Student's t for 1..30 degrees of freedom. */
const t95 = [
  12.706, 4.303, 3.182, 2.776, 2.571, 2.447, 2.365, 2.306, 2.262, 2.228, 2.201, 2.179, 2.160, 2.145, 2.131,
  2.120, 2.110, 2.101, 2.093, 2.086, 2.080, 2.074, 2.069, 2.064, 2.060, 2.056, 2.052, 2.048, 2.045, 2.042,
];

/** Quantile for `freedom` degrees (Cornish-Fisher expansion beyond the table; within 0.001). */
export function studentT95(freedom: number): number {
  const z = 1.959964;
  return t95[freedom - 1] ?? z + (z ** 3 + z) / (4 * freedom) + (5 * z ** 5 + 16 * z ** 3 + 3 * z) / (96 * freedom ** 2);
}

/** Undefined for fewer than two values, which carry no interval. */
export function meanInterval(values: readonly number[]): Interval | undefined {
  if (values.length < 2) return undefined;
  const value = mean([...values]);
  const half = studentT95(values.length - 1) * sampleStandardDeviation([...values]) / Math.sqrt(values.length);
  return { value, low: value - half, high: value + half };
}
