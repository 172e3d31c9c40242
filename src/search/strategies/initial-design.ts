/**
 * First trials of a model-guided search: spread over the genes, and over the exactly known costs from the
 * lowest to the highest, since both ends of a front count.
 */
import type { Random } from '../../util/random.js';
import type { Candidate } from '../candidate.js';
import type { History } from '../history.js';
import { violation } from '../objective.js';
import type { StrategyContext } from '../strategy.js';

/** Draws among which the next one is chosen. */
const DRAWS = 96;

/** Number of genes that differ. */
export function geneDistance(a: readonly number[], b: readonly number[]): number {
  let count = 0;
  for (let gene = 0; gene < a.length; gene++) if (a[gene] !== b[gene]) count++;
  return count;
}

/** Place of the next trial on the scale of costs, in [0, 1]: both ends, then ever finer halves. */
export function costShare(index: number): number {
  if (index === 0) return 0;
  if (index === 1) return 1;
  let [share, weight, rest] = [0, 0.5, index - 1];
  for (; rest > 0; rest >>= 1, weight /= 2) if (rest & 1) share += weight;
  return share;
}

export function initialDesign<V>(
  { space, objectives, constraints }: StrategyContext<V>,
  history: History<V>,
  random: Random,
): Candidate<V> {
  const draws = Array.from({ length: DRAWS }, () => space.sample(random)).filter(
    ({ key }) => !history.seen(key),
  );
  const legal = draws.filter((candidate) => violation(space.exact(candidate), constraints) === 0);
  const candidates = legal.length > 0 ? legal : draws;
  if (candidates.length === 0) return space.sample(random);
  const exact = candidates.map((candidate) => space.exact(candidate));
  const costs = objectives.filter(({ name }) => Object.hasOwn(exact[0]!, name));
  const index = history.distinct;
  let near = candidates;
  if (costs.length > 0) {
    const { name } = costs[index % costs.length]!;
    const order = candidates
      .map((candidate, at) => ({ candidate, cost: exact[at]![name]! }))
      .sort((a, b) => a.cost - b.cost);
    const at = Math.round(costShare(Math.floor(index / costs.length)) * (order.length - 1));
    const around = Math.ceil(order.length / 24);
    near = order.slice(Math.max(0, at - around), at + around + 1).map(({ candidate }) => candidate);
    if (at === 0 || at === order.length - 1) near = [order[at]!.candidate];
  }
  let [best, farthest] = [near[0]!, -1];
  for (const candidate of near) {
    let distance = Infinity;
    for (const trial of history.trials.slice(0, DRAWS))
      distance = Math.min(distance, geneDistance(candidate.genes, trial.candidate.genes));
    if (distance > farthest) [best, farthest] = [candidate, distance];
  }
  return best;
}
