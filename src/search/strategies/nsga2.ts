/**
 * NSGA-II (Deb et al. 2002, doi.org/10.1109/4235.996017), steady-state and asynchronous: the population is
 * what survives from all arrivals by non-dominated rank and crowding distance; parents win binary
 * tournaments; children are crossovers and mutations of the space's own, so every child is a member.
 */

import type { ParamsOf } from '../../util/params.js';
import { crowdingDistances, nonDominatedRanks } from '../../util/pareto/front.js';
import type { Proposer, Strategy, StrategyContext } from '../strategy.js';
import {
  byFeasibility,
  evolutionParams,
  type Individual,
  type Survivor,
  steadyStateEvolution,
} from './steady-state-evolution.js';

interface Ranked<V> extends Survivor<V> {
  readonly distance: number;
}

/** The best `size` of the entries: feasible first, then by rank, then by crowding distance. */
export function survivors<V>(entries: readonly Individual<V>[], size: number): Ranked<V>[] {
  const { feasible, infeasible } = byFeasibility(entries);
  const ranks = nonDominatedRanks(feasible.map(({ costs }) => costs));
  const fronts: Individual<V>[][] = [];
  feasible.forEach((entry, index) => {
    (fronts[ranks[index]!] ??= []).push(entry);
  });
  const kept: Ranked<V>[] = [];
  for (const [rank, front] of fronts.entries()) {
    const distances = crowdingDistances(front.map(({ costs }) => costs));
    const ranked = front
      .map((entry, index) => ({ entry, rank, distance: distances[index]! }))
      .sort((a, b) => b.distance - a.distance);
    kept.push(...ranked.slice(0, size - kept.length));
    if (kept.length >= size) return kept;
  }
  const rest = infeasible.slice(0, size - kept.length);
  return [...kept, ...rest.map((entry, index) => ({ entry, rank: fronts.length + index, distance: 0 }))];
}

export const nsga2 = {
  name: 'nsga2',
  summary: 'evolution by non-dominated rank and crowding distance, with the space’s own moves',
  source: 'https://doi.org/10.1109/4235.996017',
  mostObjectives: Infinity,
  params: evolutionParams,
  create: <V>(context: StrategyContext<V>, options: ParamsOf<typeof evolutionParams>): Proposer<V> =>
    steadyStateEvolution(
      context,
      options,
      (entries) => survivors(entries, options.population),
      (a, b) => (a.rank === b.rank ? a.distance >= b.distance : a.rank < b.rank),
    ),
} as const satisfies Strategy<typeof evolutionParams>;
