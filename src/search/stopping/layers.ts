/**
 * Order of networks at a rung by non-dominated layers of score and cost (Deb et al. 2002,
 * doi.org/10.1109/4235.996017). By score alone a rung ends the cheap end of the front first.
 */
import { crowdingDistances, nonDominatedRanks } from '../../util/pareto/front.js';

export interface RungPoint {
  /** Higher is better. */
  readonly score: number;
  /** Lower is better; without a measured cost a network competes with every other. */
  readonly cost?: number;
}

const costsOf = ({ score, cost }: RungPoint): number[] => [-score, cost ?? Infinity];

/** The layer of every point, 0 for the front; without costs, the places by score. */
export const layersOf = (points: readonly RungPoint[]): number[] => nonDominatedRanks(points.map(costsOf));

/**
 * Positions of the points, best first: by layer, within a layer those with most room around them, which
 * keeps a front's ends; equal ones in the order given.
 */
export function rungOrder(points: readonly RungPoint[]): number[] {
  const layers = layersOf(points);
  const room = new Array<number>(points.length).fill(0);
  for (const layer of new Set(layers)) {
    const members = layers.flatMap((each, index) => (each === layer ? [index] : []));
    const distances = crowdingDistances(members.map((index) => costsOf(points[index]!)));
    members.forEach((index, at) => {
      room[index] = distances[at]!;
    });
  }
  const wider = (a: number, b: number): number => (room[a] === room[b] ? 0 : room[b]! - room[a]!);
  return points.map((_, index) => index).sort((a, b) => layers[a]! - layers[b]! || wider(a, b) || a - b);
}

/**
 * The points that go on from a rung: the `keeps` best, and the whole first layer, since each of its points
 * may be on the final front.
 * @returns positions, best first
 */
export function survivors(points: readonly RungPoint[], keeps: number): number[] {
  const first = layersOf(points).filter((layer) => layer === 0).length;
  return rungOrder(points).slice(0, Math.max(keeps, first));
}
