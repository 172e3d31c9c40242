/**
 * Expected hypervolume improvement of every candidate of a pool, and the best of them. Closed form for one
 * and two objectives; beyond, draws for the candidates whose optimistic outcome promises most.
 */
import { dominates, frontIndices } from '../../util/pareto/front.js';
import { hypervolumeImprovement } from '../../util/pareto/hypervolume.js';
import type { Random } from '../../util/random.js';
import { expectedImprovement2d, expectedShortfall, type Normal } from './expected-improvement.js';

/** Predicted cost of each candidate; without deviation it is known exactly. */
export interface PoolCost {
  readonly mean: Float64Array;
  readonly deviation?: Float64Array;
}

/** Standard deviations that an optimistic outcome lies below the mean. */
const OPTIMISM = 3;
/** With three objectives and more: candidates that are looked at closely, and draws for each. */
const CLOSELY = 48;
const DRAWS = 32;

/**
 * @param points costs to improve upon, `[n][objectives]`
 * @param eligible whether a candidate may be proposed, by its position
 * @returns expected improvement of each candidate, 0 where it is ineligible or negligible
 */
export function expectedImprovements(
  costs: readonly PoolCost[],
  points: readonly (readonly number[])[],
  reference: readonly number[],
  eligible: (at: number) => boolean,
  random: Random,
): Float64Array {
  switch (costs.length) {
    case 1:
      return oneObjective(costs[0]!, points, eligible);
    case 2:
      return twoObjectives(costs, points, reference, eligible);
    default:
      return manyObjectives(costs, points, reference, eligible, random);
  }
}

const normalAt = ({ mean, deviation }: PoolCost, at: number): Normal => ({
  mean: mean[at]!,
  deviation: deviation?.[at] ?? 0,
});

function oneObjective(
  cost: PoolCost,
  points: readonly (readonly number[])[],
  eligible: (at: number) => boolean,
): Float64Array {
  const best = points.reduce((low, [value]) => Math.min(low, value!), Infinity);
  return cost.mean.map((_, at) => (eligible(at) ? expectedShortfall(normalAt(cost, at), best) : 0));
}

function twoObjectives(
  costs: readonly PoolCost[],
  points: readonly (readonly number[])[],
  reference: readonly number[],
  eligible: (at: number) => boolean,
): Float64Array {
  // A cost that is known exactly goes first: then a candidate meets few strips of the front.
  const [a, b] = costs[0]!.deviation && !costs[1]!.deviation ? [1, 0] : [0, 1];
  const front = frontIndices(points)
    .map((index) => [points[index]![a]!, points[index]![b]!] as const)
    .sort((one, other) => one[0] - other[0]);
  const limits = [reference[a]!, reference[b]!];
  const [x, y] = [costs[a]!, costs[b]!];
  return x.mean.map((mean, at) => {
    if (!eligible(at)) return 0;
    const lowX = mean - OPTIMISM * (x.deviation?.[at] ?? 0);
    const lowY = y.mean[at]! - OPTIMISM * (y.deviation?.[at] ?? 0);
    if (lowX >= limits[0]! || lowY >= ceilingAt(front, lowX, limits[1]!)) return 0;
    return expectedImprovement2d(normalAt(x, at), normalAt(y, at), front, limits);
  });
}

/** Lowest second cost among the points whose first cost is at most `x`. */
function ceilingAt(front: readonly (readonly [number, number])[], x: number, highest: number): number {
  let [low, high] = [0, front.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (front[middle]![0] <= x) low = middle + 1;
    else high = middle;
  }
  return low === 0 ? highest : Math.min(highest, front[low - 1]![1]);
}

function manyObjectives(
  costs: readonly PoolCost[],
  points: readonly (readonly number[])[],
  reference: readonly number[],
  eligible: (at: number) => boolean,
  random: Random,
): Float64Array {
  const front = frontIndices(points).map((index) => points[index]!);
  const shifted = (at: number, optimism: number): number[] =>
    costs.map(({ mean, deviation }) => mean[at]! - optimism * (deviation?.[at] ?? 0));
  const promise: { at: number; gain: number }[] = [];
  for (let at = 0; at < costs[0]!.mean.length; at++) {
    if (!eligible(at)) continue;
    const optimistic = shifted(at, 1.5);
    if (front.some((point) => dominates(point, optimistic))) continue;
    // The box down to the nearest front points is a cheap bound of the improvement.
    promise.push({ at, gain: boxGain(optimistic, front, reference) });
  }
  promise.sort((a, b) => b.gain - a.gain || a.at - b.at);
  const result = new Float64Array(costs[0]!.mean.length);
  for (const { at } of promise.slice(0, CLOSELY)) {
    let sum = 0;
    for (let draw = 0; draw < DRAWS; draw++) {
      const outcome = costs.map(({ mean, deviation }) =>
        deviation ? mean[at]! + deviation[at]! * random.normal() : mean[at]!,
      );
      sum += hypervolumeImprovement(outcome, front, reference);
    }
    result[at] = sum / DRAWS;
  }
  return result;
}

/** Volume above `point`, less the largest part of it that one front point covers. */
function boxGain(
  point: readonly number[],
  front: readonly (readonly number[])[],
  reference: readonly number[],
): number {
  let box = 1;
  point.forEach((value, axis) => {
    box *= Math.max(0, reference[axis]! - value);
  });
  let covered = 0;
  for (const other of front) {
    let common = 1;
    for (let axis = 0; axis < point.length; axis++)
      common *= Math.max(0, reference[axis]! - Math.max(point[axis]!, other[axis]!));
    covered = Math.max(covered, common);
  }
  return box - covered;
}
