/** The score against the share of transformer blocks of each layout. */
import { mainScore } from '../../analysis/objectives/result-score.js';
import type { Figure } from './figure.js';
import { type KindPoint, kindChart } from './kind-points.js';
import { digits } from './score-axis.js';
import { type ScoreDisplay, scoreDisplay } from './score-display.js';
import { mostPoints, someOf, someText } from './some-lines.js';
import { transformerShare } from './transformer-share.js';

export interface TransformerShareInfo {
  readonly score: ScoreDisplay;
  readonly points: readonly KindPoint[];
  /** Number of layouts; `points` are some of them. */
  readonly of: number;
}

export const transformerShareFigure = {
  name: 'transformerShare',
  title: ({ score }) => `${score.label} against the share of transformer blocks`,
  caption: ({ points, of }) =>
    [
      'Share of T among the C and T blocks of each layout, counted over all stages.',
      'Bars are 95 % intervals; where they are missing, the scatter is unknown.',
      ...someText('layouts', points.length, of),
    ].join(' '),
  info(result) {
    const score = mainScore(result);
    const all = result.candidates.flatMap((each, candidate): KindPoint[] => {
      const at = score.read(each);
      const x = transformerShare(each.layout);
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
      title: 'Share of T among C and T blocks',
      scale: 'linear',
      least: -0.04,
      most: 1.04,
    }),
} satisfies Figure<TransformerShareInfo>;
