/**
 * Pools estimates of several process launches. Autotuning picks algorithms per process, so launches differ by
 * more than their own intervals: both variances are kept, and the interval includes the one between launches.
 */
import { mean, sampleVariance } from 'simple-statistics';
import type { Estimate } from './interval.js';
import { NORMAL_975 } from './normal.js';
import { studentQuantile } from './student.js';

export interface Pooled extends Estimate {
  /** Standard deviation between launches beyond what their own intervals explain, in the value's unit. */
  readonly betweenDeviation: number;
  /** Root mean square of the launches' own standard errors. */
  readonly withinError: number;
  readonly launches: number;
  /** Of the pooled value, with the degrees of freedom of its t interval. */
  readonly standardError: number;
  readonly freedom: number;
}

/**
 * Mean of the launches' values; the variance of that mean is the larger of what the launches' own intervals
 * imply and what their scatter shows, with degrees of freedom that rise from the launches' number less one
 * (scatter alone counts) as the launches' own, well-known errors take over.
 * @param launches one 95 % interval per launch, at least one
 */
export function poolLaunches(launches: readonly Estimate[]): Pooled {
  if (launches.length === 0) throw new RangeError('poolLaunches: at least one launch is needed, got none');
  const value = mean(launches.map((launch) => launch.value));
  const withinVariance = mean(launches.map((launch) => ((launch.high - launch.low) / 2 / NORMAL_975) ** 2));
  const samples = launches.reduce((sum, launch) => sum + launch.samples, 0);
  if (launches.length === 1) {
    return {
      ...launches[0]!,
      betweenDeviation: 0,
      withinError: Math.sqrt(withinVariance),
      launches: 1,
      standardError: Math.sqrt(withinVariance),
      freedom: Infinity,
    };
  }
  const scatter = sampleVariance(launches.map((launch) => launch.value));
  const between = Math.max(0, scatter - withinVariance);
  const total = between + withinVariance;
  const freedom = scatter === 0 ? Infinity : (launches.length - 1) * (1 + withinVariance / scatter) ** 2;
  const factor = freedom > 1e6 ? NORMAL_975 : studentQuantile(0.975, freedom);
  const standardError = Math.sqrt(total / launches.length);
  const halfWidth = factor * standardError;
  return {
    value,
    low: value - halfWidth,
    high: value + halfWidth,
    samples,
    betweenDeviation: Math.sqrt(between),
    withinError: Math.sqrt(withinVariance),
    launches: launches.length,
    standardError,
    freedom,
  };
}
