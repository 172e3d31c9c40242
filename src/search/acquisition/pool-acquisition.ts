/**
 * Expected hypervolume improvement of every candidate of a pool, and the best of them. Closed form for one
 * and two objectives; beyond, draws for the candidates whose optimistic outcome promises most.
 */
import { dominates, frontIndices } from '../../util/pareto/front.js';
import { hypervolumeImprovement } from '../../util/pareto/hypervolume.js';
import type { Random } from '../../util/random.js';
import { expectedShortfall, PlanarImprovement } from './expected-improvement.js';

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

/** What candidates may improve upon. */
export interface ToImprove {
  /** Costs, `[n][objectives]`. */
  readonly points: readonly (readonly number[])[];
  readonly reference: readonly number[];
  /** Whether a candidate may be proposed, by its position. */
  eligible(at: number): boolean;
}

/** @returns expected improvement of each candidate, 0 where it is ineligible or negligible */
export function expectedImprovements(
  costs: readonly PoolCost[],
  known: ToImprove,
  random: Random,
): Float64Array {
  return costs.length <= 2 ? promises(costs, known) : drawnImprovements(costs, known, random);
}

/**
 * What candidates are sorted out by: with one or two objectives the expected improvement, else a bound of the
 * improvement by an optimistic outcome.
 * @returns 0 where a candidate is ineligible or promises nothing
 */
export function promises(costs: readonly PoolCost[], known: ToImprove): Float64Array {
  switch (costs.length) {
    case 1:
      return oneObjective(costs[0]!, known);
    case 2:
      return twoObjectives(costs, known);
    default:
      return boxGains(costs, known);
  }
}

function oneObjective({ mean, deviation }: PoolCost, { points, eligible }: ToImprove): Float64Array {
  const best = points.reduce((low, [value]) => Math.min(low, value!), Infinity);
  return mean.map((own, at) => (eligible(at) ? expectedShortfall(own, deviation?.[at] ?? 0, best) : 0));
}

function twoObjectives(costs: readonly PoolCost[], { points, reference, eligible }: ToImprove): Float64Array {
  // A cost that is known exactly goes first: then a candidate meets few strips of the front.
  const [a, b] = costs[0]!.deviation && !costs[1]!.deviation ? [1, 0] : [0, 1];
  const front = frontIndices(points)
    .map((index) => [points[index]![a]!, points[index]![b]!] as const)
    .sort((one, other) => one[0] - other[0]);
  const improvement = new PlanarImprovement(front, reference[a]!, reference[b]!);
  const [x, y] = [costs[a]!, costs[b]!];
  return x.mean.map((mean, at) => {
    if (!eligible(at)) return 0;
    const [spreadX, spreadY] = [x.deviation?.[at] ?? 0, y.deviation?.[at] ?? 0];
    const lowX = mean - OPTIMISM * spreadX;
    const lowY = y.mean[at]! - OPTIMISM * spreadY;
    if (lowX >= reference[a]! || lowY >= improvement.ceilingAt(lowX)) return 0;
    return improvement.of(mean, spreadX, y.mean[at]!, spreadY);
  });
}

function boxGains(costs: readonly PoolCost[], { points, reference, eligible }: ToImprove): Float64Array {
  const front = frontIndices(points).map((index) => points[index]!);
  return costs[0]!.mean.map((_, at) => {
    if (!eligible(at)) return 0;
    const optimistic = costs.map(({ mean, deviation }) => mean[at]! - 1.5 * (deviation?.[at] ?? 0));
    if (front.some((point) => dominates(point, optimistic))) return 0;
    return boxGain(optimistic, front, reference);
  });
}

/** Of the candidates whose optimistic outcome promises most. */
function drawnImprovements(costs: readonly PoolCost[], known: ToImprove, random: Random): Float64Array {
  const { points, reference } = known;
  const front = frontIndices(points).map((index) => points[index]!);
  const bounds = boxGains(costs, known);
  const closely = [...bounds.keys()]
    .filter((at) => bounds[at]! > 0)
    .sort((a, b) => bounds[b]! - bounds[a]! || a - b)
    .slice(0, CLOSELY);
  const result = new Float64Array(bounds.length);
  for (const at of closely) {
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
