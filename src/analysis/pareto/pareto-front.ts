/**
 * The Pareto front of an experiment under two objectives, with its ties. Two points tie when their intervals
 * overlap in both objectives. A tie group is drawn as one ring: points of the front and those just behind it,
 * connected where neighbours tie, so the ends of a long group may differ.
 */
import type { CandidateResult } from '../../store/experiment-result.js';
import { directedReference, hypervolume, nonDominated } from '../../util/pareto/directed.js';
import type { Interval } from '../../util/statistics/interval.js';
import { overlaps } from '../../util/statistics/interval.js';
import type { Objective } from '../objectives/objectives.js';

export interface FrontPoint {
  /** Position in the candidates that were given. */
  readonly index: number;
  readonly x: Interval;
  readonly y: Interval;
  readonly onFront: boolean;
}

export interface Front {
  readonly x: Objective;
  readonly y: Objective;
  /** Candidates that have both objectives, in the order given. */
  readonly points: readonly FrontPoint[];
  /** Candidate positions on the front, by rising x. */
  readonly front: readonly number[];
  /** Candidate positions, by rising x within a group; every group holds at least one point of the front. */
  readonly ties: readonly (readonly number[])[];
  /**
   * Up to `reference`, beyond the worst x and y of all points by a tenth of their range; absent without
   * points.
   */
  readonly hypervolume?: { readonly value: number; readonly reference: readonly [number, number] };
}

export function frontOf(candidates: readonly CandidateResult[], x: Objective, y: Objective): Front {
  const measured = candidates.flatMap((candidate, index) => {
    const at = { x: x.read(candidate), y: y.read(candidate) };
    return at.x && at.y && Number.isFinite(at.x.value) && Number.isFinite(at.y.value)
      ? [{ index, x: at.x, y: at.y }]
      : [];
  });
  const better = [x.better, y.better] as const;
  const values = measured.map((point) => [point.x.value, point.y.value]);
  const onFront = new Set(nonDominated(values, better));
  const points = measured.map((point, position) => ({ ...point, onFront: onFront.has(position) }));
  const byX = [...points].sort((a, b) => a.x.value - b.x.value || a.y.value - b.y.value || a.index - b.index);
  const reference = directedReference(values, better) as [number, number];
  return {
    x,
    y,
    points,
    front: byX.filter((point) => point.onFront).map((point) => point.index),
    ties: tieGroups(byX).map((group) => group.map((point) => point.index)),
    ...(points.length > 0
      ? { hypervolume: { value: hypervolume(values, reference, better), reference } }
      : {}),
  };
}

/**
 * Hypervolume as a share of the box from the best value of each objective to the reference point; undefined
 * without points.
 */
export function hypervolumeShare({ x, y, points, hypervolume: volume }: Front): number | undefined {
  if (!volume) return undefined;
  const side = (axis: 'x' | 'y', better: Objective['better'], end: number): number => {
    const values = points.map((point) => point[axis].value);
    return Math.abs(end - (better === 'higher' ? Math.max(...values) : Math.min(...values)));
  };
  const box = side('x', x.better, volume.reference[0]) * side('y', y.better, volume.reference[1]);
  return box > 0 ? volume.value / box : undefined;
}

/** Whether the intervals of two points overlap in both objectives. */
export const areTied = (a: Pick<FrontPoint, 'x' | 'y'>, b: Pick<FrontPoint, 'x' | 'y'>): boolean =>
  overlaps(a.x, b.x) && overlaps(a.y, b.y);

/**
 * Connected groups of two or more, of ties that involve the front (union-find over pairs with one end on it).
 */
function tieGroups(points: readonly FrontPoint[]): FrontPoint[][] {
  const parent = Int32Array.from(points, (_, position) => position);
  const root = (position: number): number => {
    let at = position;
    while (parent[at] !== at) at = parent[at] = parent[parent[at]!]!; // halves the path on the way
    return at;
  };
  points.forEach((a, i) => {
    if (!a.onFront) return;
    for (let j = 0; j < points.length; j++) if (i !== j && areTied(a, points[j]!)) parent[root(j)] = root(i);
  });
  const groups = new Map<number, FrontPoint[]>();
  points.forEach((point, position) => {
    const group = groups.get(root(position));
    if (group) group.push(point);
    else groups.set(root(position), [point]);
  });
  return [...groups.values()].filter((group) => group.length > 1);
}
