/**
 * Local search: every neighbour of a member of the front, best explored last; with no unseen neighbour left,
 * a uniform draw. Strong on small noise (White et al. 2020, https://arxiv.org/abs/2005.02960); over several
 * objectives this is Pareto local search (Paquete et al. 2004).
 */

import type { ParamsOf } from '../../util/params.js';
import { GrowingFront } from '../growing-front.js';
import type { Proposer, Strategy, StrategyContext } from '../strategy.js';

const params = {
  initial: { kind: 'int', min: 1, max: 100_000, default: 8, doc: 'uniform draws before the first step' },
} as const;

export const localSearch = {
  name: 'local-search',
  summary: 'unseen neighbours of the front; a uniform draw where there is none',
  source: 'https://arxiv.org/abs/2005.02960',
  mostObjectives: Infinity,
  params,
  create<V>({ space }: StrategyContext<V>, { initial }: ParamsOf<typeof params>): Proposer<V> {
    const explored = new Set<string>();
    const front = new GrowingFront<V>();
    return {
      propose(history, random) {
        const { evaluated } = history;
        if (history.distinct < initial || evaluated.length === 0) return { candidate: space.sample(random) };
        for (const { candidate } of random.shuffled(front.update(evaluated))) {
          if (explored.has(candidate.key)) continue;
          const unseen = space.neighbours(candidate).filter(({ key }) => !history.seen(key));
          if (unseen.length > 0) return { candidate: unseen[random.integer(unseen.length)]! };
          explored.add(candidate.key);
        }
        return { candidate: space.sample(random) };
      },
    };
  },
} as const satisfies Strategy<typeof params>;
