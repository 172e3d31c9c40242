/** Student's t distribution, which simple-statistics lacks, and the interval of a mean by it. */
import { mean, sampleStandardDeviation } from 'simple-statistics';
import type { Estimate } from './interval.js';

/** Natural logarithm of the gamma function (Lanczos, g = 7, 9 terms; Numerical Recipes 6.1). @param x > 0 */
export function logGamma(x: number): number {
  const terms = [
    0.99999999999980993, 676.5203681218851, -1259.1392167224028, 771.32342877765313, -176.61502916214059,
    12.507343278686905, -0.13857109526572012, 9.9843695780195716e-6, 1.5056327351493116e-7,
  ];
  const shifted = x - 1 + 7.5;
  const sum = terms.reduce((total, term, i) => (i === 0 ? term : total + term / (x - 1 + i)), 0);
  return 0.5 * Math.log(2 * Math.PI) + (x - 0.5) * Math.log(shifted) - shifted + Math.log(sum);
}

/** Regularised incomplete beta function by its continued fraction (Lentz; DLMF 8.17.22). */
export function incompleteBeta(x: number, a: number, b: number): number {
  if (x <= 0) return 0;
  if (x >= 1) return 1;
  if (x > (a + 1) / (a + b + 2)) return 1 - incompleteBeta(1 - x, b, a);
  const front =
    Math.exp(logGamma(a + b) - logGamma(a) - logGamma(b) + a * Math.log(x) + b * Math.log(1 - x)) / a;
  const guard = (value: number): number => (Math.abs(value) < 1e-300 ? 1e-300 : value);
  let [c, d] = [1, 1 / guard(1 - ((a + b) * x) / (a + 1))];
  let fraction = d;
  for (let m = 1; m <= 500; m++) {
    for (const numerator of [
      (m * (b - m) * x) / ((a + 2 * m - 1) * (a + 2 * m)),
      (-(a + m) * (a + b + m) * x) / ((a + 2 * m) * (a + 2 * m + 1)),
    ]) {
      d = 1 / guard(1 + numerator * d);
      c = guard(1 + numerator / c);
      fraction *= c * d;
    }
    if (Math.abs(c * d - 1) < 1e-15) break;
  }
  return front * fraction;
}

/** P(T ≤ t) with `freedom` degrees of freedom. */
export function studentCdf(t: number, freedom: number): number {
  const tail = 0.5 * incompleteBeta(freedom / (freedom + t * t), freedom / 2, 0.5);
  return t > 0 ? 1 - tail : tail;
}

/** The t with P(T ≤ t) = `share`, by bisection to 1e-10. @param share in (0, 1) */
export function studentQuantile(share: number, freedom: number): number {
  if (!(share > 0 && share < 1))
    throw new RangeError(`studentQuantile: share must lie in (0, 1), got ${share}`);
  if (share < 0.5) return -studentQuantile(1 - share, freedom);
  let [low, high] = [0, 1];
  while (studentCdf(high, freedom) < share) high *= 2;
  while (high - low > 1e-10 * Math.max(1, high)) {
    const middle = (low + high) / 2;
    if (studentCdf(middle, freedom) < share) low = middle;
    else high = middle;
  }
  return (low + high) / 2;
}

/** Mean with its 95 % Student t interval; undefined for fewer than two values, which determine none. */
export function meanInterval(values: readonly number[]): Estimate | undefined {
  const samples = values.length;
  if (samples < 2) return undefined;
  const value = mean([...values]);
  const half =
    (studentQuantile(0.975, samples - 1) * sampleStandardDeviation([...values])) / Math.sqrt(samples);
  return { value, low: value - half, high: value + half, samples };
}
