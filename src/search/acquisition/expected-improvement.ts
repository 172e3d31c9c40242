/**
 * Expected hypervolume improvement (Emmerich et al. 2006, doi.org/10.1109/TEVC.2005.859463): closed form for
 * one and two objectives with independent normal posteriors, one of which may be known exactly.
 */

const DENSITY_AT_0 = 1 / Math.sqrt(2 * Math.PI);
/** Standard deviations beyond which an outcome does not count; the shortfall there is below 6e-8 of one. */
const FAR = 5;

/**
 * E[max(0, limit − Y)] of a normal Y; the distribution function by Abramowitz and Stegun 26.2.17, error below
 * 7.5e-8.
 * @param deviation 0 where Y is known exactly
 */
export function expectedShortfall(mean: number, deviation: number, limit: number): number {
  if (deviation <= 0) return Math.max(0, limit - mean);
  const z = (limit - mean) / deviation;
  if (z > FAR) return limit - mean;
  if (z < -FAR) return 0;
  const density = DENSITY_AT_0 * Math.exp(-0.5 * z * z);
  const t = 1 / (1 + 0.2316419 * Math.abs(z));
  const tail =
    density *
    t *
    (0.31938153 + t * (-0.356563782 + t * (1.781477937 + t * (-1.821255978 + t * 1.330274429))));
  return deviation * (z * (z >= 0 ? 1 - tail : tail) + density);
}

/** Expected hypervolume improvement over two costs. */
export class PlanarImprovement {
  /** Non-dominated points by ascending first cost; second costs descend. */
  private readonly xs: Float64Array;
  private readonly ys: Float64Array;

  /** @param front non-dominated cost pairs by ascending first cost */
  constructor(
    front: readonly (readonly number[])[],
    private readonly limitX: number,
    private readonly limitY: number,
  ) {
    this.xs = Float64Array.from(front, ([x]) => Math.min(x!, limitX));
    this.ys = Float64Array.from(front, ([, y]) => Math.min(y!, limitY));
  }

  /** Lowest second cost among the points whose first cost is at most `x`. */
  ceilingAt(x: number): number {
    const at = this.firstAbove(x);
    return at === 0 ? this.limitY : this.ys[at - 1]!;
  }

  private firstAbove(x: number): number {
    let [low, high] = [0, this.xs.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.xs[middle]! <= x) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  /** Of a candidate by the posteriors of its costs; a deviation of 0 means that one is known exactly. */
  of(meanX: number, deviationX: number, meanY: number, deviationY: number): number {
    const { xs, ys, limitX, limitY } = this;
    const lowest = meanY - FAR * deviationY;
    let total = 0;
    let reached = 0; // expected shortfall of x below the strip's left end
    // Strips of the first cost between neighbours of the front: within one, the ceiling of the second is
    // fixed. The first one that counts ends above what x may be, the last one has a ceiling above what y may.
    for (let strip = this.firstAbove(meanX - FAR * deviationX); strip <= xs.length; strip++) {
      const ceiling = strip === 0 ? limitY : ys[strip - 1]!;
      if (ceiling <= lowest) break;
      const upto = expectedShortfall(meanX, deviationX, strip < xs.length ? xs[strip]! : limitX);
      if (upto > reached) {
        total += (upto - reached) * expectedShortfall(meanY, deviationY, ceiling);
        reached = upto;
      }
    }
    return total;
  }
}
