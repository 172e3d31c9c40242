/**
 * Agreement of cheaper trainings with the ranking of the full one, and their cost: after each epoch of the
 * full trainings, and at every cheaper fidelity that was trained. Kendall's tau-b with a 95 % interval over
 * architectures.
 */

import { mean } from 'simple-statistics';
import type { CandidateResult } from '../../store/experiment-result.js';
import { fidelityText } from '../../train/recipe/training-fidelity.js';
import type { Estimate } from '../../util/statistics/interval.js';
import { tauInterval } from '../../util/statistics/kendall.js';
import type { Score, SeedScores } from '../objectives/result-score.js';

export interface FidelityRank {
  readonly label: string;
  /** `epochs`: the full trainings, cut off here; `trained`: trainings of their own. */
  readonly kind: 'epochs' | 'trained';
  /** Of one network and seed, mean; training and scoring. */
  readonly seconds: number;
  /** With the full training's ranking; `samples` architectures have both. */
  readonly tau: Estimate;
}

export interface FidelityRanks {
  readonly ranks: readonly FidelityRank[];
  /** Of one full training. */
  readonly fullSeconds: number;
}

/** Fewest architectures for a rank correlation. */
export const fewestRanked = 5;

interface Cheap {
  readonly score: number | undefined;
  readonly seconds: number;
}

/** Undefined where one of them is missing. */
const meanOf = (values: readonly (number | undefined)[]): number | undefined =>
  values.length > 0 && values.every((value) => value !== undefined)
    ? mean([...values] as number[])
    : undefined;

/** Undefined with fewer than five finished architectures, or where nothing cheaper was seen. */
export function rankFidelities(
  candidates: readonly CandidateResult[],
  score: Score,
): FidelityRanks | undefined {
  const ofSeeds = (trainings: readonly SeedScores[]): number | undefined =>
    meanOf(trainings.map((each) => score.ofSeed(each)));
  const final = new Map(
    candidates.flatMap(({ architectureId, scores }) => {
      const value = ofSeeds(scores);
      return value === undefined ? [] : [[architectureId, value] as const];
    }),
  );
  const full = candidates.filter(({ architectureId }) => final.has(architectureId));
  if (full.length < fewestRanked) return undefined;
  const ranked = (
    label: string,
    kind: FidelityRank['kind'],
    read: (candidate: CandidateResult) => Cheap | undefined,
  ): FidelityRank[] => {
    const pairs = full.flatMap((candidate) => {
      const cheap = read(candidate);
      return cheap?.score !== undefined
        ? [{ seconds: cheap.seconds, score: cheap.score, final: final.get(candidate.architectureId)! }]
        : [];
    });
    if (pairs.length < fewestRanked) return [];
    return [
      {
        label,
        kind,
        seconds: mean(pairs.map(({ seconds }) => seconds)),
        tau: tauInterval(
          pairs.map((pair) => pair.score),
          pairs.map((pair) => pair.final),
        ),
      },
    ];
  };
  const epochs = full.reduce(
    (most, { scores }) => scores.reduce((longest, { curve }) => Math.max(longest, curve.length), most),
    0,
  );
  const cutOff = Array.from({ length: Math.max(0, epochs - 1) }, (_, index) =>
    ranked(`${index + 1} of ${epochs} epochs`, 'epochs', ({ scores }) => {
      const reached = scores.filter(({ curve }) => curve.length > index);
      if (reached.length < scores.length) return undefined;
      return {
        score: meanOf(reached.map(({ curve }) => score.ofEpoch(curve[index]!))),
        seconds: mean(
          reached.map(({ curve }) => curve.slice(0, index + 1).reduce((sum, row) => sum + row.seconds, 0)),
        ),
      };
    }),
  ).flat();
  const labels = [
    ...new Set(full.flatMap(({ cheap }) => (cheap ?? []).map(({ fidelity }) => fidelityText(fidelity)))),
  ];
  const trained = labels.flatMap((label) =>
    ranked(label, 'trained', ({ cheap }) => {
      const own = (cheap ?? []).filter(({ fidelity }) => fidelityText(fidelity) === label);
      return own.length === 0
        ? undefined
        : { score: ofSeeds(own), seconds: mean(own.map(({ seconds }) => seconds)) };
    }),
  );
  const ranks = [...cutOff, ...trained].sort((a, b) => a.seconds - b.seconds);
  return ranks.length === 0
    ? undefined
    : { ranks, fullSeconds: mean(full.flatMap(({ scores }) => scores.map(({ seconds }) => seconds))) };
}

/** The cheapest whose tau lies above `least` with its whole interval; undefined where none does. */
export const cheapestFidelity = ({ ranks }: FidelityRanks, least: number): FidelityRank | undefined =>
  ranks.find(({ tau }) => tau.low >= least);
