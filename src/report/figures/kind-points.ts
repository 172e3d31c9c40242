/** Charts with a point per layout, by kind. */

import { candidateName } from '../../analysis/candidate-name.js';
import { mainScore, type Score } from '../../analysis/objectives/result-score.js';
import { type Symmetry, symmetryKinds } from '../../architecture/layout.js';
import type { CandidateResult, ExperimentResult } from '../../store/experiment-result.js';
import type { Chart, ChartAxis } from '../charts/chart.js';
import { digits, scoreAxis } from './score-axis.js';
import { type ScoreDisplay, scoreDisplay } from './score-display.js';
import { mostPoints, someOf } from './some-lines.js';

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

/** Points of the layouts that have a score and an `x`. */
export function kindPoints(
  { candidates }: ExperimentResult,
  score: Score,
  xOf: (candidate: CandidateResult) => number | undefined,
): KindPoint[] {
  return candidates.flatMap((each, candidate): KindPoint[] => {
    const at = score.read(each);
    const x = xOf(each);
    if (!at || x === undefined) return [];
    const [y, low, high] = [at.value, at.low, at.high].map((value) => digits(value * score.scale));
    return [
      {
        candidate,
        kind: each.symmetry,
        layout: candidateName(each),
        x: digits(x),
        y: y!,
        ...(!at.unknown && { low: low!, high: high! }),
      },
    ];
  });
}

export interface ShareInfo {
  readonly score: ScoreDisplay;
  readonly points: readonly KindPoint[];
  /** Number of layouts; `points` are some of them. */
  readonly of: number;
}

/** The score against a number of each layout from 0 to 1; undefined where no layout has both. */
export function shareInfo(
  result: ExperimentResult,
  shareOf: (layout: string) => number | undefined,
): ShareInfo | undefined {
  const score = mainScore(result);
  const all = kindPoints(result, score, ({ layout }) => shareOf(layout));
  if (all.length === 0 || isOneColumn(all)) return undefined;
  return { score: scoreDisplay(score, result), points: someOf(all, mostPoints), of: all.length };
}

/** Arms of an ablation may all have one layout: their figure would say nothing. */
const isOneColumn = (points: readonly KindPoint[]): boolean =>
  points.length > 1 && points.every(({ x }) => x === points[0]!.x);

export const shareChart = ({ score, points }: ShareInfo, title: string): Chart =>
  kindChart(score, points, { title, scale: 'linear', least: -0.04, most: 1.04 });

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
