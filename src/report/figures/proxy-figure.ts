/** The score against the zero-cost score that ranks the networks best. */
import { mainScore } from '../../analysis/objectives/result-score.js';
import { rankZeroCostScores } from '../../analysis/ranking/zero-cost-ranks.js';
import { seededRandom } from '../../util/random.js';
import type { Figure } from './figure.js';
import { type KindPoint, kindChart, kindPoints } from './kind-points.js';
import { digits } from './score-axis.js';
import { type ScoreDisplay, scoreDisplay } from './score-display.js';
import { mostPoints, someOf, someText } from './some-lines.js';

export interface ProxyInfo {
  readonly score: ScoreDisplay;
  readonly measure: string;
  readonly tau: number;
  readonly points: readonly KindPoint[];
  readonly of: number;
}

export const proxyFigure = {
  name: 'proxy',
  title: ({ score }) => `${score.label} against a zero-cost score`,
  caption: ({ measure, tau, points, of }) =>
    [
      `${measure}, the zero-cost score with the largest rank correlation here (tau ${tau.toFixed(2)}),`,
      'computed before any training. It was chosen on these networks, so its tau is too good for others.',
      ...someText('layouts', points.length, of),
    ].join(' '),
  info(result) {
    const score = mainScore(result);
    const ranks = rankZeroCostScores(result.candidates, score, seededRandom('zero-cost'));
    const best = [...ranks].sort((a, b) => Math.abs(b.tau.value) - Math.abs(a.tau.value))[0];
    if (!best) return undefined;
    const all = kindPoints(
      result,
      score,
      ({ zeroCost }) => zeroCost?.find(({ measure }) => measure === best.measure)?.value,
    ).map(({ low: _low, high: _high, ...point }): KindPoint => point); // without bars
    return {
      score: scoreDisplay(score, result),
      measure: best.measure,
      tau: digits(best.tau.value),
      points: someOf(all, mostPoints),
      of: all.length,
    };
  },
  chart: ({ score, points, measure }) => kindChart(score, points, { title: measure, scale: 'linear' }),
} satisfies Figure<ProxyInfo>;
