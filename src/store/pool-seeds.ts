/**
 * Means over seeds with intervals that hold the seeds' scatter, which all networks of an experiment tell
 * together.
 */
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
    const bare = withoutMeans(candidate);
    if (candidate.stopped?.length) return bare;
    const means = scoreNames.flatMap((name) => {
      const values = scoresOf(candidate, name);
      if (values.length === 0) return [];
      const pooled = seedMean(values, noises.get(name), name === 'top1' ? images : undefined);
      return [[name, clampedInterval(pooled, name === 'loss' ? Infinity : 1)] as const];
    });
    return { ...bare, ...Object.fromEntries(means) };
  });
}

/** The candidate itself where it has no means: a rest of this many properties would be a hash table. */
function withoutMeans(candidate: CandidateResult): CandidateResult {
  if (!scoreNames.some((name) => name in candidate)) return candidate;
  const { top1: _top1, miou: _miou, loss: _loss, ...rest } = candidate;
  return rest;
}
