/**
 * Generative search under constraints, in the form of the cross-entropy method: a categorical distribution
 * per gene generates networks, the elite of each generation moves it, and infeasible networks never are elite
 * before feasible ones. An interpretation of TurboViT's generative architecture search
 * (https://arxiv.org/abs/2308.11421), whose generator is not published. Rubinstein 1999,
 * doi.org/10.1023/A:1010091220143
 */

import type { ParamsOf } from '../../util/params.js';
import type { Evaluated } from '../history.js';
import type { Proposer, Strategy, StrategyContext } from '../strategy.js';
import { drawGenes } from './gene-distribution.js';
import { survivors } from './nsga2.js';

const params = {
  generation: { kind: 'int', min: 4, max: 10_000, default: 40, doc: 'networks per generation' },
  elite: { kind: 'number', min: 0.02, max: 0.5, default: 0.2, doc: 'share that moves the distribution' },
  smoothing: {
    kind: 'number',
    min: 0.05,
    max: 1,
    default: 0.7,
    doc: 'weight of the elite against the distribution before',
  },
} as const;

export const crossEntropy = {
  name: 'cross-entropy',
  summary: 'a distribution per gene that follows the elite of each generation, feasible networks first',
  source: 'https://arxiv.org/abs/2308.11421',
  mostObjectives: Infinity,
  params,
  create<V>({ space }: StrategyContext<V>, options: ParamsOf<typeof params>): Proposer<V> {
    const { generation, elite, smoothing } = options;
    /** Index 0 is "does not apply". */
    let shares = space.genes.map(({ choices }) => new Array<number>(choices + 1).fill(1 / (choices + 1)));
    let done = 0;
    const learn = (entries: readonly Evaluated<V>[]): void => {
      const individuals = entries.map(({ candidate, each, firstViolation }) => ({
        candidate,
        costs: each[0]!,
        violation: firstViolation,
      }));
      const best = survivors(individuals, Math.max(2, Math.round(elite * generation)));
      shares = shares.map((own, gene) =>
        own.map((share, at) => {
          const count = best.filter(({ entry }) => entry.candidate.genes[gene] === at - 1).length;
          const kept = (1 - smoothing) * share + (smoothing * count) / best.length;
          return 0.98 * kept + 0.02 / own.length; // no choice dies out
        }),
      );
    };
    return {
      propose({ evaluated }, random) {
        for (; (done + 1) * generation <= evaluated.length; done++)
          learn(evaluated.slice(Math.max(0, (done - 1) * generation), (done + 1) * generation));
        if (done === 0) return { candidate: space.sample(random) };
        return { candidate: drawGenes(space, shares, random) ?? space.sample(random) };
      },
    };
  },
} as const satisfies Strategy<typeof params>;
