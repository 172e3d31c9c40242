/**
 * Chance level of a score: what a network reaches that ignores its input. Networks at chance tell nothing
 * about their layouts, whatever their order.
 */
import type { CandidateResult, ExperimentResult } from '../../store/experiment-result.js';
import { studentQuantile } from '../../util/statistics/student.js';
import { wilsonInterval } from '../../util/statistics/wilson.js';
import type { Score } from '../objectives/result-score.js';

export interface Chance {
  /** As stored: a fraction of images, or a loss in nats. */
  readonly level: number;
  readonly classes: number;
  /** Networks with a score, and those of them that are not better than chance at 95 %. */
  readonly scored: number;
  readonly atChance: number;
}

/** A loss this much below that of equal probabilities counts as learnt, where no interval is known. */
const fewestLossGain = 0.01;

/**
 * Of top-1, 1 / classes, with balanced classes; of the loss of a classification, ln classes: the
 * cross-entropy of equal probabilities. Undefined for other scores and tasks, which have no such level.
 */
export function chanceLevel(
  score: Pick<Score, 'name'>,
  candidate: Pick<CandidateResult, 'architecture' | 'scores'> | undefined,
): number | undefined {
  const classes = candidate?.architecture.classes ?? 0;
  const isClassification = candidate?.scores.every(({ miou }) => miou === undefined);
  if (classes < 2 || !isClassification) return undefined;
  if (score.name === 'top-1') return 1 / classes;
  const hasTop1 = candidate?.scores.some(({ top1 }) => top1 !== undefined);
  return score.name === 'loss' && hasTop1 ? Math.log(classes) : undefined;
}

/** Undefined where nothing is scored, or the score has no chance level. */
export function chanceOf(
  result: Pick<ExperimentResult, 'candidates' | 'splits'>,
  score: Score,
): Chance | undefined {
  const scored = result.candidates.filter((candidate) => score.read(candidate));
  const [first] = scored;
  const level = chanceLevel(score, first);
  if (!first || level === undefined) return undefined;
  const images = result.splits?.find(({ split }) => split === 'validation')?.count;
  const atChance = scored.filter((candidate) =>
    isAtChance(score, score.read(candidate)!, level, scored.length, images),
  ).length;
  return { level, classes: first.architecture.classes, scored: scored.length, atChance };
}

/**
 * Whether the network's interval holds the level or lies on its worse side. The best of many networks at
 * chance exceeds it by luck: the interval of the images alone is widened for their number (Bonferroni).
 */
function isAtChance(
  score: Score,
  at: NonNullable<ReturnType<Score['read']>>,
  level: number,
  networks: number,
  images: number | undefined,
): boolean {
  if (score.better === 'lower') {
    const high = at.unknown ? at.value * (1 + fewestLossGain) : at.high;
    return high >= level;
  }
  if (!at.unknown && at.low <= level) return true;
  if (images === undefined) return at.value <= level;
  const factor = studentQuantile(1 - 0.025 / networks, 1e6);
  return wilsonInterval(at.value, images, factor).low <= level;
}

/** `10 %`, or `2.30` nats. */
export const chanceText = (score: Score, { level, classes }: Pick<Chance, 'level' | 'classes'>): string =>
  `${score.valueText(level)} with ${classes} classes`;

/**
 * A sentence where networks are at chance; undefined where all are better.
 * @example 'All 8 networks are at chance (10 % with 10 classes): train longer.'
 */
export function chanceSentence(score: Score, chance: Chance | undefined): string | undefined {
  if (!chance || chance.atChance === 0) return undefined;
  const { atChance, scored } = chance;
  const level = chanceText(score, chance);
  if (atChance < scored)
    return (
      `${atChance} of ${scored} networks ${atChance === 1 ? 'is' : 'are'} at chance (${level}): ` +
      'their order says nothing.'
    );
  return scored === 1
    ? `The network is at chance (${level}): train longer.`
    : `All ${scored} networks are at chance (${level}): train longer.`;
}
