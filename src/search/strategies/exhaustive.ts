/** Every member once, in the stable order of the space; of functionally identical members the first. */
import type { Proposer, Strategy, StrategyContext } from '../strategy.js';

const params = {} as const;

export const exhaustive = {
  name: 'exhaustive',
  summary: 'every member once, in the order of the space',
  source: 'https://arxiv.org/abs/2103.11922',
  mostObjectives: Infinity,
  params,
  create<V>({ space }: StrategyContext<V>): Proposer<V> {
    const members = space.enumerate()[Symbol.iterator]();
    let upcoming = members.next();
    return {
      propose(history) {
        while (!upcoming.done && history.seen(upcoming.value.key)) upcoming = members.next();
        return upcoming.done ? undefined : { candidate: upcoming.value };
      },
    };
  },
} as const satisfies Strategy<typeof params>;
