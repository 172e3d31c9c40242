/**
 * What each of some candidates is expected to gain, from the predictions of everything that is measured: the
 * hypervolume improvement, times the probability that measured constraints hold, by the expected time.
 */
import type { Random } from '../../util/random.js';
import { normalCdf } from '../../util/statistics/normal.js';
import type { Posterior } from '../models/surrogate.js';
import type { Constraint, SearchObjective } from '../objective.js';
import type { PoolCost } from './pool-acquisition.js';

/** Predictions of some candidates; all arrays are in their order. */
export interface Predictions {
  readonly candidates: number;
  /** Quantities by name; without deviation they are known exactly. */
  readonly quantities: ReadonlyMap<string, PoolCost>;
  /** Logarithm of the time of an evaluation, where it counts. */
  readonly logSeconds?: Posterior;
}

/** Objectives as costs: lower is better. */
export function predictedCosts(
  { quantities }: Predictions,
  objectives: readonly SearchObjective[],
): PoolCost[] {
  return objectives.map(({ name, better }) => {
    const { mean, deviation } = quantities.get(name)!;
    return { mean: better === 'lower' ? mean : mean.map((value) => -value), ...(deviation && { deviation }) };
  });
}

/** Multiplies gains by the probability that measured constraints hold, and divides them by the time. */
export function weigh(gains: Float64Array, predicted: Predictions, constraints: readonly Constraint[]): void {
  for (const { name, atMost = Infinity, atLeast = -Infinity } of constraints) {
    const quantity = predicted.quantities.get(name);
    if (!quantity?.deviation) continue; // exact constraints are kept from the start
    const { mean, deviation } = quantity;
    for (let at = 0; at < gains.length; at++) {
      if (gains[at] === 0) continue;
      const spread = Math.max(deviation[at]!, 1e-12);
      const [high, low] = [(atMost - mean[at]!) / spread, (atLeast - mean[at]!) / spread];
      gains[at]! *= normalCdf(high) - normalCdf(low);
    }
  }
  if (predicted.logSeconds) divideBySeconds(gains, predicted.logSeconds);
}

/** By the expected seconds of a log-normal time. Snoek et al. 2012, https://arxiv.org/abs/1206.2944 */
function divideBySeconds(gains: Float64Array, { mean, deviation }: Posterior): void {
  for (let at = 0; at < gains.length; at++)
    if (gains[at]! > 0) gains[at]! /= Math.exp(mean[at]! + deviation[at]! ** 2 / 2);
}

/** Noise-free costs of one candidate, drawn from the posterior. */
export const drawnCosts = (costs: readonly PoolCost[], at: number, random: Random): number[] =>
  costs.map(({ mean, deviation }) => (deviation ? mean[at]! + deviation[at]! * random.normal() : mean[at]!));
