/** The standard normal distribution. */

/** 97.5 % quantile: half of a 95 % interval in standard errors. */
export const NORMAL_975 = 1.959963984540054;

/**
 * Distribution function, absolute error below 1e-15: the series of Marsaglia, Journal of Statistical Software
 * 11, 2004, and beyond 6 its continued fraction (Abramowitz and Stegun 26.2.14), exact to a relative 1e-12.
 */
export function normalCdf(z: number): number {
  if (Math.abs(z) > 6) return z > 0 ? 1 - upperTail(z) : upperTail(-z);
  let [sum, term] = [z, z];
  for (let odd = 3; Math.abs(term) > 1e-17 * Math.abs(sum); odd += 2) {
    term *= (z * z) / odd;
    sum += term;
  }
  return 0.5 + sum * normalDensity(z);
}

/** The z with P(Z ≤ z) = `share`, by bisection. @param share in (0, 1) @throws RangeError outside of it */
export function normalQuantile(share: number): number {
  if (!(share > 0 && share < 1))
    throw new RangeError(`normalQuantile: share must lie in (0, 1), got ${share}`);
  let [low, high] = [-40, 40];
  while (high - low > 1e-12 * Math.max(1, Math.abs(low))) {
    const middle = (low + high) / 2;
    if (normalCdf(middle) < share) low = middle;
    else high = middle;
  }
  return (low + high) / 2;
}

/** The density at z. */
export const normalDensity = (z: number): number => Math.exp((-z * z) / 2) / Math.sqrt(2 * Math.PI);

/** P(Z > z). @param z above 3 */
function upperTail(z: number): number {
  let fraction = z;
  for (let level = 40; level >= 1; level--) fraction = z + level / fraction;
  return normalDensity(z) / fraction;
}
