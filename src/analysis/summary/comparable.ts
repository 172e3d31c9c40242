/**
 * What may be compared in a result, and how small a difference it tells: scores, times and kinds of
 * layouts, one statement each. Pages and screens show them before any conclusion.
 */

import type { ExperimentResult } from '../../store/experiment-result.js';
import { rangeOf } from '../../util/statistics/range-of.js';
import { poolSeedNoise, type SeedNoise } from '../../util/statistics/seed-noise.js';
import { studentQuantile } from '../../util/statistics/student.js';
import { significantText } from '../number-text.js';
import type { Score } from '../objectives/result-score.js';
import { biasText, percent, resolutionText } from './resolution-text.js';
import { fewestOfAKind, type SymmetryComparison } from './symmetry-comparison.js';

/** Seed scatter of the score, pooled over the networks that have two seeds; undefined where none has. */
export const seedNoiseOf = (
  { candidates }: Pick<ExperimentResult, 'candidates'>,
  score: Pick<Score, 'ofSeed'>,
): SeedNoise | undefined =>
  poolSeedNoise(candidates.map(({ scores }) => scores.flatMap((each) => score.ofSeed(each) ?? [])));

/**
 * Difference of two networks' scores below which seeds alone explain it at 95 %, as stored.
 * @param seeds of each network
 */
export const scoreResolution = ({ variance, freedom }: SeedNoise, seeds: number): number =>
  studentQuantile(0.975, freedom) * Math.sqrt((2 * variance) / seeds);

/** `3.1 points of top-1`, `0.12 of loss`. */
export const scoreStepText = ({ scale, unit, short }: Score, difference: number): string =>
  [
    significantText(Number((difference * scale).toPrecision(2))),
    ...(unit === '%' ? ['points'] : []),
    'of',
    short,
  ].join(' ');

/** One or more statements, each a sentence; empty without any result. */
export function comparable(result: ExperimentResult, score: Score, groups: SymmetryComparison): string[] {
  return [
    scoresText(result, score),
    timesText(result),
    result.ablation ? undefined : kindsText(groups),
  ].flatMap((each) => each ?? []);
}

function scoresText(result: ExperimentResult, score: Score): string | undefined {
  const scored = result.candidates.filter((candidate) => score.read(candidate));
  if (scored.length === 0) return undefined;
  const counts = scored.map(({ scores }) => scores.length);
  const [fewest, most] = rangeOf(counts);
  const range = fewest === most ? String(most) : `${fewest} to ${most}`;
  const networks = scored.length === 1 ? 'one network' : `${scored.length} networks`;
  const what = `Scores of ${networks}, ${range} ${most === 1 ? 'seed' : 'seeds'} each`;
  const noise = seedNoiseOf(result, score);
  if (!noise || noise.variance === 0)
    return `${what}: the scatter between seeds is unknown, so no two networks may be compared.`;
  const step = scoreStepText(score, scoreResolution(noise, fewest));
  return `${what}: two networks are not told apart under ${step}.`;
}

function timesText(result: ExperimentResult): string | undefined {
  const measured = result.candidates.some(({ profiles }) => profiles.some(({ stepMs }) => stepMs));
  if (!measured) return undefined;
  const bias = biasText(result);
  const resolution = resolutionText(result);
  if (bias) return `${bias[0]!.toUpperCase()}${bias.slice(1)}.`;
  return resolution
    ? `${resolution[0]!.toUpperCase()}${resolution.slice(1)}.`
    : 'Times: the resolution is unknown, since two networks must share two launches.';
}

function kindsText({ symmetric, asymmetric, unmixed }: SymmetryComparison): string | undefined {
  const [s, a] = [symmetric?.count ?? 0, asymmetric?.count ?? 0];
  if (s + a + unmixed === 0) return undefined;
  const left = unmixed === 0 ? '' : `; ${unmixed} unmixed ${unmixed === 1 ? 'is' : 'are'} left out`;
  const few = Math.min(s, a) < fewestOfAKind;
  const limit = few ? `, too few to compare, which takes ${fewestOfAKind} of each` : '';
  return `Kinds: ${s} symmetric and ${a} asymmetric layouts${limit}${left}.`;
}

/**
 * The resolutions in a few words, for a line of a screen or a figure; undefined where none is known.
 * @example 'resolution: time 1.9 % @16 (same within 1.0 %); 3.1 points of top-1'
 */
export function resolutionNote(result: ExperimentResult, score: Score): string | undefined {
  const times = result.resolutions.map(
    ({ batch, relative, anchors }) => `${percent(relative)}${anchors?.biased ? ' (biased)' : ''} @${batch}`,
  );
  const noise = seedNoiseOf(result, score);
  const counts = result.candidates.flatMap((each) => (score.read(each) ? [each.scores.length] : []));
  const step =
    noise && noise.variance > 0 && counts.length > 0
      ? [scoreStepText(score, scoreResolution(noise, rangeOf(counts)[0]))]
      : [];
  const parts = [
    ...(times.length > 0 ? [`time ${times.join(', ')} (same within ${percent(result.relevance)})`] : []),
    ...step,
  ];
  return parts.length > 0 ? `resolution: ${parts.join('; ')}` : undefined;
}
