/** Symmetric against asymmetric layouts: scores, means, and the difference overall and at matched MACs. */

import { mainScore } from '../../analysis/objectives/result-score.js';
import { type Difference, symmetryOf } from '../../analysis/summary/symmetry-comparison.js';
import type { Figure } from './figure.js';
import { scoreAxis } from './score-axis.js';
import { type ScoreDisplay, scoreDisplay } from './score-display.js';

export interface GroupsInfo {
  readonly score: ScoreDisplay;
  readonly groups: readonly {
    readonly kind: 'symmetric' | 'asymmetric';
    readonly count: number;
    readonly mean: number;
    readonly low?: number;
    readonly high?: number;
  }[];
  readonly differences: readonly {
    readonly label: string;
    readonly verdict: Difference['verdict'];
    readonly value?: number;
    readonly low?: number;
    readonly high?: number;
  }[];
}

export const groupsFigure = {
  name: 'groups',
  title: () => 'Symmetric against asymmetric layouts',
  caption: ({ score }) =>
    [
      'Each mark is one architecture;',
      `${score.better} is better.`,
      'Means carry 95 % Student t intervals over architectures;',
      'differences (asymmetric minus symmetric) carry 95 % bootstrap intervals, expanded for small samples.',
      'A difference whose interval contains zero is not significant.',
    ].join(' '),
  info(result) {
    const score = mainScore(result);
    const { symmetric, asymmetric, overall, matched } = symmetryOf(result);
    if (!symmetric || !asymmetric) return undefined;
    const group = (kind: 'symmetric' | 'asymmetric', { count, mean, interval }: typeof symmetric) => ({
      kind,
      count,
      mean,
      ...(interval ? { low: interval.low, high: interval.high } : {}),
    });
    const difference = (label: string, { verdict, interval }: Difference) => ({
      label,
      verdict,
      ...(interval ? { value: interval.value, low: interval.low, high: interval.high } : {}),
    });
    return {
      score: scoreDisplay(score, result),
      groups: [group('symmetric', symmetric), group('asymmetric', asymmetric)],
      differences: [
        difference('All layouts', overall),
        difference(
          [
            `Matched MACs: ${matched.pairs.length} ${matched.pairs.length === 1 ? 'pair' : 'pairs'}`,
            `within ${Math.round(matched.within * 100)} %`,
          ].join(' '),
          matched,
        ),
      ],
    };
  },
  chart: ({ score, groups }) => ({
    title: 'Mean scores of symmetric and asymmetric layouts',
    x: scoreAxis(score),
    y: { title: '', scale: 'categories', categories: groups.map(({ kind, count }) => `${kind} (${count})`) },
    aspect: 0.3,
    marks: groups.map(({ kind, mean, low, high }, y) => ({
      kind: 'points',
      ink: kind,
      symbol: kind,
      radius: 6,
      intervals: 'x',
      points: [
        {
          x: mean * score.scale,
          y,
          ...(low !== undefined &&
            high !== undefined && { low: low * score.scale, high: high * score.scale }),
        },
      ],
    })),
  }),
} satisfies Figure<GroupsInfo>;
