/**
 * Probability that each network is on the front of true costs, given noisy means over different numbers of
 * seeds: the share of posterior draws in which it is non-dominated. Noise is pooled over networks with
 * several seeds; an objective without noise (MACs) stays exact.
 */
import { dominates, frontIndices } from '../../util/pareto/front.js';
import type { Random } from '../../util/random.js';
import type { Evaluated } from '../history.js';
import { PlanarDraws } from './planar-draws.js';

export interface Membership {
  readonly key: string;
  readonly replicates: number;
  /** Probability of being on the front. */
  readonly probability: number;
  /** At 95 %: `on` the front, `off` it, or still `open`. */
  readonly verdict: 'on' | 'off' | 'open';
}

export type Measured = Pick<Evaluated, 'costs' | 'replicates' | 'each'> & {
  readonly candidate: { readonly key: string };
};

const DRAWS = 200;
const [LOW, HIGH] = [0.025, 0.975];
/** Standard errors beyond which an outcome is not considered. */
const WIDE = 4;

/**
 * Standard deviation of one seed's cost per objective, pooled over all networks with two seeds or more.
 * @returns undefined where no network has two
 */
export function pooledNoise(entries: readonly Measured[]): number[] | undefined {
  const objectives = entries[0]?.costs.length ?? 0;
  const squares = new Array<number>(objectives).fill(0);
  let freedom = 0;
  for (const { costs, each } of entries) {
    if (each.length < 2) continue;
    freedom += each.length - 1;
    for (const one of each)
      for (let axis = 0; axis < objectives; axis++) squares[axis]! += (one[axis]! - costs[axis]!) ** 2;
  }
  return freedom === 0 ? undefined : squares.map((sum) => Math.sqrt(sum / freedom));
}

/** @param noise standard deviation of one seed's cost per objective; with 0 an objective is exact */
export function frontMembership(
  entries: readonly Measured[],
  noise: readonly number[],
  random: Random,
): Membership[] {
  const contenders = contendersOf(entries, noise);
  const means = contenders.map((index) => entries[index]!.costs);
  const errors = contenders.map((index) => {
    const seeds = Math.sqrt(entries[index]!.replicates);
    return noise.map((own) => own / seeds);
  });
  const times = new Float64Array(entries.length);
  const timesOnFront = noise.length === 2 ? planarTimes : anyTimes;
  timesOnFront(means, errors, random).forEach((count, at) => {
    times[contenders[at]!] = count;
  });
  return entries.map(({ candidate, replicates }, index) => {
    const probability = times[index]! / DRAWS;
    return { key: candidate.key, replicates, probability, verdict: verdictOf(probability) };
  });
}

/** Entries that no other dominates whatever the noise. */
function contendersOf(entries: readonly Measured[], noise: readonly number[]): number[] {
  const shifted = ({ costs, replicates }: Measured, errors: number): number[] =>
    costs.map((cost, axis) => cost + (errors * noise[axis]!) / Math.sqrt(replicates));
  const pessimistic = entries.map((entry) => shifted(entry, WIDE));
  const safe = frontIndices(pessimistic).map((index) => pessimistic[index]!);
  return entries.flatMap((entry, index) => {
    const optimistic = shifted(entry, -WIDE);
    return safe.some((point) => dominates(point, optimistic)) ? [] : [index];
  });
}

/** How many draws have each point on the front. @param errors standard errors, `[point][objective]` */
type TimesOnFront = (
  means: readonly (readonly number[])[],
  errors: readonly (readonly number[])[],
  random: Random,
) => Float64Array;

const planarTimes: TimesOnFront = (means, errors, random) => {
  const draws = new PlanarDraws(means, errors);
  for (let draw = 0; draw < DRAWS; draw++) draws.next(random);
  return draws.times;
};

const anyTimes: TimesOnFront = (means, errors, random) => {
  const times = new Float64Array(means.length);
  for (let draw = 0; draw < DRAWS; draw++) {
    const drawn = means.map((costs, at) =>
      costs.map((cost, axis) => {
        const error = errors[at]![axis]!;
        return error > 0 ? cost + error * random.normal() : cost;
      }),
    );
    for (const at of frontIndices(drawn)) times[at]!++;
  }
  return times;
};

function verdictOf(probability: number): Membership['verdict'] {
  if (probability >= HIGH) return 'on';
  return probability <= LOW ? 'off' : 'open';
}
