/** Interval of a binomial proportion. */
import type { Interval } from './interval.js';
import { NORMAL_975 } from './normal.js';

/**
 * Wilson's score interval. https://doi.org/10.1080/01621459.1927.10502953
 * @param fraction successes / trials
 * @param factor half-width in standard errors; default 1.96, which gives 95 %
 */
export function wilsonInterval(fraction: number, trials: number, factor = NORMAL_975): Interval {
  const scale = 1 + factor ** 2 / trials;
  const centre = (fraction + factor ** 2 / (2 * trials)) / scale;
  const half =
    (factor / scale) * Math.sqrt((fraction * (1 - fraction)) / trials + factor ** 2 / (4 * trials ** 2));
  return {
    value: fraction,
    low: fraction === 0 ? 0 : Math.max(0, centre - half),
    high: fraction === 1 ? 1 : Math.min(1, centre + half),
  };
}
