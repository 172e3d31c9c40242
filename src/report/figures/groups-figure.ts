/** Symmetric against asymmetric layouts: scores, means, and the difference overall and at matched MACs. */

import { objective } from '../../analysis/objectives/objectives.js';
import { mainScore } from '../../analysis/objectives/result-score.js';
import { compareSymmetry, type Difference } from '../../analysis/summary/symmetry-comparison.js';
import { seededRandom } from '../../util/random.js';
import type { Figure } from './figure.js';
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
    const { symmetric, asymmetric, overall, matched } = compareSymmetry(
      result.candidates,
      score,
      objective('macs'),
      seededRandom(`groups/${result.experiment.id}`),
    );
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
} satisfies Figure<GroupsInfo>;
