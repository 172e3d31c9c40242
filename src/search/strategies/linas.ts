/**
 * The predictor loop of SimQ-NAS (LINAS): measure a batch, train light predictors, rank candidates by
 * predicted objectives with NSGA-II's survival, and measure the best of them as the next batch. The
 * candidates are the members of a small space, else draws and moves around the front. Cummings et al. 2022,
 * https://arxiv.org/abs/2205.10358; https://arxiv.org/abs/2312.13301
 */

import type { ParamsOf } from '../../util/params.js';
import { BoundedArrivals } from '../bounded-arrivals.js';
import type { Candidate } from '../candidate.js';
import { candidatePool } from '../models/candidate-pool.js';
import { CostModels, chosenEntries, type ModelName } from '../models/cost-models.js';
import type { Proposer, Strategy, StrategyContext } from '../strategy.js';
import { survivors } from './nsga2.js';

const params = {
  batch: {
    kind: 'int',
    min: 4,
    max: 10_000,
    default: 50,
    doc: 'networks between two trainings of predictors',
  },
  pool: { kind: 'int', min: 16, max: 1_000_000, default: 8000, doc: 'most candidates that are ranked' },
  model: {
    kind: 'choice',
    oneOf: ['gaussian-process', 'ridge', 'ensemble', 'auto'],
    default: 'ridge',
    doc: 'predictor of each objective that is not known exactly',
  },
} as const;

export const linas = {
  name: 'linas',
  summary: 'batches chosen by non-dominated rank of predicted objectives',
  source: 'https://arxiv.org/abs/2205.10358',
  mostObjectives: Infinity,
  params,
  create<V>(context: StrategyContext<V>, { batch, pool: size, model }: ParamsOf<typeof params>): Proposer<V> {
    const { space, objectives, random: own } = context;
    const arrivals = new BoundedArrivals<V>();
    let [chosen, round]: [readonly Candidate<V>[], number] = [[], 0];
    return {
      propose(history, random) {
        const { evaluated } = history;
        const current = Math.floor(evaluated.length / batch);
        if (current === 0) return { candidate: space.sample(random) };
        if (current !== round) {
          const length = current * batch;
          const known = arrivals.of(evaluated, length);
          const stream = own.fork(`round ${current}`);
          const pool = candidatePool(space, size, known, stream.fork('pool'));
          const unknown = objectives.filter(({ name }) => !Object.hasOwn(pool.exact, name));
          const quantities = unknown.map(
            ({ name }) =>
              ({ firstValues }: (typeof known)[number]) =>
                firstValues[name]!,
          );
          const models = new CostModels(
            pool,
            quantities,
            model as ModelName,
            chosenEntries(known),
            length,
            stream,
          );
          const posteriors = models.screened();
          const means = objectives.map(({ name, better }) => {
            const at = unknown.findIndex((objective) => objective.name === name);
            const values = at < 0 ? pool.exact[name]! : posteriors[at]!.mean;
            return better === 'higher' ? values.map((value) => -value) : values;
          });
          const isEarlier = ({ key }: Candidate<V>): boolean => (history.of(key)?.arrival ?? length) < length;
          const predicted = pool.candidates.flatMap((candidate, at) =>
            isEarlier(candidate) ? [] : [{ candidate, costs: means.map((mean) => mean[at]!), violation: 0 }],
          );
          chosen = survivors(predicted, 2 * batch).map(({ entry }) => entry.candidate);
          round = current;
        }
        const next = chosen.find(({ key }) => !history.seen(key));
        return { candidate: next ?? space.sample(random) };
      },
    };
  },
} as const satisfies Strategy<typeof params>;
