/**
 * Empirical distribution functions of the scores of each kind of layout with bootstrap bands, which compare
 * populations instead of best members (Radosavovic et al., https://arxiv.org/abs/1905.13214).
 */
import { mainScore } from '../../analysis/objectives/result-score.js';
import type { Symmetry } from '../../architecture/layout.js';
import { type Random, seededRandom } from '../../util/random.js';
import { quantile } from '../../util/statistics/order-statistics.js';
import { rangeOf } from '../../util/statistics/range-of.js';
import type { Figure } from './figure.js';
import { digits, scoreAxis } from './score-axis.js';
import { type ScoreDisplay, scoreDisplay } from './score-display.js';

export interface DistributionInfo {
  readonly score: ScoreDisplay;
  readonly groups: readonly {
    readonly kind: Symmetry;
    readonly count: number;
    /** Scores as displayed, ascending. */
    readonly at: readonly number[];
    /** The first network with each score; absent where the scores are those of a grid. */
    readonly candidates?: readonly number[];
    /** Share of the networks with at most this score, and its 95 % band. */
    readonly share: readonly number[];
    readonly low: readonly number[];
    readonly high: readonly number[];
  }[];
}

/** Fewer networks make no distribution. */
const fewest = 4;
/** Scores at which the function is kept. */
const mostSteps = 120;
const resamples = 400;
/** Draws of all resamples together. */
const mostDraws = 2e6;

export const distributionFigure = {
  name: 'distribution',
  title: ({ score }) => `Distribution of the ${score.short}`,
  caption: ({ groups }) =>
    [
      'Empirical distribution functions: the share of layouts with at most this score.',
      'Bands are 95 % by bootstrap over layouts, at each score.',
      `${groups.map(({ kind, count }) => `${count} ${kind}`).join(', ')}.`,
    ].join(' '),
  info(result) {
    const score = mainScore(result);
    const random = seededRandom(`distribution/${result.experiment.id}`);
    const groups = (['symmetric', 'asymmetric', 'unmixed'] as const).flatMap((kind) => {
      const scored = result.candidates.flatMap((candidate, index) => {
        const value = candidate.symmetry === kind ? score.read(candidate)?.value : undefined;
        return value === undefined ? [] : [{ index, value: value * score.scale }];
      });
      if (scored.length < fewest) return [];
      const { at, ...found } = distributionOf(
        scored.map(({ value }) => value),
        random.fork(kind),
      );
      const isGrid = scored.length > mostSteps;
      const firstWith = (value: number): number => scored.find((each) => each.value === value)?.index ?? 0;
      return [{ kind, ...found, at: at.map(digits), ...(!isGrid && { candidates: at.map(firstWith) }) }];
    });
    return groups.length > 0 ? { score: scoreDisplay(score, result), groups } : undefined;
  },
  chart: ({ score, groups }) => ({
    title: `Empirical distribution functions of ${score.label}`,
    x: scoreAxis(score),
    y: { title: 'Share of layouts', scale: 'linear', least: 0, most: 1 },
    marks: [
      ...groups.map(({ kind, at, low, high }) => ({
        kind: 'band' as const,
        x: at,
        low,
        high,
        ink: kind,
        step: true,
      })),
      ...groups.map(({ kind, at, share }) => ({
        kind: 'line' as const,
        points: at.map((x, index) => [x, share[index]!] as const),
        ink: kind,
        step: 'after' as const,
        width: 2,
      })),
      ...groups.flatMap(({ kind, at, share, candidates = [] }) =>
        candidates.length === 0
          ? []
          : [
              {
                kind: 'points' as const,
                ink: kind,
                symbol: kind,
                radius: 2.6,
                points: candidates.map((candidate, index) => ({
                  x: at[index]!,
                  y: share[index]!,
                  candidate,
                })),
              },
            ],
      ),
    ],
    legend: groups.map(({ kind }) => ({ label: kind, ink: kind })),
  }),
} satisfies Figure<DistributionInfo>;

function distributionOf(
  values: readonly number[],
  random: Random,
): Omit<DistributionInfo['groups'][number], 'kind'> {
  const sorted = Float64Array.from(values).sort();
  const [low, high] = rangeOf(sorted);
  const at =
    sorted.length <= mostSteps
      ? [...new Set(sorted)]
      : Array.from({ length: mostSteps }, (_, index) => low + ((high - low) * index) / (mostSteps - 1));
  const rounds = Math.max(100, Math.min(resamples, Math.floor(mostDraws / sorted.length)));
  const steps = stepsOf(sorted, at);
  const drawn = Array.from({ length: rounds }, () => drawnShares(steps, at.length, random));
  const bound = (probability: number): number[] =>
    at.map((_, index) =>
      digits(
        quantile(
          drawn.map((shares) => shares[index]!),
          probability,
        ),
      ),
    );
  return {
    count: sorted.length,
    at,
    share: sharesAt(sorted, at).map(digits),
    low: bound(0.025),
    high: bound(0.975),
  };
}

/** Of each value the position of the first score in `at` that it does not exceed. */
function stepsOf(sorted: Float64Array, at: readonly number[]): Uint32Array {
  let step = 0;
  return Uint32Array.from(sorted, (value) => {
    while (step < at.length && at[step]! < value) step++;
    return step;
  });
}

/** The shares of one resample. Its values are counted by their steps, since only the counts are asked for. */
function drawnShares(steps: Uint32Array, length: number, random: Random): number[] {
  const counts = new Uint32Array(length + 1);
  for (let draw = 0; draw < steps.length; draw++)
    counts[steps[Math.floor(random.next() * steps.length)]!]! += 1;
  let below = 0;
  return Array.from({ length }, (_, step) => {
    below += counts[step]!;
    return below / steps.length;
  });
}

/** @param sorted ascending @param at ascending */
function sharesAt(sorted: Float64Array, at: readonly number[]): number[] {
  let below = 0;
  return at.map((value) => {
    while (below < sorted.length && sorted[below]! <= value) below++;
    return below / sorted.length;
  });
}
