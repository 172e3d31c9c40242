/** Percentile bootstrap (Efron 1979): the interval of any statistic from resamples of its values. */
import type { Random } from '../random.js';
import type { Interval } from './interval.js';
import { quantile } from './median.js';

export interface BootstrapOptions {
  /** default 1000 */
  readonly resamples?: number;
  /** default 0.95 */
  readonly confidence?: number;
}

/** `statistic` of `values` with its bootstrap interval. Deterministic in `random`. */
export function bootstrapInterval(
  values: readonly number[],
  statistic: (values: readonly number[]) => number,
  random: Random,
  options: BootstrapOptions = {},
): Interval {
  const { resamples = 1000, confidence = 0.95 } = options;
  const drawn = bootstrapDistribution(values, statistic, random, resamples);
  const tail = (1 - confidence) / 2;
  return {
    value: statistic(values),
    low: quantile(drawn, tail),
    high: quantile(drawn, 1 - tail),
    samples: values.length,
  };
}

/** `statistic` of each of `resamples` draws with replacement. */
export function bootstrapDistribution(
  values: readonly number[],
  statistic: (values: readonly number[]) => number,
  random: Random,
  resamples: number,
): number[] {
  if (values.length === 0) throw new RangeError('bootstrap: at least one value is needed, got none');
  const buffer = new Array<number>(values.length);
  return Array.from({ length: resamples }, () => {
    for (let i = 0; i < buffer.length; i++) buffer[i] = values[Math.floor(random.next() * values.length)]!;
    return statistic(buffer);
  });
}
