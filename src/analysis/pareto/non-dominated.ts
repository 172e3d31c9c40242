/**
 * The non-dominated front. A point dominates another when it is at least as good in every objective and
 * better in one. Exact ties (equal in every objective) dominate neither way, so all of them stay.
 */

export type Direction = 'higher' | 'lower';

/**
 * Indices of the non-dominated points, ascending. O(n log n) for two objectives; for three O(n log n)
 * comparisons plus the moves of a staircase kept in an array (Kung, Luccio and Preparata 1975,
 * doi.org/10.1145/321906.321910).
 * @param points `[n][objectives]`, finite
 * @param better direction of each objective, two or three of them
 * @throws RangeError for another number of objectives, a point of another length or a value that is not
 * finite
 * @example nonDominated([[0.9, 10], [0.8, 20], [0.7, 15]], ['higher', 'higher']) // [0, 1]
 */
export function nonDominated(points: readonly (readonly number[])[], better: readonly Direction[]): number[] {
  if (better.length !== 2 && better.length !== 3)
    throw new RangeError(`nonDominated: two or three objectives are needed, got ${better.length}`);
  const costs = points.map((point) => toMinimization(point, better));
  const order = costs.map((_, index) => index).sort((a, b) => lexicographic(costs[a]!, costs[b]!));
  return (better.length === 2 ? sweepTwo(costs, order) : sweepThree(costs, order)).sort((a, b) => a - b);
}

/** Every objective as a cost: lower is better. */
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

function lexicographic(a: readonly number[], b: readonly number[]): number {
  for (let axis = 0; axis < a.length; axis++) if (a[axis] !== b[axis]) return a[axis]! - b[axis]!;
  return 0;
}

/**
 * In order of the first cost, a point stays when its second cost is a new low, or equals the point that set
 * the low.
 */
function sweepTwo(costs: readonly number[][], order: readonly number[]): number[] {
  const front: number[] = [];
  let low: readonly number[] = [Infinity, Infinity];
  for (const index of order) {
    const cost = costs[index]!;
    if (cost[1]! < low[1]!) low = cost;
    else if (cost[0] !== low[0] || cost[1] !== low[1]) continue;
    front.push(index);
  }
  return front;
}

/**
 * In lexicographic order every dominator comes first; `stairs` holds the non-dominated (second, third) costs
 * so far.
 */
function sweepThree(costs: readonly number[][], order: readonly number[]): number[] {
  const front: number[] = [];
  const stairs: { y: number; z: number }[] = []; // y ascending, z descending
  let kept: readonly number[] | undefined;
  for (const index of order) {
    const cost = costs[index]!;
    if (kept && lexicographic(kept, cost) === 0) {
      front.push(index);
      continue;
    }
    const [, y, z] = cost as [number, number, number];
    const at = firstAbove(stairs, y); // stairs[at - 1] is the last with y at most this one's, so the lowest z among them
    if (at > 0 && stairs[at - 1]!.z <= z) continue;
    front.push(index);
    kept = cost;
    const from = at > 0 && stairs[at - 1]!.y === y ? at - 1 : at;
    let to = from;
    while (to < stairs.length && stairs[to]!.z >= z) to++;
    stairs.splice(from, to - from, { y, z });
  }
  return front;
}

/** First position whose y is greater. */
function firstAbove(stairs: readonly { y: number }[], y: number): number {
  let low = 0;
  let high = stairs.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (stairs[middle]!.y <= y) low = middle + 1;
    else high = middle;
  }
  return low;
}
