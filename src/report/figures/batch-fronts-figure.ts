/** The front of the score against throughput at every batch size, with the intervals of its points. */
import { batchesOf, objective } from '../../analysis/objectives/objectives.js';
import { mainScore } from '../../analysis/objectives/result-score.js';
import { frontOf } from '../../analysis/pareto/pareto-front.js';
import type { Figure } from './figure.js';
import { digits, scoreAxis } from './score-axis.js';
import { type ScoreDisplay, scoreDisplay } from './score-display.js';

export interface BatchFrontsInfo {
  readonly score: ScoreDisplay;
  readonly device: string;
  readonly fronts: readonly {
    readonly batch: number;
    /** By rising throughput. */
    readonly points: readonly {
      readonly candidate: number;
      readonly layout: string;
      readonly imagesPerSecond: number;
      /** The score as displayed. */
      readonly score: number;
      readonly low?: number;
      readonly high?: number;
      /** In a tie with a neighbour of the front or a point behind it. */
      readonly tied: boolean;
    }[];
  }[];
}

const inks = ['accent', 'asymmetric', 'symmetric', 'unmixed', 'text', 'muted'] as const;

export const batchFrontsFigure = {
  name: 'batchFronts',
  title: () => 'Fronts by batch size',
  caption: ({ device, score }) =>
    [
      `Pareto fronts of ${score.short} against images per second on ${device}, one per batch size.`,
      'Bars are 95 % intervals of the score; where they are missing, the scatter is unknown.',
      'Hollow points are tied.',
    ].join(' '),
  info(result) {
    const score = mainScore(result);
    const fronts = batchesOf(result).flatMap((batch) => {
      const rate = objective('images-per-second', batch);
      const { front, ties } = frontOf(result.candidates, rate, score);
      const tied = new Set(ties.flat());
      const points = front.map((candidate) => {
        const each = result.candidates[candidate]!;
        const [x, y] = [rate.read(each)!, score.read(each)!];
        const shown = (value: number): number => digits(value * score.scale);
        return {
          candidate,
          layout: each.layout,
          imagesPerSecond: digits(x.value),
          score: shown(y.value),
          ...(!y.unknown && { low: shown(y.low), high: shown(y.high) }),
          tied: tied.has(candidate),
        };
      });
      return points.length > 0 ? [{ batch, points }] : [];
    });
    if (fronts.length < 2) return undefined;
    return { score: scoreDisplay(score, result), device: result.device.key.device, fronts };
  },
  chart: ({ score, fronts }) => ({
    title: `Fronts of ${score.label} by batch size`,
    x: { title: 'Images per second, measured   (higher is better)', scale: 'log' },
    y: scoreAxis(score),
    marks: fronts.flatMap(({ points }, index) => {
      const ink = inks[index % inks.length]!;
      return [
        {
          kind: 'line' as const,
          points: points.map(({ imagesPerSecond, score: y }) => [imagesPerSecond, y] as const),
          step: 'before' as const, // throughput: higher is better
          ink,
        },
        ...[false, true].map((tied) => ({
          kind: 'points' as const,
          ink,
          hollow: tied,
          points: points
            .filter((point) => point.tied === tied)
            .map(({ candidate, layout, imagesPerSecond: x, score: y, low, high }) => ({
              candidate,
              label: layout,
              x,
              y,
              ...(low !== undefined && high !== undefined && { low, high }),
            })),
        })),
      ];
    }),
    legend: fronts.map(({ batch }, index) => ({ label: `batch ${batch}`, ink: inks[index % inks.length]! })),
  }),
} satisfies Figure<BatchFrontsInfo>;
