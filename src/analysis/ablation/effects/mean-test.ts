/**
 * Mean of paired differences: its interval and p-value, for a number of seeds fixed beforehand (Student), or
 * valid however often one looks (any-time).
 *
 * The any-time form is the mixture t-test: the Bayes factor of an effect size that is normal with variance
 * `effectVariance` under the alternative, scale-invariant under the null. It is a test martingale, so that
 * it exceeds 1/α at any look with probability at most α (Lai, Annals of Statistics 4, 1976; Wang and Ramdas
 * 2024, https://arxiv.org/abs/2310.03722; Howard et al. 2021, https://arxiv.org/abs/1810.08240).
 */
import { mean, sampleVariance } from 'simple-statistics';
import type { Estimate } from '../../../util/statistics/interval.js';
import { studentCdf, studentQuantile } from '../../../util/statistics/student.js';

export type Looks = 'once' | 'any-time';

export interface MeanTestOptions {
  readonly looks: Looks;
  /** default 0.05 */
  readonly level?: number;
  /** Variance of the effect size that the any-time test is tuned to; default 1. */
  readonly effectVariance?: number;
  /**
   * Smallest step between two values, such as 1 / images of a score: differences that agree by rounding alone
   * count with the variance of that rounding. Default 0.
   */
  readonly step?: number;
}

/** Infinite `low` and `high`: the values are too few, or without scatter. */
export interface MeanTest extends Estimate {
  readonly deviation: number;
  /** Two-sided, of "the mean is `mu`". For any-time tests the smallest so far, with the side at that look. */
  p(mu: number): { readonly p: number; readonly isAbove: boolean };
}

interface Moments {
  readonly samples: number;
  readonly value: number;
  readonly variance: number;
}

function momentsOf(values: readonly number[], step: number): Moments {
  const samples = values.length;
  const value = samples === 0 ? Number.NaN : mean([...values]);
  // a difference of two values rounded to `step` has the rounding variance step² / 12 twice
  const variance = samples < 2 ? 0 : Math.max(sampleVariance([...values]), step ** 2 / 6);
  return { samples, value, variance };
}

/** Logarithm of the Bayes factor against "the mean is `mu`"; 0 where nothing can be said. */
function logBayesFactor({ samples, value, variance }: Moments, mu: number, effectVariance: number): number {
  if (samples < 2 || variance === 0) return 0;
  const freedom = samples - 1;
  const ratio = (samples * (value - mu) ** 2) / variance / freedom;
  const scale = 1 + samples * effectVariance;
  return (samples / 2) * (Math.log1p(ratio) - Math.log1p(ratio / scale)) - Math.log(scale) / 2;
}

/** Half-width of the any-time interval; infinite with too few values. */
function anyTimeHalf({ samples, variance }: Moments, level: number, effectVariance: number): number {
  if (samples < 2 || variance === 0) return Infinity;
  const scale = 1 + samples * effectVariance;
  const bound = Math.exp((2 / samples) * (Math.log(scale) / 2 - Math.log(level)));
  if (bound >= scale) return Infinity;
  const ratio = (bound - 1) / (1 - bound / scale);
  return Math.sqrt((ratio * (samples - 1) * variance) / samples);
}

/** Fewest values from which an any-time interval is bounded at all. */
export function fewestAnyTime(level: number, effectVariance: number): number {
  for (let samples = 2; ; samples++)
    if ((samples - 1) * Math.log1p(samples * effectVariance) > -2 * Math.log(level)) return samples;
}

function studentHalf({ samples, variance }: Moments, level: number): number {
  if (samples < 2 || variance === 0) return Infinity;
  return studentQuantile(1 - level / 2, samples - 1) * Math.sqrt(variance / samples);
}

function studentP({ samples, value, variance }: Moments, mu: number): number {
  if (samples < 2 || variance === 0) return 1;
  const t = Math.abs(value - mu) / Math.sqrt(variance / samples);
  return Math.min(1, 2 * (1 - studentCdf(t, samples - 1)));
}

/**
 * @param values differences, one a seed, in the order in which they became known
 * @example meanTest([0.01, 0.02, 0.015], { looks: 'once' }).value // 0.015
 */
export function meanTest(values: readonly number[], options: MeanTestOptions): MeanTest {
  const { looks, level = 0.05, effectVariance = 1, step = 0 } = options;
  const moments = momentsOf(values, step);
  const half = looks === 'once' ? studentHalf(moments, level) : anyTimeHalf(moments, level, effectVariance);
  const { value, samples, variance } = moments;
  return {
    value,
    low: value - half,
    high: value + half,
    samples,
    deviation: Math.sqrt(variance),
    p: (mu) =>
      looks === 'once'
        ? { p: studentP(moments, mu), isAbove: value > mu }
        : anyTimeP(values, mu, effectVariance, step),
  };
}

function anyTimeP(
  values: readonly number[],
  mu: number,
  effectVariance: number,
  step: number,
): { readonly p: number; readonly isAbove: boolean } {
  let [largest, isAbove] = [0, momentsOf(values, step).value > mu];
  for (let look = 2; look <= values.length; look++) {
    const moments = momentsOf(values.slice(0, look), step);
    const found = logBayesFactor(moments, mu, effectVariance);
    if (found > largest) [largest, isAbove] = [found, moments.value > mu];
  }
  return { p: Math.min(1, Math.exp(-largest)), isAbove };
}
