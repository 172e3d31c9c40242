/**
 * Non-dominated points and non-dominated sorting, over cost vectors: lower is better in every objective. A
 * point dominates another when it is at most as high in every cost and lower in one; equal points dominate
 * neither way, so all of them stay. Infinite costs are allowed, NaN is not.
 */
import { compare, lexicographicOrder } from './lexicographic-order.js';

export type CostVectors = readonly (readonly number[])[];

export function dominates(a: readonly number[], b: readonly number[]): boolean {
  let lower = false;
  for (let axis = 0; axis < a.length; axis++) {
    if (a[axis]! > b[axis]!) return false;
    if (a[axis]! < b[axis]!) lower = true;
  }
  return lower;
}

function lexicographic(a: readonly number[], b: readonly number[]): number {
  for (let axis = 0; axis < a.length; axis++) {
    if (a[axis]! < b[axis]!) return -1;
    if (a[axis]! > b[axis]!) return 1;
  }
  return 0;
}

/** The values point by point. @throws RangeError for vectors of unequal length, none at all, or NaN */
function flattened(costs: CostVectors): Float64Array {
  const objectives = costs[0]?.length ?? 0;
  if (costs.length > 0 && objectives === 0)
    throw new RangeError('pareto: at least one objective is needed, got none');
  const flat = new Float64Array(costs.length * objectives);
  let at = 0;
  for (let index = 0; index < costs.length; index++) {
    const cost = costs[index]!;
    if (cost.length !== objectives)
      throw new RangeError(
        `pareto: every point needs as many values as there are objectives (${objectives}), ` +
          `got ${cost.length}`,
      );
    for (let axis = 0; axis < objectives; axis++) {
      const value = cost[axis]!;
      if (Number.isNaN(value)) throw new RangeError('pareto: values must be numbers, got NaN');
      flat[at++] = value;
    }
  }
  return flat;
}

/**
 * Indices of the non-dominated points, ascending. Two objectives: O(n) to discard most points, then
 * O(m log m) for the rest; three: O(n log n) comparisons (Kung, Luccio and Preparata 1975,
 * doi.org/10.1145/321906.321910); more: each point against the front so far.
 * @param costs `[n][objectives]`
 * @example frontIndices([[1, 3], [2, 2], [3, 3]]) // [0, 1]
 */
export function frontIndices(costs: CostVectors): number[] {
  const all = flattened(costs);
  const objectives = costs[0]?.length ?? 0;
  const kept = objectives === 2 && costs.length > 2000 ? promising(all) : undefined;
  const flat = kept
    ? Float64Array.from(kept.flatMap((index) => [all[2 * index]!, all[2 * index + 1]!]))
    : all;
  const shelf = shelfFor(objectives);
  const front: number[] = [];
  let previous = -1;
  for (const position of lexicographicOrder(flat, objectives)) {
    const index = kept ? kept[position]! : position;
    const cost = costs[index]!;
    const repeated = previous >= 0 && compare(flat, objectives, previous, position) === 0;
    if (!repeated && shelf.dominates(cost)) continue;
    if (!repeated) shelf.add(cost);
    previous = position;
    front.push(index);
  }
  return front.sort((a, b) => a - b);
}

/** Bins along the first cost; a point above the lowest second cost of an earlier bin is dominated. */
const BINS = 4096;

/** Positions of the points of two costs that no earlier bin dominates. */
function promising(flat: Float64Array): number[] | undefined {
  let [low, high] = [Infinity, -Infinity];
  for (let at = 0; at < flat.length; at += 2) {
    const x = flat[at]!;
    if (x < low) low = x;
    if (x > high && x < Infinity) high = x;
  }
  if (!(high > low) || low === -Infinity) return undefined;
  const scale = BINS / (high - low);
  const binOf = (x: number): number => Math.min(BINS - 1, Math.floor((x - low) * scale));
  const lowest = new Float64Array(BINS).fill(Infinity);
  for (let at = 0; at < flat.length; at += 2) {
    const bin = binOf(flat[at]!);
    if (flat[at + 1]! < lowest[bin]!) lowest[bin] = flat[at + 1]!;
  }
  const earlier = new Float64Array(BINS);
  let minimum = Infinity;
  for (let bin = 0; bin < BINS; bin++) {
    earlier[bin] = minimum;
    if (lowest[bin]! < minimum) minimum = lowest[bin]!;
  }
  const kept: number[] = [];
  for (let at = 0; at < flat.length; at += 2)
    if (flat[at + 1]! < earlier[binOf(flat[at]!)]!) kept.push(at / 2);
  return kept;
}

/** One front, filled in lexicographic order: knows whether it dominates the next point. */
interface Shelf {
  dominates(cost: readonly number[]): boolean;
  add(cost: readonly number[]): void;
}

function shelfFor(objectives: number): Shelf {
  switch (objectives) {
    case 1:
    case 2:
      return new PlanarShelf();
    case 3:
      return new StairShelf();
    default:
      return new ListShelf();
  }
}

/** Two costs: in lexicographic order, only the lowest second cost so far matters. */
class PlanarShelf implements Shelf {
  private last: readonly number[] | undefined;
  dominates(cost: readonly number[]): boolean {
    if (this.last === undefined) return false;
    return dominates(this.last, cost);
  }
  add(cost: readonly number[]): void {
    if (this.last === undefined || (cost[1] ?? cost[0]!) < (this.last[1] ?? Infinity)) this.last = cost;
  }
}

/** Three costs: the non-dominated (second, third) costs, second ascending, third descending. */
class StairShelf implements Shelf {
  private readonly y: number[] = [];
  private readonly z: number[] = [];
  private readonly first: (readonly number[])[] = [];

  /** First position whose second cost is greater. */
  private above(y: number): number {
    let low = 0;
    let high = this.y.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.y[middle]! <= y) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  dominates(cost: readonly number[]): boolean {
    const at = this.above(cost[1]!) - 1;
    return at >= 0 && this.z[at]! <= cost[2]! && lexicographic(this.first[at]!, cost) !== 0;
  }

  add(cost: readonly number[]): void {
    const [y, z] = [cost[1]!, cost[2]!];
    const above = this.above(y);
    if (above > 0 && this.z[above - 1]! <= z) return;
    const from = above > 0 && this.y[above - 1] === y ? above - 1 : above;
    let to = from;
    while (to < this.z.length && this.z[to]! >= z) to++;
    this.y.splice(from, to - from, y);
    this.z.splice(from, to - from, z);
    this.first.splice(from, to - from, cost);
  }
}

class ListShelf implements Shelf {
  private readonly members: (readonly number[])[] = [];
  dominates(cost: readonly number[]): boolean {
    for (let index = this.members.length - 1; index >= 0; index--)
      if (dominates(this.members[index]!, cost)) return true;
    return false;
  }
  add(cost: readonly number[]): void {
    this.members.push(cost);
  }
}

/**
 * Non-dominated rank of every point, 0 for the front: efficient non-dominated sort with binary search over
 * fronts (Zhang, Tian, Cheng and Jin 2015, doi.org/10.1109/TEVC.2014.2308305). Equal points share a rank.
 * @param costs `[n][objectives]`
 */
export function nonDominatedRanks(costs: CostVectors): number[] {
  const ranks = new Array<number>(costs.length).fill(0);
  const objectives = costs[0]?.length ?? 0;
  const flat = flattened(costs);
  const shelves: Shelf[] = [];
  let previous = -1;
  for (const index of lexicographicOrder(flat, objectives)) {
    if (previous >= 0 && compare(flat, objectives, previous, index) === 0) {
      ranks[index] = ranks[previous]!;
      continue;
    }
    const cost = costs[index]!;
    let low = 0;
    let high = shelves.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (shelves[middle]!.dominates(cost)) low = middle + 1;
      else high = middle;
    }
    if (low === shelves.length) shelves.push(shelfFor(objectives));
    shelves[low]!.add(cost);
    ranks[index] = low;
    previous = index;
  }
  return ranks;
}

/**
 * Crowding distance of the points of one front (Deb et al. 2002, doi.org/10.1109/4235.996017): the sum over
 * objectives of the normalised gap between neighbours; infinite at the ends.
 */
export function crowdingDistances(costs: CostVectors): number[] {
  const distances = new Array<number>(costs.length).fill(0);
  for (let axis = 0; axis < (costs[0]?.length ?? 0); axis++) {
    const order = costs.map((_, index) => index).sort((a, b) => costs[a]![axis]! - costs[b]![axis]!);
    const [first, last] = [order[0]!, order.at(-1)!];
    const range = costs[last]![axis]! - costs[first]![axis]!;
    distances[first] = Infinity;
    distances[last] = Infinity;
    if (!(range > 0 && range < Infinity)) continue;
    for (let at = 1; at < order.length - 1; at++)
      distances[order[at]!]! += (costs[order[at + 1]!]![axis]! - costs[order[at - 1]!]![axis]!) / range;
  }
  return distances;
}
