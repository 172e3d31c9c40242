/** Percentile bootstrap (Efron 1979): the interval of any statistic from resamples of its values. */

import { quantileSorted } from 'simple-statistics';
import type { Random } from '../random.js';
import type { Estimate, Interval } from './interval.js';
import { normalCdf } from './normal.js';
import { quantile } from './order-statistics.js';
import { studentQuantile } from './student.js';

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
): Estimate {
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

const mostDraws = 2e7;
/** The tails of 400 resamples hold ten each. */
const fewestResamples = 400;

const resamplesOf = (groups: readonly (readonly number[])[]): number => {
  const values = groups.reduce((sum, group) => sum + group.length, 0);
  return Math.min(4000, Math.max(fewestResamples, Math.floor(mostDraws / Math.max(1, values))));
};

/**
 * Percentile bootstrap of a statistic over independent groups, with the quantiles moved outwards so that
 * small groups get the width that Student's t would give them (the expanded percentile interval, Hesterberg
 * 2015, arxiv.org/abs/1411.5279). Large groups get fewer resamples, `mostDraws` values altogether but at
 * least `fewestResamples`.
 */
export function expandedBootstrapInterval(
  groups: readonly (readonly number[])[],
  statistic: (groups: number[][]) => number,
  random: Random,
  resamples = resamplesOf(groups),
): Interval {
  const value = statistic(groups.map((group) => [...group]));
  const buffers = groups.map((group) => [...group]);
  const draws = Array.from({ length: resamples }, () => {
    groups.forEach((group, index) => {
      const buffer = buffers[index]!;
      for (let i = 0; i < buffer.length; i++) buffer[i] = group[random.integer(group.length)]!;
    });
    return statistic(buffers);
  }).sort((a, b) => a - b);
  const smallest = Math.min(...groups.map((group) => group.length));
  const tail = normalCdf(-Math.sqrt(smallest / (smallest - 1)) * studentQuantile(0.975, smallest - 1));
  return { value, low: quantileSorted(draws, tail), high: quantileSorted(draws, 1 - tail) };
}
