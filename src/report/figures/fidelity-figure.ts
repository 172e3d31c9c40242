/** Rank correlation between full and cheaper training, against the cost of one training. */

import { inSentence } from '../../analysis/objectives/objectives.js';
import { mainScore } from '../../analysis/objectives/result-score.js';
import { type FidelityRank, rankFidelities } from '../../analysis/ranking/fidelity-ranks.js';
import type { Figure } from './figure.js';
import { type ScoreDisplay, scoreDisplay } from './score-display.js';

export interface FidelityInfo {
  readonly score: ScoreDisplay;
  readonly points: readonly {
    readonly label: string;
    readonly kind: FidelityRank['kind'];
    readonly seconds: number;
    readonly tau: number;
    readonly low: number;
    readonly high: number;
    readonly networks: number;
  }[];
  readonly fullSeconds: number;
}

const round = (value: number): number => Number(value.toPrecision(4));

export const fidelityFigure = {
  name: 'fidelity',
  title: () => 'Rank correlation of cheaper trainings',
  caption: ({ score }) =>
    [
      `Kendall’s tau between the final ranking by ${inSentence(score)} and the ranking of an earlier`,
      'epoch or a cheaper training, against the measured seconds of one training.',
      '1 is the same order, 0 no correlation.',
      'Bars are 95 % intervals over architectures.',
    ].join(' '),
  info(result) {
    const score = mainScore(result);
    const found = rankFidelities(result.candidates, score);
    return (
      found && {
        score: scoreDisplay(score, result),
        points: found.ranks.map(({ label, kind, seconds, tau }) => ({
          label,
          kind,
          seconds: round(seconds),
          tau: round(tau.value),
          low: round(tau.low),
          high: round(tau.high),
          networks: tau.samples,
        })),
        fullSeconds: round(found.fullSeconds),
      }
    );
  },
} satisfies Figure<FidelityInfo>;
