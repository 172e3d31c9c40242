/** The noncentral t distribution: power of a t-test, and the interval of a standardised effect. */
import { normalCdf } from './normal.js';
import { logGamma, studentQuantile } from './student.js';

/**
 * Panels of Simpson's rule; the integrand is smooth, so that its error stays below that of the normal CDF.
 */
const panels = 1200;

/**
 * P(T ≤ t) of the noncentral t distribution, absolute error below 1e-6: the mean of Φ(t·s − shift) over
 * s = √(χ²/freedom).
 * @param shift noncentrality, e.g. effect size × √n of a paired test
 */
export function noncentralTCdf(t: number, freedom: number, shift: number): number {
  const logScale = Math.LN2 + (freedom / 2) * Math.log(freedom / 2) - logGamma(freedom / 2);
  const value = (s: number): number => {
    if (s === 0) return freedom === 1 ? Math.exp(logScale) * normalCdf(-shift) : 0;
    const density = Math.exp(logScale + (freedom - 1) * Math.log(s) - (freedom * s * s) / 2);
    return density * normalCdf(t * s - shift);
  };
  const spread = 9 / Math.sqrt(freedom);
  const [from, to] = [Math.max(0, 1 - spread), 1 + spread];
  const step = (to - from) / panels;
  let sum = value(from) + value(to);
  for (let i = 1; i < panels; i++) sum += (i % 2 === 1 ? 4 : 2) * value(from + i * step);
  return Math.min(1, Math.max(0, (sum * step) / 3));
}

/**
 * Power of a two-sided t-test of one mean, of paired differences for instance.
 * @param effectSize mean over standard deviation
 * @param samples at least 2
 * @example pairedTPower(1, 10, 0.05) // 0.803
 */
export function pairedTPower(effectSize: number, samples: number, level = 0.05): number {
  const freedom = samples - 1;
  const limit = studentQuantile(1 - level / 2, freedom);
  const shift = effectSize * Math.sqrt(samples);
  return 1 - noncentralTCdf(limit, freedom, shift) + noncentralTCdf(-limit, freedom, shift);
}

/** The noncentrality at which `t` is the `share` quantile; bisection to 1e-7. */
export function noncentralityAt(t: number, freedom: number, share: number): number {
  let [low, high] = [t - 10 - Math.abs(t), t + 10 + Math.abs(t)];
  while (high - low > 1e-7) {
    const middle = (low + high) / 2;
    if (noncentralTCdf(t, freedom, middle) > share) low = middle;
    else high = middle;
  }
  return (low + high) / 2;
}
