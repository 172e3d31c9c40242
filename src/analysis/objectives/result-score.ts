/**
 * The score that ranks the networks of a result, read of a network, of one seed and of one epoch. Top-1 for
 * classification, mean IoU for segmentation (whose top-1 is per pixel), the loss for denoising.
 */

import type { Task } from '../../network/task.js';
import type { CandidateResult, ExperimentResult } from '../../store/experiment-result.js';
import type { EpochRow } from '../../train/train-result.js';
import type { Interval } from '../../util/statistics/interval.js';
import { signedIntervalText } from '../number-text.js';
import { type Objective, objective, type ScoreName, scoreNames } from './objectives.js';

/** Scores of one training. */
export type SeedScores = Pick<CandidateResult['scores'][number], 'top1' | 'miou' | 'loss'>;
type EpochScores = Pick<EpochRow, 'validationTop1' | 'validationMiou' | 'validationLoss'>;

export interface Score extends Objective {
  readonly name: ScoreName;
  /** As stored, a fraction or a loss; undefined where the task has none. */
  ofSeed(scores: SeedScores): number | undefined;
  ofEpoch(row: EpochScores): number | undefined;
  /** The value with its sign set so that higher is better. */
  merit(value: number): number;
  /** One training's, without interval: `61.3 %`, `0.412`. */
  valueText(value: number): string;
  /** A difference of two: `+1.9 [+0.4, +3.3] points of top-1`. */
  differenceText(difference: Interval): string;
}

const finite = (value: number | undefined): number | undefined =>
  Number.isFinite(value) ? value : undefined;

const readings = {
  'top-1': { ofSeed: ({ top1 }) => finite(top1), ofEpoch: ({ validationTop1 }) => finite(validationTop1) },
  miou: { ofSeed: ({ miou }) => finite(miou), ofEpoch: ({ validationMiou }) => finite(validationMiou) },
  loss: { ofSeed: ({ loss }) => finite(loss), ofEpoch: ({ validationLoss }) => finite(validationLoss) },
} satisfies Record<ScoreName, Pick<Score, 'ofSeed' | 'ofEpoch'>>;

/** @example score('loss').better // 'lower' */
export function score(name: ScoreName): Score {
  const base = objective(name);
  const unit = base.unit === '%' ? 'points of ' : '';
  return {
    ...base,
    name,
    ...readings[name],
    merit: (value) => (base.better === 'higher' ? value : -value),
    valueText: (value) => base.text({ value, low: value, high: value }),
    differenceText: (difference) =>
      `${signedIntervalText(difference, base.scale)} ${unit || 'of '}${base.short}`,
  };
}

/** Scores of each task; the first is the default. */
export const taskScores = {
  classification: ['top-1', 'loss'],
  dense: ['miou', 'top-1', 'loss'],
  denoising: ['loss'],
} as const satisfies Record<Task, readonly [ScoreName, ...ScoreName[]]>;

const isScore = (text: string): text is ScoreName => scoreNames.includes(text);

/**
 * The default score of finished trainings: mean IoU where all have it, else top-1 where any has it, else
 * loss.
 */
function defaultScore(trainings: readonly SeedScores[]): Score {
  const has = (name: ScoreName) => (each: SeedScores) => readings[name].ofSeed(each) !== undefined;
  if (trainings.length === 0) return score('top-1');
  if (trainings.every(has('miou'))) return score('miou');
  return score(trainings.some(has('top-1')) ? 'top-1' : 'loss');
}

/** The first score among the objectives that a training has; else the default of what the task measured. */
export function scoreAmong(objectives: readonly string[], trainings: readonly SeedScores[]): Score {
  const named = objectives.find(isScore);
  const holds =
    named !== undefined &&
    (trainings.length === 0 || trainings.some((each) => readings[named].ofSeed(each) !== undefined));
  return holds ? score(named) : defaultScore(trainings);
}

/** By the objectives of the experiment: figures and tables ask for the same. */
const known = new WeakMap<readonly CandidateResult[], Map<string, Score>>();

/** The score that ranks the networks of this result. */
export function mainScore({
  experiment: { objectives },
  candidates,
}: Pick<ExperimentResult, 'experiment' | 'candidates'>): Score {
  const ofList = known.get(candidates) ?? new Map<string, Score>();
  known.set(candidates, ofList);
  const key = objectives.join();
  const found =
    ofList.get(key) ??
    scoreAmong(
      objectives,
      candidates.flatMap(({ scores }) => scores),
    );
  ofList.set(key, found);
  return found;
}

/** The scores of an epoch in the form of a training's scores. */
export const scoresAt = ({ validationTop1, validationMiou, validationLoss }: EpochScores): SeedScores => ({
  ...(validationTop1 === undefined ? {} : { top1: validationTop1 }),
  ...(Number.isFinite(validationLoss) ? { loss: validationLoss } : {}),
  ...(validationMiou === undefined ? {} : { miou: validationMiou }),
});
