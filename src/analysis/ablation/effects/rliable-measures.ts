/**
 * Measures of Agarwal et al. 2021 (Deep Reinforcement Learning at the Edge of the Statistical Precipice,
 * https://arxiv.org/abs/2108.13264): interquartile mean and probability of improvement, with intervals by the
 * stratified bootstrap. A stratum is a setting that both sides share; its runs are resampled within it.
 */
import { quantileSorted } from 'simple-statistics';
import type { Random } from '../../../util/random.js';
import type { Interval } from '../../../util/statistics/interval.js';
import { trimmedMean } from '../../../util/statistics/order-statistics.js';

/** Mean of the middle half of all runs. @param strata runs of each stratum */
export const interquartileMean = (strata: readonly (readonly number[])[]): number =>
  trimmedMean(strata.flat(), 0.25);

/** P(treated > control), ties half: the Mann-Whitney statistic of each stratum, averaged over strata. */
export function probabilityOfImprovement(
  treated: readonly (readonly number[])[],
  control: readonly (readonly number[])[],
): number {
  const shares = treated.map((runs, stratum) => {
    const others = control[stratum]!;
    let wins = 0;
    for (const run of runs) for (const other of others) wins += (Math.sign(run - other) + 1) / 2;
    return wins / (runs.length * others.length);
  });
  return shares.reduce((sum, share) => sum + share, 0) / shares.length;
}

/**
 * 95 % percentile interval of a statistic of runs, resampled with replacement within their strata.
 * @param groups of each group its strata; the same stratum of two groups is resampled independently
 */
export function stratifiedBootstrap(
  groups: readonly (readonly (readonly number[])[])[],
  statistic: (groups: readonly (readonly (readonly number[])[])[]) => number,
  random: Random,
  resamples = 2000,
): Interval {
  const draws = Array.from({ length: resamples }, () =>
    statistic(
      groups.map((strata) => strata.map((runs) => runs.map(() => runs[random.integer(runs.length)]!))),
    ),
  ).sort((a, b) => a - b);
  return {
    value: statistic(groups),
    low: quantileSorted(draws, 0.025),
    high: quantileSorted(draws, 0.975),
  };
}
