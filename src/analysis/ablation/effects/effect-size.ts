/**
 * Standardised effect of paired differences: Cohen's d_z with Hedges' correction for few pairs (Hedges 1981,
 * https://doi.org/10.3102/10769986006002107), and its interval by the noncentral t distribution.
 */
import { mean, sampleStandardDeviation } from 'simple-statistics';
import type { Estimate } from '../../../util/statistics/interval.js';
import { noncentralityAt } from '../../../util/statistics/noncentral-t.js';
import { logGamma } from '../../../util/statistics/student.js';

/** Factor that makes the effect size unbiased; 0 with one degree of freedom, whose bias is infinite. */
export const hedgesCorrection = (freedom: number): number =>
  freedom <= 1
    ? 0
    : Math.exp(logGamma(freedom / 2) - logGamma((freedom - 1) / 2) - Math.log(freedom / 2) / 2);

/** Undefined with fewer than three differences or without scatter. @param level default 0.05 */
export function pairedEffectSize(differences: readonly number[], level = 0.05): Estimate | undefined {
  const samples = differences.length;
  if (samples < 3) return undefined;
  const deviation = sampleStandardDeviation([...differences]);
  if (deviation === 0) return undefined;
  const freedom = samples - 1;
  const raw = mean([...differences]) / deviation;
  const correction = hedgesCorrection(freedom);
  const t = raw * Math.sqrt(samples);
  const bound = (share: number): number =>
    (correction * noncentralityAt(t, freedom, share)) / Math.sqrt(samples);
  return { value: correction * raw, low: bound(1 - level / 2), high: bound(level / 2), samples };
}
