/**
 * Hypervolume: the volume that a set of cost vectors dominates, up to a reference point (Zitzler and Thiele
 * 1998, doi.org/10.1007/BFb0056872). Exact for any number of objectives. Two and three objectives by a sweep,
 * more by slices along the last cost, each with the volume that its point adds to the points before it
 * (While, Bradstreet and Barone 2012, doi.org/10.1109/TEVC.2010.2077298).
 */
import type { CostVectors } from './front.js';

/**
 * @param costs `[n][objectives]`, lower is better; points that do not beat the reference everywhere add
 * nothing
 * @param reference one cost per objective
 * @example hypervolumeOf([[1, 2], [2, 1]], [3, 3]) // 3
 */
export function hypervolumeOf(costs: CostVectors, reference: readonly number[]): number {
  const inside = costs.filter((cost) => cost.every((value, axis) => value < reference[axis]!));
  if (inside.length === 0) return 0;
  if (isUnbounded(inside, reference)) return Infinity;
  return volume(inside, reference, reference.length);
}

/** What `cost` would add to the hypervolume of `front`. */
export function hypervolumeImprovement(
  cost: readonly number[],
  front: CostVectors,
  reference: readonly number[],
): number {
  if (!cost.every((value, axis) => value < reference[axis]!)) return 0;
  // A box is covered by others only where one of them covers it alone.
  if (isUnbounded([cost], reference))
    return front.some((other) => other.every((value, axis) => value <= cost[axis]!)) ? 0 : Infinity;
  return exclusive(cost, front, reference, reference.length);
}

/** Whether a box reaches to infinity: a cost of -Infinity, or such a reference. */
const isUnbounded = (costs: CostVectors, reference: readonly number[]): boolean =>
  reference.includes(Infinity) || costs.some((cost) => cost.includes(-Infinity));

/**
 * The reference point of a set of costs: beyond the worst (nadir) value of each objective by a tenth of the
 * range, so that the ends of a front count too. A range of zero counts as one.
 */
export function referencePoint(costs: CostVectors): number[] {
  return (costs[0] ?? []).map((_, axis) => {
    let [low, high] = [Infinity, -Infinity];
    for (const cost of costs) {
      if (!Number.isFinite(cost[axis]!)) continue;
      low = Math.min(low, cost[axis]!);
      high = Math.max(high, cost[axis]!);
    }
    if (high < low) return 1;
    return high + 0.1 * (high - low || Math.abs(high) || 1);
  });
}

function volume(costs: CostVectors, reference: readonly number[], objectives: number): number {
  switch (objectives) {
    case 1:
      return reference[0]! - costs.reduce((low, cost) => Math.min(low, cost[0]!), Infinity);
    case 2:
      return area(costs, reference);
    case 3:
      return sweep(costs, reference);
    case 4:
      return slices(costs, reference);
    default: {
      const last = objectives - 1;
      const order = [...costs].sort((a, b) => a[last]! - b[last]!);
      let total = 0;
      order.forEach((cost, index) => {
        const added = exclusive(cost, order.slice(0, index), reference, last);
        total += added * (reference[last]! - cost[last]!);
      });
      return total;
    }
  }
}

/** Volume of the box of `cost` that `others` do not dominate, over the first `objectives` axes. */
function exclusive(
  cost: readonly number[],
  others: CostVectors,
  reference: readonly number[],
  objectives: number,
): number {
  let box = 1;
  for (let axis = 0; axis < objectives; axis++) box *= reference[axis]! - cost[axis]!;
  const limited: number[][] = [];
  for (const other of others) {
    const clipped = new Array<number>(objectives);
    let inside = true;
    let covers = true;
    for (let axis = 0; axis < objectives; axis++) {
      const value = Math.max(other[axis]!, cost[axis]!);
      if (value >= reference[axis]!) {
        inside = false;
        break;
      }
      if (value > cost[axis]!) covers = false;
      clipped[axis] = value;
    }
    if (!inside) continue;
    if (covers) return 0;
    limited.push(clipped);
  }
  return limited.length === 0 ? box : box - volume(pruned(limited), reference, objectives);
}

/** Leaves out points that another one covers, where the set is large enough for that to pay. */
function pruned(costs: number[][]): number[][] {
  if (costs.length < 8 || costs[0]!.length < 4) return costs;
  const kept: number[][] = [];
  for (const cost of costs.sort((a, b) => a[0]! - b[0]!)) {
    let covered = false;
    for (const other of kept) {
      covered = other.every((value, axis) => value <= cost[axis]!);
      if (covered) break;
    }
    if (!covered) kept.push(cost);
  }
  return kept;
}

function area(costs: CostVectors, reference: readonly number[]): number {
  let total = 0;
  let ceiling = reference[1]!;
  for (const [x, y] of [...costs].sort((a, b) => a[0]! - b[0]!) as (readonly number[])[]) {
    if (y! >= ceiling) continue;
    total += (reference[0]! - x!) * (ceiling - y!);
    ceiling = y!;
  }
  return total;
}

/** Three costs: a staircase of the first two, filled in the order of the third. */
function sweep(costs: CostVectors, reference: readonly number[]): number {
  const staircase = new Staircase(costs.length);
  staircase.start(reference);
  for (const cost of [...costs].sort((a, b) => a[2]! - b[2]!)) staircase.add(cost[0]!, cost[1]!, cost[2]!);
  return staircase.volume;
}

/**
 * Four costs: in the order of the fourth, each point adds the part of its three-dimensional box that the
 * points before it leave. Those are kept in the order of their third cost, so that no box needs a sort, and
 * without those that a later point covers (Guerreiro and Fonseca 2018, doi.org/10.1109/TEVC.2017.2729550).
 */
function slices(costs: CostVectors, reference: readonly number[]): number {
  const staircase = new Staircase(costs.length);
  let before: (readonly number[])[] = [];
  let total = 0;
  for (const cost of [...costs].sort((a, b) => a[3]! - b[3]!)) {
    const [x, y, z, w] = cost as readonly [number, number, number, number];
    if (before.some((other) => other[0]! <= x && other[1]! <= y && other[2]! <= z)) continue;
    staircase.start(reference);
    for (const other of before)
      staircase.add(Math.max(other[0]!, x), Math.max(other[1]!, y), Math.max(other[2]!, z));
    const box = (reference[0]! - x) * (reference[1]! - y) * (reference[2]! - z);
    total += (box - staircase.volume) * (reference[3]! - w);
    before = before.filter((other) => other[0]! < x || other[1]! < y || other[2]! < z);
    const at = before.findIndex((other) => other[2]! > z);
    before.splice(at < 0 ? before.length : at, 0, cost);
  }
  return total;
}

/**
 * Volume of points that arrive in ascending order of the third cost: each adds an area to the staircase of
 * the first two, which counts down to the reference (Beume et al. 2009, doi.org/10.1109/TEVC.2009.2015575).
 */
class Staircase {
  volume = 0;
  /** First costs ascending, second descending. */
  private readonly xs: Float64Array;
  private readonly ys: Float64Array;
  private size = 0;
  private reference: readonly number[] = [];

  /** @param most points between two starts */
  constructor(most: number) {
    this.xs = new Float64Array(most);
    this.ys = new Float64Array(most);
  }

  start(reference: readonly number[]): void {
    this.reference = reference;
    this.size = 0;
    this.volume = 0;
  }

  add(x: number, y: number, z: number): void {
    const { xs, ys, size, reference } = this;
    if (x >= reference[0]! || y >= reference[1]! || z >= reference[2]!) return;
    let at = 0;
    let high = size;
    while (at < high) {
      const middle = (at + high) >> 1;
      if (xs[middle]! < x) at = middle + 1;
      else high = middle;
    }
    if ((at > 0 && ys[at - 1]! <= y) || (at < size && xs[at] === x && ys[at]! <= y)) return;
    let to = at;
    let added = 0;
    let left = x;
    let top = at > 0 ? ys[at - 1]! : reference[1]!;
    for (; to < size && ys[to]! >= y; to++) {
      added += (xs[to]! - left) * (top - y);
      left = xs[to]!;
      top = ys[to]!;
    }
    added += ((to < size ? xs[to]! : reference[0]!) - left) * (top - y);
    if (to !== at + 1) {
      xs.copyWithin(at + 1, to, size);
      ys.copyWithin(at + 1, to, size);
    }
    xs[at] = x;
    ys[at] = y;
    this.size = size - (to - at) + 1;
    this.volume += added * (reference[2]! - z);
  }
}
