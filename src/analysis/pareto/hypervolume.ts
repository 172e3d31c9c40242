/**
 * Hypervolume: the area (two objectives) or volume (three) dominated by a set, up to a reference point.
 * Comparable only under the same reference, which is always an argument and always reported. Zitzler and
 * Thiele 1998, doi.org/10.1007/BFb0056872.
 */
import { type Direction, nonDominated, toMinimization } from './non-dominated.js';

/**
 * Exact; 0 for no points. Points that do not beat the reference in every objective add nothing.
 * @param points `[n][objectives]`
 * @param reference a point worse than those of interest, e.g. the worst value measured in each objective
 * @example hypervolume([[0.9, 10]], [0.5, 4], ['higher', 'higher']) // 0.4 * 6
 */
export function hypervolume(
  points: readonly (readonly number[])[],
  reference: readonly number[],
  better: readonly Direction[],
): number {
  const limit = toMinimization(reference, better);
  const inside = nonDominated(points, better)
    .map((index) => toMinimization(points[index]!, better))
    .filter((cost) => cost.every((value, axis) => value < limit[axis]!));
  return better.length === 2 ? area(inside, limit) : volume(inside, limit);
}

/** Sum of the strips between neighbours in order of the first cost. */
function area(costs: readonly (readonly number[])[], limit: readonly number[]): number {
  let total = 0;
  let ceiling = limit[1]!;
  for (const [x, y] of [...costs].sort((a, b) => a[0]! - b[0]! || a[1]! - b[1]!) as [number, number][]) {
    if (y >= ceiling) continue;
    total += (limit[0]! - x) * (ceiling - y);
    ceiling = y;
  }
  return total;
}

/**
 * Slabs along the third cost, each with the area of all points that reach it. O(n² log n), n is a front's
 * size.
 */
function volume(costs: readonly (readonly number[])[], limit: readonly number[]): number {
  const order = [...costs].sort((a, b) => a[2]! - b[2]!);
  let total = 0;
  order.forEach((cost, index) => {
    const next = order[index + 1]?.[2] ?? limit[2]!;
    if (next > cost[2]!) total += area(order.slice(0, index + 1), limit) * (next - cost[2]!);
  });
  return total;
}

/** The worst value of each objective over all points: the reference point stated in reports. */
export function worstPoint(points: readonly (readonly number[])[], better: readonly Direction[]): number[] {
  return better.map((direction, axis) =>
    points.reduce(
      (worst, point) =>
        direction === 'higher' ? Math.min(worst, point[axis]!) : Math.max(worst, point[axis]!),
      direction === 'higher' ? Infinity : -Infinity,
    ),
  );
}
