/**
 * Hypervolume of the front over trials: how much of it each further network added, in the order of the plan.
 */
import { inSentence, mainCost } from '../../analysis/objectives/objectives.js';
import { mainScore } from '../../analysis/objectives/result-score.js';
import { type Direction, directedReference, hypervolume, nonDominated } from '../../util/pareto/directed.js';
import type { Figure } from './figure.js';
import { digits } from './score-axis.js';

export interface HypervolumeInfo {
  readonly cost: string;
  readonly score: string;
  /** Networks with both objectives. */
  readonly networks: number;
  /**
   * Where the front grew: number of networks, seconds of their jobs, share of the final hypervolume, and the
   * network that it grew by; the last step is the end.
   */
  readonly steps: readonly (readonly [
    networks: number,
    seconds: number,
    share: number,
    candidate?: number,
  ])[];
}

export const hypervolumeFigure = {
  name: 'hypervolume',
  title: () => 'Hypervolume over trials',
  caption: ({ cost, score, steps }) =>
    [
      `Hypervolume of ${score} against ${cost} after each network, in the order of the plan,`,
      'as a share of the final one.',
      ...(steps.at(-1)![1] > 0
        ? ['The dashed line is the same over the seconds of trainings, from 0 to their sum.']
        : []),
    ].join(' '),
  info(result) {
    const [score, cost] = [mainScore(result), mainCost(result)];
    const better = [cost.better, score.better] as const;
    let seconds = 0;
    const points = result.candidates.flatMap((candidate, position) => {
      seconds += candidate.scores.reduce((sum, each) => sum + each.seconds, 0);
      const [x, y] = [cost.read(candidate)?.value, score.read(candidate)?.value];
      return x === undefined || y === undefined || !Number.isFinite(x) || !Number.isFinite(y)
        ? []
        : [{ at: [x, y] as const, seconds, candidate: position }];
    });
    if (points.length < 2) return undefined;
    const values = points.map(({ at }) => at);
    const reference = directedReference(values, better);
    const total = hypervolume(values, reference, better);
    if (!(total > 0)) return undefined;
    const steps: (readonly [number, number, number, number?])[] = [];
    let front: (readonly [number, number])[] = [];
    const isBelow = dominance(better);
    points.forEach(({ at, seconds: spent, candidate }, index) => {
      if (front.some((point) => isBelow(at, point))) return; // nearly all points of a large result
      const grown = [...front, at];
      const kept = nonDominated(grown, better);
      if (!kept.includes(grown.length - 1)) return;
      front = kept.map((position) => grown[position]!);
      const share = digits(hypervolume(front, reference, better) / total);
      steps.push([index + 1, digits(spent), share, candidate]);
    });
    steps.push([points.length, digits(points.at(-1)!.seconds), 1]);
    return { cost: inSentence(cost), score: inSentence(score), networks: points.length, steps };
  },
  chart({ networks, steps }) {
    const all = steps.at(-1)![1];
    const bySeconds =
      all > 0 ? steps.map(([, seconds, share]) => [(seconds / all) * networks, share] as const) : [];
    const isLong = networks > 200;
    return {
      title: 'Hypervolume over trials',
      x: {
        title: isLong ? 'Networks (logarithmic)' : 'Networks',
        scale: isLong ? 'log' : 'linear',
        most: networks,
      },
      y: { title: 'Share of the final hypervolume', scale: 'linear', least: 0, most: 1.02 },
      marks: [
        {
          kind: 'line',
          points: bySeconds.filter(([x]) => !isLong || x >= 1),
          ink: 'muted',
          step: 'after',
          dashed: true,
        },
        {
          kind: 'line',
          points: steps.map(([at, , share]) => [at, share] as const),
          ink: 'accent',
          step: 'after',
          width: 2,
        },
        {
          kind: 'points',
          ink: 'accent',
          radius: 3,
          points: steps.flatMap(([at, , share, candidate]) =>
            candidate === undefined ? [] : [{ x: at, y: share, candidate }],
          ),
        },
      ],
      legend: [
        { label: 'over networks', ink: 'accent' },
        ...(bySeconds.length > 0
          ? [{ label: 'over seconds, scaled to the networks', ink: 'muted', dashed: true } as const]
          : []),
      ],
    };
  },
} satisfies Figure<HypervolumeInfo>;

/** Whether the first point is worse than the second in both objectives. */
function dominance(
  better: readonly [cost: Direction, score: Direction],
): (point: readonly [number, number], other: readonly [number, number]) => boolean {
  const [x, y] = better.map((direction) => (direction === 'higher' ? 1 : -1)) as [number, number];
  return (point, other) => x * (other[0] - point[0]) > 0 && y * (other[1] - point[1]) > 0;
}
