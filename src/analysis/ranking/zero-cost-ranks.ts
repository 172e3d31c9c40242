/**
 * Rank correlation of scores of untrained networks with the trained score (sign set so that higher is
 * better): Kendall's tau-b with its 95 % interval, Spearman's rho by bootstrap over architectures.
 */

import { mean, sampleRankCorrelation } from 'simple-statistics';
import type { CandidateResult } from '../../store/experiment-result.js';
import type { Random } from '../../util/random.js';
import { bootstrapInterval } from '../../util/statistics/bootstrap.js';
import type { Estimate } from '../../util/statistics/interval.js';
import { tauInterval } from '../../util/statistics/kendall.js';
import type { Score } from '../objectives/result-score.js';

export interface MeasureRank {
  readonly measure: string;
  readonly tau: Estimate;
  readonly rho: Estimate;
  /** Of one network, mean. */
  readonly seconds: number;
  /** Networks with a trained score but no number of this measure. */
  readonly missing: number;
}

/** Fewest networks for a rank correlation. */
export const fewestScored = 5;

/** Mean over seeds, more is better; undefined where a seed has none. */
function meanMerit({ scores }: CandidateResult, score: Score): number | undefined {
  const values = scores.flatMap((each) => score.ofSeed(each) ?? []);
  return values.length === 0 || values.length < scores.length ? undefined : score.merit(mean(values));
}

/** Best first by tau; empty where fewer than five networks have both. */
export function rankZeroCostScores(
  candidates: readonly CandidateResult[],
  score: Score,
  random: Random,
): MeasureRank[] {
  const trained = candidates.flatMap((candidate) => {
    const merit = meanMerit(candidate, score);
    return merit === undefined ? [] : [{ candidate, merit }];
  });
  const measures = [
    ...new Set(candidates.flatMap(({ zeroCost }) => (zeroCost ?? []).map(({ measure }) => measure))),
  ];
  return measures
    .flatMap((measure) => {
      const pairs = trained.flatMap(({ candidate, merit }) => {
        const found = candidate.zeroCost?.find((each) => each.measure === measure);
        return found?.value !== undefined ? [{ value: found.value, seconds: found.seconds, merit }] : [];
      });
      if (pairs.length < fewestScored) return [];
      const indices = pairs.map((_, index) => index);
      const [values, merits] = [pairs.map(({ value }) => value), pairs.map(({ merit }) => merit)];
      const over =
        (statistic: (a: number[], b: number[]) => number) =>
        (drawn: readonly number[]): number => {
          const value = statistic(
            drawn.map((index) => pairs[index]!.value),
            drawn.map((index) => pairs[index]!.merit),
          );
          return Number.isFinite(value) ? value : 0; // one side constant: no ranking
        };
      const options = { resamples: 200 };
      return [
        {
          measure,
          seconds: mean(pairs.map(({ seconds }) => seconds)),
          missing: trained.length - pairs.length,
          tau: tauInterval(values, merits),
          rho: bootstrapInterval(
            indices,
            over((a, b) => sampleRankCorrelation(a, b)),
            random.fork(`${measure} rho`),
            options,
          ),
        },
      ];
    })
    .sort((a, b) => b.tau.value - a.tau.value);
}
