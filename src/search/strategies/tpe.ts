/**
 * Tree-structured Parzen estimator (Bergstra et al. 2011, https://papers.nips.cc/paper/4443): categorical
 * densities of the best share of the history, l, and of the rest, g, per gene; of candidates drawn from l the
 * one with the highest l/g. Several objectives: the best share is taken by non-dominated rank, within a rank
 * by hypervolume contribution (Ozaki et al. 2022, doi.org/10.1613/jair.1.13188).
 */

import type { ParamsOf } from '../../util/params.js';
import type { Random } from '../../util/random.js';
import { BoundedArrivals, bestFirst } from '../bounded-arrivals.js';
import type { Candidate } from '../candidate.js';
import type { Evaluated } from '../history.js';
import type { Proposer, Strategy, StrategyContext } from '../strategy.js';

const params = {
  initial: { kind: 'int', min: 2, max: 100_000, default: 16, doc: 'uniform draws before the first model' },
  candidates: {
    kind: 'int',
    min: 1,
    max: 10_000,
    default: 48,
    doc: 'draws from l of which the best is taken',
  },
  share: {
    kind: 'number',
    min: 0.01,
    max: 0.5,
    default: 0.15,
    doc: 'share of the history that l is made of',
  },
} as const;

/**
 * How much of a history of this length is modelled: all of a short one; of a long one up to the last step of
 * about a thousandth, so that the densities are rarely computed anew.
 */
const modelledLength = (length: number): number => {
  const step = 2 ** Math.max(0, Math.floor(Math.log2(Math.max(1, length))) - 9);
  return length - (length % step);
};

export const tpe = {
  name: 'tpe',
  summary: 'draws from the genes of the best share, keeps what is rare in the rest',
  source: 'https://papers.nips.cc/paper/4443',
  mostObjectives: Infinity,
  params,
  create<V>(context: StrategyContext<V>, options: ParamsOf<typeof params>): Proposer<V> {
    const { space } = context;
    /** Smoothed frequency of each value of each gene, index 0 for "does not apply". */
    const densities = (entries: readonly Evaluated<V>[]): number[][] =>
      space.genes.map(({ choices }, gene) => {
        const counts = new Array<number>(choices + 1).fill(1 / (choices + 1));
        for (const { candidate } of entries) counts[candidate.genes[gene]! + 1]! += 1;
        const total = entries.length + 1;
        return counts.map((count) => count / total);
      });
    const drawGenes = (good: readonly number[][], random: Random): number[] =>
      good.map((density) => {
        let left = random.next();
        const at = density.findIndex((share) => (left -= share) <= 0);
        return (at < 0 ? density.length - 1 : at) - 1;
      });
    const arrivals = new BoundedArrivals<V>();
    let model = {
      length: -1,
      best: [] as Evaluated<V>[],
      cut: 0,
      good: [] as number[][],
      bad: [] as number[][],
    };
    return {
      propose(history, random) {
        if (history.distinct < options.initial || history.evaluated.length < 2)
          return { candidate: space.sample(random) };
        const length = modelledLength(history.evaluated.length);
        if (length !== model.length) {
          const all = bestFirst(arrivals.of(history.evaluated, length));
          const share = Math.max(2, Math.ceil(options.share * all.length));
          model = {
            length,
            best: all,
            cut: share,
            good: densities(all.slice(0, share)),
            bad: densities(all.slice(share)),
          };
        }
        const { best, cut, good, bad } = model;
        const merit = (candidate: Candidate<V>): number =>
          candidate.genes.reduce(
            (sum, value, gene) => sum + Math.log(good[gene]![value + 1]! / bad[gene]![value + 1]!),
            0,
          );
        let [chosen, highest]: [Candidate<V> | undefined, number] = [undefined, -Infinity];
        for (let draw = 0; draw < options.candidates; draw++) {
          const parent = best[random.integer(cut)]!.candidate;
          const candidate = space.withGenes(drawGenes(good, random)) ?? space.mutate(parent, random);
          if (history.seen(candidate.key)) continue;
          const value = merit(candidate);
          if (value > highest) [chosen, highest] = [candidate, value];
        }
        return { candidate: chosen ?? space.sample(random) };
      },
    };
  },
} as const satisfies Strategy<typeof params>;
