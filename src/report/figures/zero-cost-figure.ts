/** Rank correlation of each zero-cost score with the ranking after training. */
import { inSentence } from '../../analysis/objectives/objectives.js';
import { mainScore } from '../../analysis/objectives/result-score.js';
import { rankZeroCostScores } from '../../analysis/ranking/zero-cost-ranks.js';
import { seededRandom } from '../../util/random.js';
import type { Figure } from './figure.js';
import { type ScoreDisplay, scoreDisplay } from './score-display.js';

export interface ZeroCostInfo {
  readonly score: ScoreDisplay;
  readonly rows: readonly {
    readonly measure: string;
    readonly tau: number;
    readonly low: number;
    readonly high: number;
    readonly rho: number;
    readonly networks: number;
    readonly seconds: number;
  }[];
}

const round = (value: number): number => Number(value.toPrecision(4));

export const zeroCostFigure = {
  name: 'zeroCost',
  title: () => 'Zero-cost scores',
  caption: ({ score }) =>
    [
      `Kendall’s tau between each zero-cost score and the ranking by ${inSentence(score)} after`,
      `training, the ${score.better === 'higher' ? 'highest' : 'lowest'} first, ` +
        'with 95 % intervals over architectures.',
      'An interval that contains zero does not rule out chance.',
    ].join(' '),
  info(result) {
    const score = mainScore(result);
    const rows = rankZeroCostScores(result.candidates, score, seededRandom('zero-cost')).map(
      ({ measure, tau, rho, seconds }) => ({
        measure,
        tau: round(tau.value),
        low: round(tau.low),
        high: round(tau.high),
        rho: round(rho.value),
        networks: tau.samples,
        seconds: round(seconds),
      }),
    );
    return rows.length > 0 ? { score: scoreDisplay(score, result), rows } : undefined;
  },
  chart: ({ rows }) => ({
    title: 'Rank correlation of zero-cost scores',
    x: { title: 'Kendall’s tau', scale: 'linear', include: [0], most: 1 },
    y: { title: '', scale: 'categories', categories: rows.map(({ measure }) => measure) },
    aspect: 0.16 + 0.06 * rows.length,
    marks: [
      {
        kind: 'line',
        points: [
          [0, -0.5],
          [0, rows.length - 0.5],
        ],
        ink: 'muted',
        width: 1,
      },
      {
        kind: 'points',
        ink: 'text',
        intervals: 'x',
        radius: 4.5,
        points: rows.map(({ tau, low, high, measure }, y) => ({ x: tau, y, low, high, label: measure })),
      },
    ],
  }),
} satisfies Figure<ZeroCostInfo>;
