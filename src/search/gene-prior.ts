/** Draws from a prior over genes: the members of a uniform sample, weighted by the prior. */
import type { Random } from '../util/random.js';
import type { Candidate, SearchSpace } from './candidate.js';
import type { GenePrior } from './strategy.js';

/** Members among which one is drawn by weight. */
const DRAWS = 64;

/** @returns undefined where every sampled member has weight zero */
export function drawnFromPrior<V>(
  space: SearchSpace<V>,
  prior: GenePrior,
  random: Random,
): Candidate<V> | undefined {
  const direct = space.withGenes(
    space.genes.map(({ name, choices }) => {
      const weights = prior[name] ?? new Array<number>(choices).fill(1);
      return weightedIndex(weights, random);
    }),
  );
  if (direct) return direct;
  const candidates = Array.from({ length: DRAWS }, () => space.sample(random));
  const weights = candidates.map(({ genes }) =>
    space.genes.reduce((product, { name }, gene) => {
      const value = genes[gene]!;
      return value < 0 ? product : product * (prior[name]?.[value] ?? 1);
    }, 1),
  );
  const at = weightedIndex(weights, random);
  return at < 0 ? undefined : candidates[at];
}

/** @returns -1 where every weight is zero */
function weightedIndex(weights: readonly number[], random: Random): number {
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  if (!(total > 0)) return -1;
  let left = random.next() * total;
  const at = weights.findIndex((weight) => {
    left -= weight;
    return weight > 0 && left <= 0;
  });
  return at < 0 ? weights.findLastIndex((weight) => weight > 0) : at;
}
