/** Wilson's score interval of a binomial proportion. https://doi.org/10.1080/01621459.1927.10502953 */
import type { Interval } from './interval.js';

/** 97.5 % quantile of the standard normal distribution. */
const z95 = 1.959963984540054;

/**
 * 95 % interval of a proportion, clamped to 0..1.
 * @param fraction successes / trials
 */
export function wilsonInterval(fraction: number, trials: number): Interval {
  const scale = 1 + z95 ** 2 / trials;
  const centre = (fraction + z95 ** 2 / (2 * trials)) / scale;
  const half = (z95 / scale) * Math.sqrt((fraction * (1 - fraction)) / trials + z95 ** 2 / (4 * trials ** 2));
  return {
    value: fraction,
    low: fraction === 0 ? 0 : Math.max(0, centre - half),
    high: fraction === 1 ? 1 : Math.min(1, centre + half),
    samples: trials,
  };
}
