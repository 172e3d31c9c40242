/** The score against the asymmetry score of each layout. */
import { mainScore } from '../../analysis/objectives/result-score.js';
import { asymmetryScore } from '../../architecture/layout.js';
import type { Figure } from './figure.js';
import { type KindPoint, kindChart } from './kind-points.js';
import { digits } from './score-axis.js';
import { type ScoreDisplay, scoreDisplay } from './score-display.js';
import { mostPoints, someOf, someText } from './some-lines.js';

export interface AsymmetryInfo {
  readonly score: ScoreDisplay;
  readonly points: readonly KindPoint[];
  /** Number of layouts; `points` are some of them. */
  readonly of: number;
}

export const asymmetryFigure = {
  name: 'asymmetry',
  title: ({ score }) => `${score.label} against asymmetry`,
  caption: ({ points, of }) =>
    [
      'Asymmetry score: the mean of |C − T| / (C + T) over the stages that mix both;',
      '0 is symmetric or unmixed.',
      'Bars are 95 % intervals; where they are missing, the scatter is unknown.',
      ...someText('layouts', points.length, of),
    ].join(' '),
  info(result) {
    const score = mainScore(result);
    const all = result.candidates.flatMap((each, candidate): KindPoint[] => {
      const at = score.read(each);
      const x = asymmetryScore(each.layout);
      if (!at || x === undefined) return [];
      const [y, low, high] = [at.value, at.low, at.high].map((value) => digits(value * score.scale));
      return [
        {
          candidate,
          kind: each.symmetry,
          layout: each.layout,
          x: digits(x),
          y: y!,
          ...(!at.unknown && { low: low!, high: high! }),
        },
      ];
    });
    if (all.length === 0) return undefined;
    return { score: scoreDisplay(score, result), points: someOf(all, mostPoints), of: all.length };
  },
  chart: ({ score, points }) =>
    kindChart(score, points, {
      title: 'Asymmetry score of the layout',
      scale: 'linear',
      least: -0.04,
      most: 1.04,
    }),
} satisfies Figure<AsymmetryInfo>;
