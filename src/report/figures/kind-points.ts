/** Charts with a point per layout, by kind. */
import { type Symmetry, symmetryKinds } from '../../architecture/layout.js';
import type { Chart, ChartAxis } from '../charts/chart.js';
import { scoreAxis } from './score-axis.js';
import type { ScoreDisplay } from './score-display.js';

export interface KindPoint {
  readonly candidate: number;
  readonly kind: Symmetry;
  readonly layout: string;
  readonly x: number;
  /** The score as displayed, with its interval where the scatter is known. */
  readonly y: number;
  readonly low?: number;
  readonly high?: number;
}

/** More points carry no bars. */
const mostBars = 150;

export function kindChart(score: ScoreDisplay, points: readonly KindPoint[], x: ChartAxis): Chart {
  const kinds = symmetryKinds.filter((kind) => points.some((point) => point.kind === kind));
  return {
    title: `${score.label} against ${x.title}`,
    x,
    y: scoreAxis(score),
    marks: kinds.map((kind) => ({
      kind: 'points',
      ink: kind,
      symbol: kind,
      radius: points.length > 300 ? 2.6 : 4,
      opacity: points.length > 300 ? 0.45 : 0.8,
      points: points
        .filter((point) => point.kind === kind)
        .map(({ candidate, x, y, low, high, layout }) => ({
          candidate,
          x,
          y,
          label: layout,
          ...(points.length <= mostBars && low !== undefined && high !== undefined && { low, high }),
        })),
    })),
    legend: kinds.map((kind) => ({ label: kind, ink: kind, symbol: kind })),
  };
}
