/**
 * Expected hypervolume improvement (Emmerich et al. 2006, doi.org/10.1109/TEVC.2005.859463): closed form for
 * one and two objectives with independent normal posteriors, one of which may be known exactly.
 */

/** Posterior of one cost; a deviation of 0 means that it is known exactly. */
export interface Normal {
  readonly mean: number;
  readonly deviation: number;
}

const density = (z: number): number => Math.exp(-0.5 * z * z) / Math.sqrt(2 * Math.PI);

/** Standard normal distribution function (Abramowitz and Stegun 26.2.17, error below 7.5e-8). */
function cumulative(z: number): number {
  const t = 1 / (1 + 0.2316419 * Math.abs(z));
  const tail =
    density(z) *
    t *
    (0.31938153 + t * (-0.356563782 + t * (1.781477937 + t * (-1.821255978 + t * 1.330274429))));
  return z >= 0 ? 1 - tail : tail;
}

/** E[max(0, limit − Y)]. */
export function expectedShortfall({ mean, deviation }: Normal, limit: number): number {
  if (deviation <= 0) return Math.max(0, limit - mean);
  const z = (limit - mean) / deviation;
  return deviation * (z * cumulative(z) + density(z));
}

/**
 * Expected hypervolume improvement over two costs.
 * @param front non-dominated cost pairs by ascending first cost
 */
export function expectedImprovement2d(
  x: Normal,
  y: Normal,
  front: readonly (readonly number[])[],
  reference: readonly number[],
): number {
  let total = 0;
  let ceiling = reference[1]!;
  let reached = 0; // expected shortfall of x below the strip's left end
  // Strips of the first cost between neighbours of the front: within one, the ceiling of the second is fixed.
  for (let strip = 0; strip <= front.length; strip++) {
    const right = strip < front.length ? Math.min(front[strip]![0]!, reference[0]!) : reference[0]!;
    const upto = expectedShortfall(x, right);
    if (upto > reached) total += (upto - reached) * expectedShortfall(y, ceiling);
    reached = Math.max(reached, upto);
    if (strip < front.length) ceiling = Math.min(ceiling, front[strip]![1]!);
  }
  return total;
}
