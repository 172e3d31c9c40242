/**
 * NSGA-II (Deb et al. 2002, doi.org/10.1109/4235.996017), steady-state and asynchronous: the population is
 * what survives from all arrivals by non-dominated rank and crowding distance; parents win binary
 * tournaments; children are crossovers and mutations of the space's own, so every child is a member.
 */

import type { ParamsOf } from '../../util/params.js';
import { crowdingDistances, nonDominatedRanks } from '../../util/pareto/front.js';
import type { Candidate } from '../candidate.js';
import type { Proposer, Strategy, StrategyContext } from '../strategy.js';

const params = {
  population: {
    kind: 'int',
    min: 4,
    max: 100_000,
    default: 50,
    doc: 'survivors, and uniform draws at the start',
  },
  crossover: {
    kind: 'number',
    min: 0,
    max: 1,
    default: 0.9,
    doc: 'probability that a child has two parents',
  },
} as const;

/** A candidate with its first result, which later replicates do not change. */
export interface Individual<V> {
  readonly candidate: Candidate<V>;
  readonly costs: readonly number[];
  readonly violation: number;
}

interface Ranked<V> {
  readonly entry: Individual<V>;
  readonly rank: number;
  readonly distance: number;
}

/** The best `size` of the entries: feasible first, then by rank, then by crowding distance. */
export function survivors<V>(entries: readonly Individual<V>[], size: number): Ranked<V>[] {
  const feasible = entries.filter(({ violation }) => violation === 0);
  const infeasible = entries
    .filter(({ violation }) => violation > 0)
    .sort((a, b) => a.violation - b.violation);
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
  params,
  create<V>({ space }: StrategyContext<V>, { population, crossover }: ParamsOf<typeof params>): Proposer<V> {
    let kept: Ranked<V>[] = [];
    let considered = 0;
    return {
      propose(history, random) {
        if (history.distinct < population || history.evaluated.length < 2)
          return { candidate: space.sample(random) };
        for (; considered < history.evaluated.length; considered++) {
          const { candidate, each, firstViolation } = history.evaluated[considered]!;
          const arrival = { candidate, costs: each[0]!, violation: firstViolation };
          kept = survivors([...kept.map(({ entry }) => entry), arrival], population);
        }
        const tournament = (): Ranked<V> => {
          const [a, b] = [kept[random.integer(kept.length)]!, kept[random.integer(kept.length)]!];
          if (a.rank !== b.rank) return a.rank < b.rank ? a : b;
          return a.distance >= b.distance ? a : b;
        };
        const mother = tournament().entry.candidate;
        const mixed =
          random.next() < crossover ? space.crossover(mother, tournament().entry.candidate, random) : mother;
        return { candidate: space.mutate(mixed, random) };
      },
    };
  },
} as const satisfies Strategy<typeof params>;
