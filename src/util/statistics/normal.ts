/** The standard normal distribution. */

/** 97.5 % quantile: half of a 95 % interval in standard errors. */
export const NORMAL_975 = 1.959963984540054;

/** Distribution function (Abramowitz and Stegun 26.2.17, absolute error below 1e-7). */
export function normalCdf(z: number): number {
  const t = 1 / (1 + 0.2316419 * Math.abs(z));
  const density = Math.exp((-z * z) / 2) / Math.sqrt(2 * Math.PI);
  const upper =
    density *
    t *
    (0.31938153 + t * (-0.356563782 + t * (1.781477937 + t * (-1.821255978 + t * 1.330274429))));
  return z < 0 ? upper : 1 - upper;
}
