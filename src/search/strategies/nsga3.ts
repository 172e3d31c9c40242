/**
 * NSGA-III (Deb and Jain 2014, doi.org/10.1109/TEVC.2013.2281535), steady-state: the last front that fits the
 * population is thinned by reference directions instead of crowding, which keeps many objectives spread.
 */

import type { ParamsOf } from '../../util/params.js';
import { dominates, nonDominatedRanks } from '../../util/pareto/front.js';
import type { Proposer, Strategy, StrategyContext } from '../strategy.js';
import {
  byFeasibility,
  evolutionParams,
  type Individual,
  type Survivor,
  steadyStateEvolution,
} from './steady-state-evolution.js';

/** Evenly spread directions (Das and Dennis 1998): the finest division with at most `most` of them. */
export function referenceDirections(objectives: number, most: number): number[][] {
  const divided = (parts: number): number[][] => {
    const found: number[][] = [];
    const extend = (prefix: readonly number[], left: number): void => {
      if (prefix.length === objectives - 1) {
        found.push([...prefix, left].map((part) => part / parts));
        return;
      }
      for (let part = 0; part <= left; part++) extend([...prefix, part], left - part);
    };
    extend([], parts);
    return found;
  };
  let best = divided(1);
  for (let parts = 2; objectives > 1; parts++) {
    const finer = divided(parts);
    if (finer.length > most) break;
    best = finer;
  }
  return best;
}

/** Nearest direction of each point, and the distance to its line. */
function association(points: readonly (readonly number[])[], directions: readonly (readonly number[])[]) {
  return points.map((point) => {
    let [nearest, distance] = [0, Infinity];
    directions.forEach((direction, index) => {
      const length = direction.reduce((sum, value) => sum + value * value, 0);
      const along = point.reduce((sum, value, axis) => sum + value * direction[axis]!, 0) / length;
      const off = Math.hypot(...point.map((value, axis) => value - along * direction[axis]!));
      if (off < distance) [nearest, distance] = [index, off];
    });
    return { nearest, distance };
  });
}

/** The best `size`: feasible first, by rank, and within the last rank the least crowded directions. */
export function nichedSurvivors<V>(
  entries: readonly Individual<V>[],
  size: number,
  directions: readonly (readonly number[])[],
): Survivor<V>[] {
  const { feasible, infeasible } = byFeasibility(entries);
  const ranks = nonDominatedRanks(feasible.map(({ costs }) => costs));
  const order = feasible.map((_, index) => index).sort((a, b) => ranks[a]! - ranks[b]! || a - b);
  const rest = infeasible.map((entry, index) => ({ entry, rank: feasible.length + index }));
  const ranked = (index: number) => ({ entry: feasible[index]!, rank: ranks[index]! });
  if (order.length <= size) return [...order.map(ranked), ...rest].slice(0, size);
  const last = ranks[order[size - 1]!]!;
  const kept = order.filter((index) => ranks[index]! < last);
  const open = new Set(order.filter((index) => ranks[index] === last));
  const considered = [...kept, ...open];
  const points = normalised(considered.map((index) => feasible[index]!.costs));
  const near = new Map(association(points, directions).map((own, at) => [considered[at]!, own]));
  const crowd = directions.map(() => 0);
  for (const index of kept) crowd[near.get(index)!.nearest]!++;
  while (kept.length < size) {
    let best = -1;
    for (const index of open) {
      const [own, other] = [near.get(index)!, near.get(best)];
      const fewer = other ? crowd[own.nearest]! - crowd[other.nearest]! : -1;
      if (fewer < 0 || (fewer === 0 && own.distance < other!.distance)) best = index;
    }
    open.delete(best);
    crowd[near.get(best)!.nearest]!++;
    kept.push(best);
  }
  return kept.map(ranked);
}

/**
 * Whether one of the last rank dominates the arrival, so that all survivors come before it. Most arrivals of
 * a long search are told apart by that, also when it is resumed.
 */
function isBehind<V>({ costs, violation }: Individual<V>, kept: readonly Survivor<V>[]): boolean {
  const last = kept.reduce((highest, { rank }) => Math.max(highest, rank), 0);
  return (
    violation === 0 &&
    kept.every(({ entry }) => entry.violation === 0) &&
    kept.some(({ entry, rank }) => rank === last && dominates(entry.costs, costs))
  );
}

/** Costs from 0 at the best to 1 at the worst of each objective. */
function normalised(costs: readonly (readonly number[])[]): number[][] {
  const axes = costs[0]?.length ?? 0;
  const ranges = Array.from({ length: axes }, (_, axis) => {
    const own = costs.map((cost) => cost[axis]!);
    const low = Math.min(...own);
    return { low, span: Math.max(...own) - low || 1 };
  });
  return costs.map((cost) => cost.map((value, axis) => (value - ranges[axis]!.low) / ranges[axis]!.span));
}

export const nsga3 = {
  name: 'nsga3',
  summary: 'evolution by non-dominated rank and reference directions, for many objectives',
  source: 'https://doi.org/10.1109/TEVC.2013.2281535',
  mostObjectives: Infinity,
  params: evolutionParams,
  create<V>(context: StrategyContext<V>, options: ParamsOf<typeof evolutionParams>): Proposer<V> {
    const directions = referenceDirections(context.objectives.length, options.population);
    return steadyStateEvolution(
      context,
      options,
      (entries) => nichedSurvivors(entries, options.population, directions),
      (a, b) => a.rank <= b.rank,
      isBehind,
    );
  },
} as const satisfies Strategy<typeof evolutionParams>;
