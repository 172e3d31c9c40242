/**
 * Compares symmetric and asymmetric layouts in a score, overall and at matched cost; unmixed layouts are left
 * out and counted. The architecture is the unit of resampling, so the result generalises to layouts drawn
 * alike, not to seeds.
 */

import { mean } from 'simple-statistics';
import type { CandidateResult, ExperimentResult } from '../../store/experiment-result.js';
import { type Random, seededRandom } from '../../util/random.js';
import { expandedBootstrapInterval } from '../../util/statistics/bootstrap.js';
import { clampedInterval, type Interval } from '../../util/statistics/interval.js';
import { rangeOf } from '../../util/statistics/range-of.js';
import { meanInterval } from '../../util/statistics/student.js';
import { fitTwoWay } from '../../util/statistics/two-way-layout.js';
import { type Objective, objective } from '../objectives/objectives.js';
import { mainScore, type Score } from '../objectives/result-score.js';
import { matchByCost } from './match-by-cost.js';

/**
 * Fewest values for a 95 % interval by resampling: by chance alone all of 5 pairs lie on one side of zero in
 * 6 of 100 cases (2 / 2^5), and 3 of a kind lie wholly above 3 of the other in 10 of 100 (2 / C(6, 3)).
 */
const fewestPairs = 6;
export const fewestOfAKind = 4;

export interface GroupMean {
  readonly count: number;
  readonly mean: number;
  readonly interval?: Interval;
  readonly best: number;
}

export interface Difference {
  /** Asymmetric minus symmetric, 95 % by bootstrap; undefined with too few layouts. */
  readonly interval?: Interval;
  readonly verdict:
    | 'asymmetric better'
    | 'symmetric better'
    | 'no difference beyond the interval'
    | 'too few layouts';
}

export interface SymmetryComparison {
  readonly score: Score;
  readonly symmetric?: GroupMean;
  readonly asymmetric?: GroupMean;
  /** Scored layouts without a mixed stage, which no comparison holds. */
  readonly unmixed: number;
  readonly overall: Difference;
  /** Pairs of one symmetric and one asymmetric architecture whose cost differs by at most `within`. */
  readonly matched: Difference & {
    readonly cost: Objective;
    readonly within: number;
    readonly pairs: readonly { readonly symmetric: number; readonly asymmetric: number }[];
  };
}

/** Of results that were compared before: conclusions and figures ask for the same. */
const known = new WeakMap<ExperimentResult, SymmetryComparison>();

/** The comparison that a result's conclusions and figures state: in its main score, at matched MACs. */
export function symmetryOf(result: ExperimentResult): SymmetryComparison {
  const found =
    known.get(result) ??
    compareSymmetry(
      result.candidates,
      mainScore(result),
      objective('macs'),
      seededRandom(`groups/${result.experiment.id}`),
    );
  known.set(result, found);
  return found;
}

/**
 * @param cost objective by which pairs are matched
 * @param within largest ratio of costs of a pair, less one; default 0.1
 */
export function compareSymmetry(
  candidates: readonly CandidateResult[],
  score: Score,
  cost: Objective,
  random: Random,
  within = 0.1,
): SymmetryComparison {
  const scored = candidates.flatMap((candidate, index) => {
    const [y, x] = [score.read(candidate), cost.read(candidate)];
    return y ? [{ index, candidate, symmetry: candidate.symmetry, y: y.value, x: x?.value }] : [];
  });
  const adjusted = seedAdjusted(scored, score);
  const symmetric = scored.filter((each) => each.symmetry === 'symmetric');
  const asymmetric = scored.filter((each) => each.symmetry === 'asymmetric');
  const [a, s] = [asymmetric, symmetric].map((group) => group.map((each) => adjusted.get(each.index)!)) as [
    number[],
    number[],
  ];
  const pairs = matchByCost(symmetric, asymmetric, within);
  const differences = pairs.map((pair) =>
    seedPairedDifference(pair.asymmetric.candidate, pair.symmetric.candidate, score),
  );
  const [meanA, meanS] = [groupMean(a, score), groupMean(s, score)];
  return {
    score,
    ...(meanS ? { symmetric: meanS } : {}),
    ...(meanA ? { asymmetric: meanA } : {}),
    unmixed: scored.length - symmetric.length - asymmetric.length,
    overall: judge(
      score,
      a.length < fewestOfAKind || s.length < fewestOfAKind
        ? undefined
        : expandedBootstrapInterval([a, s], ([x, y]) => mean(x!) - mean(y!), random.fork('overall')),
    ),
    matched: {
      ...judge(
        score,
        pairs.length < fewestPairs
          ? undefined
          : expandedBootstrapInterval([differences], ([d]) => mean(d!), random.fork('matched')),
      ),
      cost,
      within,
      pairs: pairs.map((pair) => ({ symmetric: pair.symmetric.index, asymmetric: pair.asymmetric.index })),
    },
  };
}

/**
 * Scores by position, free of which seeds each network was trained with: score = network + seed, by least
 * squares. Where every network has the same seeds these are their means; where no seed connects two networks,
 * the means stay.
 */
function seedAdjusted(
  scored: readonly { readonly index: number; readonly candidate: CandidateResult; readonly y: number }[],
  score: Score,
): ReadonlyMap<number, number> {
  const means = new Map(scored.map(({ index, y }) => [index, y]));
  const observations = scored.flatMap(({ index, candidate }) =>
    candidate.scores.flatMap((each) => {
      const value = score.ofSeed(each);
      return value === undefined ? [] : [{ row: String(index), column: String(each.seed), value }];
    }),
  );
  const first = observations[0];
  if (!first) return means;
  const fit = fitTwoWay(observations);
  const isConnected = scored.every(
    ({ index }) => fit.differenceVariance(first.row, String(index)) < Infinity,
  );
  return isConnected ? new Map(scored.map(({ index }) => [index, fit.rows.get(String(index))!])) : means;
}

/**
 * Difference of two networks' scores, the first less the second: the mean over the seeds that both have,
 * since a seed fixes the data order of both. Without a common seed, the difference of their means.
 */
export function seedPairedDifference(first: CandidateResult, second: CandidateResult, score: Score): number {
  const ofSecond = new Map(second.scores.map((each) => [each.seed, score.ofSeed(each)]));
  const differences = first.scores.flatMap((each) => {
    const [a, b] = [score.ofSeed(each), ofSecond.get(each.seed)];
    return a === undefined || b === undefined ? [] : [a - b];
  });
  return differences.length > 0 ? mean(differences) : score.read(first)!.value - score.read(second)!.value;
}

function groupMean(values: readonly number[], score: Score): GroupMean | undefined {
  if (values.length === 0) return undefined;
  const around = meanInterval(values);
  const interval = around && clampedInterval(around, score.unit === '%' ? 1 : Infinity);
  const best = rangeOf(values)[score.better === 'higher' ? 1 : 0];
  return { count: values.length, mean: mean([...values]), best, ...(interval && { interval }) };
}

function judge({ better }: Score, interval: Interval | undefined): Difference {
  if (!interval) return { verdict: 'too few layouts' };
  const [above, below] =
    better === 'higher'
      ? (['asymmetric better', 'symmetric better'] as const)
      : (['symmetric better', 'asymmetric better'] as const);
  if (interval.low > 0) return { interval, verdict: above };
  if (interval.high < 0) return { interval, verdict: below };
  return { interval, verdict: 'no difference beyond the interval' };
}
