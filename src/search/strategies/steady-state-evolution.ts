/**
 * Steady-state evolution, as NSGA-II and NSGA-III share it: every arrival competes with the population,
 * parents win binary tournaments, and children are crossovers and mutations of the space's own, so every
 * child is a member. The two differ in who survives and which of two survivors is the better parent.
 */
import type { ParamsOf } from '../../util/params.js';
import type { Candidate } from '../candidate.js';
import type { Proposer, StrategyContext } from '../strategy.js';

export const evolutionParams = {
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

export interface Survivor<V> {
  readonly entry: Individual<V>;
  readonly rank: number;
}

/** Feasible entries in order of arrival; infeasible ones from the least violation to the largest. */
export function byFeasibility<V>(entries: readonly Individual<V>[]): {
  readonly feasible: Individual<V>[];
  readonly infeasible: Individual<V>[];
} {
  return {
    feasible: entries.filter(({ violation }) => violation === 0),
    infeasible: entries.filter(({ violation }) => violation > 0).sort((a, b) => a.violation - b.violation),
  };
}

/**
 * @param survive the best of the entries, at most `population`
 * @param isBetter whether the first of two survivors is the parent
 * @param isHopeless whether an arrival cannot enter a full population; default: `survive` decides
 */
export function steadyStateEvolution<V, S extends Survivor<V>>(
  { space }: StrategyContext<V>,
  { population, crossover }: ParamsOf<typeof evolutionParams>,
  survive: (entries: readonly Individual<V>[]) => S[],
  isBetter: (a: S, b: S) => boolean,
  isHopeless: (arrival: Individual<V>, kept: readonly S[]) => boolean = () => false,
): Proposer<V> {
  let kept: S[] = [];
  let considered = 0;
  return {
    propose(history, random) {
      if (history.distinct < population || history.evaluated.length < 2)
        return { candidate: space.sample(random) };
      for (; considered < history.evaluated.length; considered++) {
        const { candidate, each, firstViolation } = history.evaluated[considered]!;
        const arrival = { candidate, costs: each[0]!, violation: firstViolation };
        if (kept.length === population && isHopeless(arrival, kept)) continue;
        kept = survive([...kept.map(({ entry }) => entry), arrival]);
      }
      const parent = (): Candidate<V> => {
        const [a, b] = [kept[random.integer(kept.length)]!, kept[random.integer(kept.length)]!];
        return (isBetter(a, b) ? a : b).entry.candidate;
      };
      const mother = parent();
      const mixed = random.next() < crossover ? space.crossover(mother, parent(), random) : mother;
      return { candidate: space.mutate(mixed, random) };
    },
  };
}
