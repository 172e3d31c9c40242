/** Mean of a few repeated values with its 95 % Student t interval. */
import { mean, sampleStandardDeviation } from 'simple-statistics';
import { studentQuantile } from '../util/statistics/student.js';
import type { Interval } from './digits.js';

/** Undefined for fewer than two values, which carry no interval. */
export function meanInterval(values: readonly number[]): Interval | undefined {
  if (values.length < 2) return undefined;
  const value = mean([...values]);
  const half =
    (studentQuantile(0.975, values.length - 1) * sampleStandardDeviation([...values])) /
    Math.sqrt(values.length);
  return { value, low: value - half, high: value + half };
}
