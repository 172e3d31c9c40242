/**
 * Quasi-random draws: point n of a Kronecker sequence with a random start, one coordinate per gene; where
 * that is no member, the nearest of a uniform sample. Fills the space more evenly than independent draws.
 * Roberts 2018, http://extremelearning.com.au/unreasonable-effectiveness-of-quasirandom-sequences/
 */
import type { Proposer, Strategy, StrategyContext } from '../strategy.js';
import { geneDistance } from './initial-design.js';

const params = {} as const;
const DRAWS = 24;

/** Steps of the sequence: powers of the root of x^(d+1) = x + 1, the golden ratio for one coordinate. */
export function kroneckerSteps(coordinates: number): number[] {
  let root = 2;
  for (let round = 0; round < 40; round++) root = (1 + root) ** (1 / (coordinates + 1));
  return Array.from({ length: coordinates }, (_, at) => root ** -(at + 1) % 1);
}

export const quasiRandom = {
  name: 'quasi-random',
  summary: 'a low-discrepancy sequence over the genes',
  source: 'http://extremelearning.com.au/unreasonable-effectiveness-of-quasirandom-sequences/',
  mostObjectives: Infinity,
  params,
  create<V>({ space, random: own }: StrategyContext<V>): Proposer<V> {
    const steps = kroneckerSteps(space.genes.length);
    const starts = steps.map(() => own.next());
    return {
      propose(history, random) {
        const index = history.trials.length;
        const genes = space.genes.map(({ choices }, gene) =>
          Math.floor(((starts[gene]! + index * steps[gene]!) % 1) * choices),
        );
        const direct = space.withGenes(genes);
        if (direct && !history.seen(direct.key)) return { candidate: direct };
        let best = space.sample(random);
        for (let draw = 1; draw < DRAWS; draw++) {
          const other = space.sample(random);
          const nearer = geneDistance(other.genes, genes) < geneDistance(best.genes, genes);
          if (!history.seen(other.key) && (nearer || history.seen(best.key))) best = other;
        }
        return { candidate: best };
      },
    };
  },
} as const satisfies Strategy<typeof params>;
