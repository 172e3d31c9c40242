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
  chart: ({ points }) => ({
    title: 'Rank correlation of cheaper trainings',
    x: { title: 'Seconds of one training (logarithmic)', scale: 'log' },
    y: { title: 'Kendall’s tau', scale: 'linear', include: [0], most: 1.05 },
    marks: [
      {
        kind: 'line',
        ink: 'muted',
        points: points.flatMap(({ kind, seconds, tau }) =>
          kind === 'epochs' ? [[seconds, tau] as const] : [],
        ),
      },
      ...(['epochs', 'trained'] as const).map((kind) => ({
        kind: 'points' as const,
        ink: kind === 'epochs' ? ('text' as const) : ('asymmetric' as const),
        symbol: kind === 'epochs' ? ('symmetric' as const) : ('asymmetric' as const),
        radius: 4.5,
        points: points
          .filter((point) => point.kind === kind)
          .map(({ label, seconds, tau, low, high }) => ({ x: seconds, y: tau, low, high, label })),
      })),
    ],
    legend: [
      { label: 'full training cut off', ink: 'text', symbol: 'symmetric' },
      { label: 'cheaper training', ink: 'asymmetric', symbol: 'asymmetric' },
    ],
  }),
} satisfies Figure<FidelityInfo>;
