/** One panel of a comparison: the fronts of runs that share both axes, with intervals and ties. */

import { candidateName } from '../../analysis/candidate-name.js';
import type { ComparedRun, FrontPanel } from '../../analysis/comparison/compared-runs.js';
import type { FrontPoint } from '../../analysis/pareto/pareto-front.js';
import type { Symmetry } from '../../architecture/layout.js';
import type { Interval } from '../../util/statistics/interval.js';
import type { Chart, Ink, Mark, PointMark } from '../charts/chart.js';
import { digits } from '../figures/score-axis.js';
import { someOf } from '../figures/some-lines.js';

/** Colours of the runs, by position; further ones begin again. */
const inks: readonly Ink[] = ['accent', 'asymmetric', 'symmetric', 'unmixed', 'blockT', 'muted'];
export const inkOf = (run: number): Ink => inks[run % inks.length]!;
const symbols: readonly Symmetry[] = ['symmetric', 'asymmetric', 'unmixed'];
/** Runs beyond the colours differ by their marks. */
const symbolOf = (run: number): Symmetry => symbols[Math.floor(run / inks.length) % symbols.length]!;

/** Points behind the fronts of a panel, at most. */
const mostBehind = 300;

/** @param positionOf the row of a run's candidate in the list of all networks */
export function frontPanelChart(
  { cost, score, fronts, device }: FrontPanel,
  runs: readonly ComparedRun[],
  positionOf: (run: number, candidate: number) => number,
): Chart {
  const shown = ({ value }: Interval): number => digits(value * score.scale);
  const place = (run: number, { index, x, y }: FrontPoint): PointMark => ({
    x: digits(x.value),
    y: shown(y),
    candidate: positionOf(run, index),
    label: `${candidateName(runs[run]!.result.candidates[index]!)}: ${score.text(y)}, ${cost.text(x)}`,
  });
  const marks = fronts.flatMap(({ run, front }): Mark[] => {
    const [ink, symbol] = [inkOf(run), symbolOf(run)];
    const byIndex = new Map(front.points.map((point) => [point.index, point]));
    const onFront = front.front.map((index) => byIndex.get(index)!);
    const tied = new Set(front.ties.flat());
    const behind = someOf(
      front.points.filter(({ onFront: is }) => !is),
      mostBehind,
    );
    const bars = (axis: 'x' | 'y'): Mark => ({
      kind: 'points',
      ink,
      symbol,
      radius: 0.1,
      intervals: axis,
      points: onFront.flatMap((point) => {
        const { low, high, unknown } = point[axis];
        if (unknown || !(high > low) || !Number.isFinite(low + high)) return [];
        const { x, y } = place(run, point);
        const scale = axis === 'y' ? score.scale : 1;
        return [{ x, y, low: digits(low * scale), high: digits(high * scale) }];
      }),
    });
    const points = (hollow: boolean): Mark => ({
      kind: 'points',
      ink,
      symbol,
      hollow,
      radius: 4,
      points: onFront.filter(({ index }) => tied.has(index) === hollow).map((point) => place(run, point)),
    });
    return [
      {
        kind: 'points',
        ink,
        symbol,
        radius: 2.4,
        opacity: 0.35,
        points: behind.map((each) => place(run, each)),
      },
      {
        kind: 'line',
        ink,
        step: cost.better === 'higher' ? 'before' : 'after',
        points: onFront.map(({ x, y }) => [digits(x.value), shown(y)] as const),
      },
      bars('x'),
      bars('y'),
      points(false),
      points(true),
    ];
  });
  const where = device ? ` on ${device.key.device}` : '';
  return {
    title: `Fronts of ${score.label} against ${cost.label}${where}`,
    x: { title: `${cost.label}   (${cost.better} is better)`, scale: 'log' },
    y: {
      title: `${score.label}${score.unit && `, ${score.unit}`}   (${score.better} is better)`,
      scale: 'linear',
    },
    marks,
    legend: fronts.map(({ run }) => ({ label: runs[run]!.key, ink: inkOf(run) })),
    aspect: 0.66,
  };
}
