/**
 * The Pareto front of an experiment under two objectives, with its ties. Two points tie when their intervals
 * overlap in both objectives. A tie group is drawn as one ring: points of the front and those just behind it,
 * connected where neighbours tie, so the ends of a long group may differ.
 */
import type { CandidateResult } from '../../store/experiment-result.js';
import { directedReference, hypervolume, nonDominated } from '../../util/pareto/directed.js';
import type { Interval } from '../../util/statistics/interval.js';
import { overlaps } from '../../util/statistics/interval.js';
import { rangeOf } from '../../util/statistics/range-of.js';
import { objectiveValues } from '../objectives/objective-values.js';
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

/** Fronts of a list of candidates by the ids of their objectives: tables and figures ask for the same. */
const known = new WeakMap<readonly CandidateResult[], Map<string, Front>>();

export function frontOf(candidates: readonly CandidateResult[], x: Objective, y: Objective): Front {
  const fronts = known.get(candidates) ?? new Map<string, Front>();
  known.set(candidates, fronts);
  const key = `${x.id} ${y.id}`;
  const found = fronts.get(key);
  // an objective of the caller's own may share the id of another
  if (found && found.x.read === x.read && found.y.read === y.read) return found;
  const front = computedFront(candidates, x, y);
  fronts.set(key, front);
  return front;
}

function computedFront(candidates: readonly CandidateResult[], x: Objective, y: Objective): Front {
  const points: { index: number; x: Interval; y: Interval; onFront: boolean }[] = [];
  const [xs, ys] = [objectiveValues(candidates, x), objectiveValues(candidates, y)];
  for (let index = 0; index < candidates.length; index++) {
    const [atX, atY] = [xs[index], ys[index]];
    if (atX && atY && Number.isFinite(atX.value) && Number.isFinite(atY.value))
      points.push({ index, x: atX, y: atY, onFront: false });
  }
  const better = [x.better, y.better] as const;
  const values = points.map((point) => [point.x.value, point.y.value]);
  const best = nonDominated(values, better);
  for (const position of best) points[position]!.onFront = true;
  const byX = onOrTied(points, best).sort(
    (a, b) => a.x.value - b.x.value || a.y.value - b.y.value || a.index - b.index,
  );
  const reference = directedReference(cornersOf(values), better) as [number, number];
  const valuesOf = (positions: readonly number[]): number[][] =>
    positions.map((position) => values[position]!);
  return {
    x,
    y,
    points,
    front: byX.filter((point) => point.onFront).map((point) => point.index),
    ties: tieGroups(byX).map((group) => group.map((point) => point.index)),
    ...(points.length > 0
      ? { hypervolume: { value: hypervolume(valuesOf(best), reference, better), reference } }
      : {}),
  };
}

/** Two points with the least and the greatest values: they have the reference point of all. */
function cornersOf(values: readonly (readonly number[])[]): number[][] {
  if (values.length === 0) return [];
  const [x, y] = [rangeOf(values.map(([x]) => x!)), rangeOf(values.map(([, y]) => y!))];
  return [
    [x[0], y[0]],
    [x[1], y[1]],
  ];
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

/** The points of the front and those that tie with one of them: no other is in a group. */
function onOrTied(points: readonly FrontPoint[], front: readonly number[]): FrontPoint[] {
  const isNear = nearIn(points.map(({ y }) => y));
  const isIn = new Uint8Array(points.length);
  for (const i of front) {
    isIn[i] = 1;
    for (let j = 0; j < points.length; j++)
      if (isIn[j] === 0 && isNear(i, j) && areTied(points[i]!, points[j]!)) isIn[j] = 1;
  }
  return points.filter((_, position) => isIn[position] === 1);
}

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
  const isNear = nearIn(points.map(({ y }) => y));
  points.forEach((a, i) => {
    if (!a.onFront) return;
    for (let j = 0; j < points.length; j++)
      if (i !== j && isNear(i, j) && areTied(a, points[j]!)) parent[root(j)] = root(i);
  });
  const groups = new Map<number, FrontPoint[]>();
  points.forEach((point, position) => {
    const group = groups.get(root(position));
    if (group) group.push(point);
    else groups.set(root(position), [point]);
  });
  return [...groups.values()].filter((group) => group.length > 1);
}

/**
 * A quick test of what cannot overlap: false only where two intervals without a resolution lie apart. Nearly
 * all pairs of a large result do.
 */
function nearIn(intervals: readonly Interval[]): (i: number, j: number) => boolean {
  const isOpen = (each: Interval & { readonly resolution?: number }): boolean =>
    each.unknown === true || each.resolution !== undefined;
  const low = Float64Array.from(intervals, (each) => (isOpen(each) ? -Infinity : each.low));
  const high = Float64Array.from(intervals, (each) => (isOpen(each) ? Infinity : each.high));
  return (i, j) => low[i]! <= high[j]! && low[j]! <= high[i]!;
}
