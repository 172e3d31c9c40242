/** Interval of a binomial proportion. */
import type { Interval } from './interval.js';
import { NORMAL_975 } from './normal.js';

/**
 * Wilson's 95 % score interval. https://doi.org/10.1080/01621459.1927.10502953
 * @param fraction successes / trials
 */
export function wilsonInterval(fraction: number, trials: number): Interval {
  const scale = 1 + NORMAL_975 ** 2 / trials;
  const centre = (fraction + NORMAL_975 ** 2 / (2 * trials)) / scale;
  const half =
    (NORMAL_975 / scale) *
    Math.sqrt((fraction * (1 - fraction)) / trials + NORMAL_975 ** 2 / (4 * trials ** 2));
  return {
    value: fraction,
    low: fraction === 0 ? 0 : Math.max(0, centre - half),
    high: fraction === 1 ? 1 : Math.min(1, centre + half),
  };
}
