/**
 * Means over seeds with intervals that hold the seeds' scatter, which all networks of an experiment tell
 * together.
 */
import type { Mutable } from '../util/mutable.js';
import { clampedInterval } from '../util/statistics/interval.js';
import { poolSeedNoise, type SeedNoise, seedMean } from '../util/statistics/seed-noise.js';
import type { CandidateResult } from './experiment-result.js';

const scoreNames = ['top1', 'miou', 'loss'] as const;
type SeedScore = (typeof scoreNames)[number];

/** One score of each seed; none where a seed lacks it. */
function scoresOf({ scores }: CandidateResult, name: SeedScore): number[] {
  const values = scores.flatMap((each) => each[name] ?? []).filter(Number.isFinite);
  return values.length === scores.length ? values : [];
}

/** Seed scatter of one score over all candidates. */
export const seedNoiseOf = (candidates: readonly CandidateResult[], name: SeedScore): SeedNoise | undefined =>
  poolSeedNoise(candidates.map((candidate) => scoresOf(candidate, name)));

/**
 * The candidates with `top1`, `miou` and `loss` over their seeds. A candidate of which early stopping ended a
 * seed gets none: a mean over the seeds that were kept would be too good.
 * @param images of the validation split, for the binomial part of top-1
 */
export function withSeedMeans(candidates: readonly CandidateResult[], images: number): CandidateResult[] {
  const noises = new Map(scoreNames.map((name) => [name, seedNoiseOf(candidates, name)]));
  return candidates.map((candidate) => {
    const found: Mutable<CandidateResult> = withoutMeans(candidate);
    if (candidate.stopped?.length) return found;
    for (const name of scoreNames) {
      const values = scoresOf(candidate, name);
      if (values.length === 0) continue;
      const pooled = seedMean(values, noises.get(name), name === 'top1' ? images : undefined);
      found[name] = clampedInterval(pooled, name === 'loss' ? Infinity : 1);
    }
    return found;
  });
}

/**
 * A copy. A rest of this many properties would be a hash table, several times larger; a spread to which
 * properties are added gives each object a hidden class of its own.
 */
function withoutMeans(candidate: CandidateResult): CandidateResult {
  if (!scoreNames.some((name) => name in candidate)) return Object.assign({}, candidate);
  const { top1: _top1, miou: _miou, loss: _loss, ...rest } = candidate;
  return rest;
}
