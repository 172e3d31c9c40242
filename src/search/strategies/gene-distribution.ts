/** Members drawn from independent distributions of the genes. */
import type { Random } from '../../util/random.js';
import type { Candidate, SearchSpace } from '../candidate.js';

const ATTEMPTS = 12;

/**
 * @param shares `[gene][choice + 1]`, index 0 for "does not apply"
 * @returns undefined where no draw is a member, after moving the best-known genes one by one
 */
export function drawGenes<V>(
  space: SearchSpace<V>,
  shares: readonly (readonly number[])[],
  random: Random,
): Candidate<V> | undefined {
  for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
    const genes = shares.map((own) => {
      let left = random.next() * own.reduce((sum, share) => sum + share, 0);
      const at = own.findIndex((share) => (left -= share) <= 0);
      return (at < 0 ? own.length - 1 : at) - 1;
    });
    const candidate = space.withGenes(genes);
    if (candidate) return candidate;
  }
  // Correlated genes (lengths of stages): the likeliest of some uniform draws.
  let [best, highest]: [Candidate<V> | undefined, number] = [undefined, -Infinity];
  for (let draw = 0; draw < 2 * ATTEMPTS; draw++) {
    const candidate = space.sample(random);
    const merit = candidate.genes.reduce((sum, value, gene) => sum + Math.log(shares[gene]![value + 1]!), 0);
    const noisy = merit - Math.log(-Math.log(1 - random.next() + 1e-12) + 1e-12); // a draw in proportion
    if (noisy > highest) [best, highest] = [candidate, noisy];
  }
  return best;
}
