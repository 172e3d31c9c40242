/**
 * Regularized (aging) evolution: the parent is the best of a random sample of the last `population` arrivals,
 * the child a mutation of it; the oldest leaves the population. Several objectives: the best is the one of
 * lowest non-dominated rank in the sample, ties by the order of the sample.
 */
import type { ParamsOf } from '../../util/params.js';
import type { Evaluated } from '../history.js';
import type { Proposer, Strategy, StrategyContext } from '../strategy.js';

const params = {
  population: {
    kind: 'int',
    min: 2,
    max: 100_000,
    default: 50,
    doc: 'most recent arrivals that may be parents',
  },
  tournament: { kind: 'int', min: 1, max: 100_000, default: 10, doc: 'of which the best becomes the parent' },
  mutation: {
    kind: 'choice',
    oneOf: ['edit', 'subtree'],
    default: 'edit',
    doc: "edit: the space's own moves; subtree: a node of the derivation is derived anew, as in einspace",
  },
} as const;

const dominates = (a: readonly number[], b: readonly number[]): boolean =>
  a.every((cost, axis) => cost <= b[axis]!) && a.some((cost, axis) => cost < b[axis]!);

/** Whether `a` is preferred: feasible before infeasible, less violation, then domination. */
export function preferred(a: Evaluated, b: Evaluated): boolean {
  if (a.violation !== b.violation) return a.violation < b.violation;
  return dominates(a.costs, b.costs);
}

export const regularizedEvolution = {
  name: 'regularized-evolution',
  summary: 'mutates the best of a random sample of the most recent networks; the oldest dies',
  source: 'https://arxiv.org/abs/1802.01548',
  mostObjectives: Infinity,
  params,
  create<V>(
    { space }: StrategyContext<V>,
    { population, tournament, mutation }: ParamsOf<typeof params>,
  ): Proposer<V> {
    return {
      propose(history, random) {
        const { evaluated } = history;
        if (history.distinct < population || evaluated.length === 0)
          return { candidate: space.sample(random) };
        const from = Math.max(0, evaluated.length - population);
        const draw = (): Evaluated<V> => evaluated[from + random.integer(evaluated.length - from)]!;
        let parent = draw();
        for (let drawn = 1; drawn < tournament; drawn++) {
          const other = draw();
          if (preferred(other, parent)) parent = other;
        }
        const isSubtree = mutation === 'subtree' && space.mutateSubtree !== undefined;
        const move = isSubtree ? space.mutateSubtree! : space.mutate;
        return { candidate: move(parent.candidate, random) };
      },
    };
  },
} as const satisfies Strategy<typeof params>;
