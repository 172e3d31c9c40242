/**
 * Stratified draws: strata hold equal shares of the space by an exactly known cost, or by the share of genes
 * at their first choice; trial n is a uniform draw from stratum n mod strata. Cochran 1977, Sampling
 * Techniques, chapter 5.
 */

import type { ParamsOf } from '../../util/params.js';
import type { Candidate } from '../candidate.js';
import type { Proposer, Strategy, StrategyContext } from '../strategy.js';

const params = {
  strata: { kind: 'int', min: 2, max: 1000, default: 10, doc: 'parts of equal probability' },
  by: {
    kind: 'choice',
    oneOf: ['cost', 'letters'],
    default: 'cost',
    doc:
      'cost: the first objective that is known exactly, where there is one; letters: ' +
      'share of first choices',
  },
} as const;

/** Draws from which the bounds of the strata are estimated, and draws for one trial. */
const SAMPLE = 1000;
const DRAWS = 200;

export const stratified = {
  name: 'stratified',
  summary: 'uniform draws from strata of equal probability in turn, by cost or by letters',
  source: 'https://www.wiley.com/en-us/Sampling+Techniques%2C+3rd+Edition-p-9780471162407',
  mostObjectives: Infinity,
  params,
  create<V>(context: StrategyContext<V>, { strata, by }: ParamsOf<typeof params>): Proposer<V> {
    const { space, objectives, random: own } = context;
    const sample = Array.from({ length: SAMPLE }, () => space.sample(own));
    const exact = space.exact(sample[0]!);
    const cost = [...objectives.map(({ name }) => name), ...Object.keys(exact)].find((name) =>
      Object.hasOwn(exact, name),
    );
    const measureOf = (candidate: Candidate<V>): number =>
      by === 'cost' && cost !== undefined
        ? space.exact(candidate)[cost]!
        : candidate.genes.filter((value) => value === 0).length;
    const sorted = sample.map(measureOf).sort((a, b) => a - b);
    const bound = (stratum: number): number => sorted[Math.floor((stratum * SAMPLE) / strata)] ?? Infinity;
    return {
      propose(history, random) {
        const stratum = history.trials.length % strata;
        const [low, high] = [stratum === 0 ? -Infinity : bound(stratum), bound(stratum + 1)];
        let last = space.sample(random);
        for (let draw = 0; draw < DRAWS; draw++) {
          const value = measureOf(last);
          if (value >= low && value < high && !history.seen(last.key)) break;
          last = space.sample(random);
        }
        return { candidate: last };
      },
    };
  },
} as const satisfies Strategy<typeof params>;
