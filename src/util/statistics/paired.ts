/**
 * Compares two networks by speed: bootstrap interval of the paired log-ratio (20 % trimmed mean) against a
 * noise floor. AMBIGUOUS means that the samples do not decide; it never counts as a win.
 */
import { cumulativeStdNormalProbability, mean, sampleVariance } from 'simple-statistics';
import type { Random } from '../random.js';
import { bootstrapDistribution } from './bootstrap.js';
import type { Estimate } from './interval.js';
import { NORMAL_975 } from './normal.js';
import { quantile, trimmedMean } from './order-statistics.js';
import type { Pooled } from './pool.js';
import { studentCdf, studentQuantile } from './student.js';

export type Verdict = 'FASTER' | 'SLOWER' | 'SAME' | 'AMBIGUOUS';

export interface Comparison {
  /** Of the first against the second. */
  readonly verdict: Verdict;
  /** Time of the first over time of the second: below 1, the first is faster. */
  readonly ratio: Estimate;
  /** Two-sided p-value of "ratio is 1" from the bootstrap; corrected where many pairs are compared. */
  readonly p: number;
  /** As a fraction; differences below it are called SAME. */
  readonly noiseFloor: number;
}

export interface ComparisonOptions {
  /** default 0.01 */
  readonly noiseFloor?: number;
  /** default 0.95 */
  readonly confidence?: number;
  /** default 2000 */
  readonly resamples?: number;
}

/**
 * Compares times that were taken in pairs, side by side.
 * FASTER/SLOWER: the interval excludes 1 and the ratio lies beyond the noise floor. SAME: the whole interval
 * lies within it.
 * @param first @param second milliseconds, pair by pair, positive; at least 2 pairs
 * @example comparePaired([9, 9.1, 8.9, 9], [10, 10.1, 10, 9.9], seededRandom(1)).verdict // 'FASTER'
 */
export function comparePaired(
  first: readonly number[],
  second: readonly number[],
  random: Random,
  options: ComparisonOptions = {},
): Comparison {
  const { noiseFloor = 0.01, confidence = 0.95, resamples = 2000 } = options;
  const logs = logRatios(first, second);
  const drawn = bootstrapDistribution(logs, trimmedMean, random, resamples);
  const tail = (1 - confidence) / 2;
  const estimate = { value: trimmedMean(logs), low: quantile(drawn, tail), high: quantile(drawn, 1 - tail) };
  const beyond = (count: number): number => (count + 1) / (resamples + 1);
  const p = Math.min(
    1,
    2 *
      Math.min(
        beyond(drawn.filter((value) => value >= 0).length),
        beyond(drawn.filter((value) => value <= 0).length),
      ),
  );
  const ratio = {
    value: Math.exp(estimate.value),
    low: Math.exp(estimate.low),
    high: Math.exp(estimate.high),
    samples: logs.length,
  };
  return { verdict: verdictOf(ratio, noiseFloor), ratio, p, noiseFloor };
}

/** Variance of log-ratios between launches, estimated from all pairs of a session together. */
export interface LaunchScatter {
  readonly variance: number;
  readonly freedom: number;
}

/**
 * The log-ratio of times taken in pairs over several process launches: mean of the launches' 20 % trimmed
 * means. Its error is the larger of a bootstrap over all rounds (each launch centred) and of the scatter
 * between launches, so a difference between processes is not attributed to the network.
 * @param first @param second per launch, milliseconds pair by pair; at least 2 pairs each
 * @param scatter of the session; default this pair's own, a poor estimate with three launches
 */
export function poolLogRatios(
  first: readonly (readonly number[])[],
  second: readonly (readonly number[])[],
  random: Random,
  options: ComparisonOptions = {},
  scatter?: LaunchScatter,
): Pooled {
  return poolLogs(
    [first.map((times, launch) => logRatios(times, second[launch]!))],
    random,
    options,
    scatter,
  );
}

/**
 * The same of two networks that were not timed in pairs with each other but each with the anchor beside it:
 * the difference of their trimmed mean log-ratios to it. Dividing round by round instead would let a spike in
 * any of four times spoil the quotient.
 * @param first @param second per launch, times over the anchor's; at least 2 each
 */
export function poolRatios(
  first: readonly (readonly number[])[],
  second: readonly (readonly number[])[],
  random: Random,
  options: ComparisonOptions = {},
  scatter?: LaunchScatter,
): Pooled {
  return poolLogs([logsOf(first), logsOf(second)], random, options, scatter);
}

/** @param arms one, or two of which the second is subtracted; per arm the logs of each launch */
function poolLogs(
  arms: readonly (readonly (readonly number[])[])[],
  random: Random,
  { resamples = 2000 }: ComparisonOptions,
  scatter?: LaunchScatter,
): Pooled {
  const launches = arms[0]!.length;
  const armCentres = arms.map((arm) => arm.map((values) => trimmedMean(values)));
  const centres = armCentres[0]!.map((centre, launch) => centre - (armCentres[1]?.[launch] ?? 0));
  let [within, roundFreedom] = [0, 0];
  for (const [index, arm] of arms.entries()) {
    const residuals = arm.flatMap((values, launch) =>
      values.map((value) => value - armCentres[index]![launch]!),
    );
    const drawn = bootstrapDistribution(residuals, trimmedMean, random, resamples);
    const freedom = Math.max(1, residuals.length - launches);
    // The centring took a degree of freedom per launch.
    within +=
      (residuals.length / freedom) *
      ((quantile(drawn, 0.975) - quantile(drawn, 0.025)) / 2 / NORMAL_975) ** 2;
    roundFreedom += freedom;
  }
  const seen = scatter ?? { variance: launches < 2 ? 0 : sampleVariance(centres), freedom: launches - 1 };
  const between = seen.variance / launches;
  const standardError = Math.sqrt(Math.max(within, between));
  // The rounds' error is known well and the launches' poorly: the freedom of the sum goes from the one's to
  // the other's.
  const freedom =
    between === 0 || seen.freedom === 0
      ? roundFreedom
      : Math.min(roundFreedom + seen.freedom, seen.freedom * (1 + within / between) ** 2);
  const value = mean(centres);
  const halfWidth = studentQuantile(0.975, freedom) * standardError;
  return {
    value,
    low: value - halfWidth,
    high: value + halfWidth,
    samples: Math.min(...arms.map((arm) => arm.flat().length)),
    launches,
    standardError,
    freedom,
    betweenDeviation: Math.sqrt(Math.max(0, seen.variance - within * launches)),
    withinError: Math.sqrt(within * launches),
  };
}

/**
 * Scatter between launches pooled over all networks that ran together, as in a two-way layout of launches and
 * networks.
 * @param series per network its times over the anchor's, per launch
 * @returns `pair`: of the difference of two networks, what a launch does to both left out; `own`: of one
 * network, with it
 */
export function launchScatter(series: readonly (readonly (readonly number[])[])[]): {
  readonly pair: LaunchScatter;
  readonly own: LaunchScatter;
} {
  const launches = series[0]?.length ?? 0;
  const none = { variance: 0, freedom: 0 };
  if (series.length < 2 || launches < 2) return { pair: none, own: none };
  const centres = series.map((each) => logsOf(each).map((values) => trimmedMean(values)));
  const variances = centres.flatMap((first, i) =>
    centres
      .slice(i + 1)
      .map((second) => sampleVariance(first.map((centre, launch) => centre - second[launch]!))),
  );
  const freedom = (series.length - 1) * (launches - 1);
  return {
    pair: { variance: mean(variances), freedom },
    own: { variance: mean(centres.map((each) => sampleVariance(each))), freedom },
  };
}

const logsOf = (launches: readonly (readonly number[])[]): number[][] =>
  launches.map((values) => {
    if (values.length < 2 || !values.every((value) => value > 0))
      throw new RangeError(
        `compareLaunches: at least 2 positive ratios a launch are needed, got ${values.length}`,
      );
    return values.map(Math.log);
  });

/** Ratios to the anchor over several launches, judged; see `poolRatios`. */
export function compareLaunches(
  first: readonly (readonly number[])[],
  second: readonly (readonly number[])[],
  random: Random,
  options: ComparisonOptions = {},
  scatter?: LaunchScatter,
): Comparison {
  return comparisonOf(poolRatios(first, second, random, options, scatter), options);
}

/** Ratio, p-value and verdict of a pooled log-ratio. */
export function comparisonOf(pooled: Pooled, { noiseFloor = 0.01 }: ComparisonOptions = {}): Comparison {
  const ratio = {
    value: Math.exp(pooled.value),
    low: Math.exp(pooled.low),
    high: Math.exp(pooled.high),
    samples: pooled.samples,
  };
  const t = Math.abs(pooled.value) / Math.max(pooled.standardError, 1e-12);
  const tail =
    pooled.freedom > 1e6 ? 1 - cumulativeStdNormalProbability(t) : 1 - studentCdf(t, pooled.freedom);
  return { verdict: verdictOf(ratio, noiseFloor), ratio, p: Math.min(1, 2 * tail), noiseFloor };
}

/** The verdict that a ratio's interval carries. @param ratio time of the first over time of the second */
export function verdictOf(ratio: Estimate, noiseFloor: number): Verdict {
  const floor = Math.log1p(noiseFloor);
  const [value, low, high] = [Math.log(ratio.value), Math.log(ratio.low), Math.log(ratio.high)];
  if (low >= -floor && high <= floor) return 'SAME';
  if (high < 0 && value < -floor) return 'FASTER';
  if (low > 0 && value > floor) return 'SLOWER';
  return 'AMBIGUOUS';
}

function logRatios(first: readonly number[], second: readonly number[]): number[] {
  if (first.length !== second.length || first.length < 2)
    throw new RangeError(
      'comparePaired: ' +
        `two equally long lists of at least 2 are needed, got ${first.length} and ${second.length}`,
    );
  if (![...first, ...second].every((time) => time > 0))
    throw new RangeError('comparePaired: times must be positive');
  return first.map((time, i) => Math.log(time / second[i]!));
}
