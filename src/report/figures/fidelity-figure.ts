/** How cheaply the full training's ranking can be had: rank correlation against the cost of one training. */

import { inSentence } from '../../analysis/objectives/objectives.js';
import { mainScore } from '../../analysis/objectives/result-score.js';
import { type FidelityRank, rankFidelities } from '../../analysis/ranking/fidelity-ranks.js';
import { seededRandom } from '../../util/random.js';
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
  title: () => 'Which cheaper training ranks alike',
  caption: ({ score }) =>
    `Kendall’s tau between the final ranking by ${inSentence(score)} and an earlier or cheaper one, with 95 % bootstrap intervals over architectures, against what one training costs up to there. 1: the same order; 0: none. Seconds are measured.`,
  info(result) {
    const score = mainScore(result);
    const found = rankFidelities(result.candidates, score, seededRandom('fidelities'));
    return (
      found && {
        score: scoreDisplay(score),
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
