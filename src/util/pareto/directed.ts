/** Fronts and hypervolumes of points whose objectives have directions: some higher is better, some lower. */
import { frontIndices } from './front.js';
import { hypervolumeOf, referencePoint } from './hypervolume.js';

export type Direction = 'higher' | 'lower';

/** Every objective as a cost: lower is better. @throws RangeError for a wrong length or a value not finite */
export function toMinimization(point: readonly number[], better: readonly Direction[]): number[] {
  if (point.length !== better.length)
    throw new RangeError(
      `pareto: a point has as many values as there are objectives (${better.length}), got ${point.length}`,
    );
  return point.map((value, axis) => {
    if (!Number.isFinite(value)) throw new RangeError(`pareto: values must be finite, got ${value}`);
    return better[axis] === 'higher' ? 0 - value : value;
  });
}

/**
 * Indices of the non-dominated points, ascending, for any number of objectives. Exact ties (equal in every
 * objective) dominate neither way, so all of them stay.
 * @param points `[n][objectives]`, finite
 * @example nonDominated([[0.9, 10], [0.8, 20], [0.7, 15]], ['higher', 'higher']) // [0, 1]
 */
export const nonDominated = (
  points: readonly (readonly number[])[],
  better: readonly Direction[],
): number[] => frontIndices(points.map((point) => toMinimization(point, better)));

/**
 * Exact; 0 for no points. Points that do not beat the reference in every objective add nothing.
 * @param reference a point worse than those of interest
 * @example hypervolume([[0.9, 10]], [0.5, 4], ['higher', 'higher']) // 0.4 * 6
 */
export const hypervolume = (
  points: readonly (readonly number[])[],
  reference: readonly number[],
  better: readonly Direction[],
): number =>
  hypervolumeOf(
    points.map((point) => toMinimization(point, better)),
    toMinimization(reference, better),
  );

/**
 * The reference point that reports state: beyond the worst value of each objective over all points by a tenth
 * of its range, so that the ends of a front count too. A value that is better high stops at 0 where all are
 * above it.
 */
export function directedReference(
  points: readonly (readonly number[])[],
  better: readonly Direction[],
): number[] {
  const costs = referencePoint(points.map((point) => toMinimization(point, better)));
  return costs.map((cost, axis) => {
    if (better[axis] === 'lower') return cost;
    const isPositive = points.every((point) => point[axis]! > 0);
    return isPositive ? Math.max(0, -cost) : 0 - cost;
  });
}
