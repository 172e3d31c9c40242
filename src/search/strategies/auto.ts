/** Chooses a strategy by budget, size of the space and number of objectives, and says why. */

import { paramsWithDefaults } from '../../util/params.js';
import type { AnyStrategy, Proposer, Strategy, StrategyContext } from '../strategy.js';
import { exhaustive } from './exhaustive.js';
import { nsga2 } from './nsga2.js';
import { nsga3 } from './nsga3.js';
import { predictor } from './predictor.js';
import { quasiRandom } from './quasi-random.js';

const params = {} as const;

export interface AutoChoice {
  readonly strategy: AnyStrategy;
  /** One sentence for the plan and the report. */
  readonly reason: string;
}

/** Fewest trials from which a model can learn more than an even spread shows. */
const FEW = 16;
/** Most members that a model orders where all of them are evaluated. */
const ORDERED = 1000;
/** Most objectives of which the expected improvement is cheap. */
const MODELLED = 3;
/** Beyond, evolution costs less than a model and has the trials that it needs. */
const MANY = 20_000;

export function autoChoice({ space, objectives, budget }: Omit<StrategyContext, 'random'>): AutoChoice {
  if (space.size !== undefined && budget !== undefined && space.size <= BigInt(budget))
    return covering(space.size, budget, objectives.length);
  if (budget !== undefined && budget < FEW)
    return {
      strategy: quasiRandom,
      reason: `${budget} trials are too few for a model: they are spread evenly`,
    };
  if (budget !== undefined && budget > MANY)
    return { strategy: nsga2, reason: `${budget} trials are enough for evolution, at less overhead` };
  if (objectives.length > MODELLED)
    return {
      strategy: nsga3,
      reason: `with ${objectives.length} objectives expected improvement is costly: evolution by rank`,
    };
  const trials = budget === undefined ? 'an open number of trials' : `${budget} trials`;
  return { strategy: predictor, reason: `a model finds the front in fewest trials; there are ${trials}` };
}

/** All members are evaluated: a model puts the best first, so that an early end costs little. */
function covering(size: bigint, budget: number, objectives: number): AutoChoice {
  const covers = `the budget of ${budget} trials covers all ${size} members`;
  if (size < FEW || size > ORDERED || objectives > MODELLED) return { strategy: exhaustive, reason: covers };
  return { strategy: predictor, reason: `${covers}; a model puts the most promising first` };
}

export const auto = {
  name: 'auto',
  summary: 'chosen by budget, size of the space and number of objectives',
  source: 'https://arxiv.org/abs/1910.11858',
  mostObjectives: Infinity,
  params,
  create<V>(context: StrategyContext<V>): Proposer<V> {
    const { strategy } = autoChoice(context as StrategyContext);
    return strategy.create(context, paramsWithDefaults(strategy.params) as never);
  },
} as const satisfies Strategy<typeof params>;
