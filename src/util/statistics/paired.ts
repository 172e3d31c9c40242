/**
 * Log-ratios of times that were taken in pairs, side by side: the comparison of one launch, and the interval
 * of several. The 20 % trimmed mean with Tukey and McLaughlin's t interval (Sankhya A 25, 1963): winsorised
 * variance, and degrees of freedom of the values that are left, less those cut from one end: without that, 8
 * to 20 equal pairs differ in 5.2 to 5.6 % of tests at 5 %. Under eight pairs it is Student's t of the mean.
 */
import { mean, sampleVariance } from 'simple-statistics';
import { trimmedMean } from './order-statistics.js';
import type { Pooled } from './pool.js';
import { studentQuantile } from './student.js';
import { type Comparison, judgeRatios, type LogRatio, type VerdictOptions } from './verdict.js';

const TRIM = 0.2;
/** Fewer values are too few to leave any out. */
const fewestTrimmed = 8;

/**
 * Compares times that were taken in pairs, side by side, in one process.
 * @param first @param second milliseconds, pair by pair, positive; at least 2 pairs
 * @throws RangeError for lists that do not pair
 * @example comparePaired([9, 9.1, 8.9, 9], [10, 10.1, 10, 9.9]).verdict // 'FASTER'
 */
export function comparePaired(
  first: readonly number[],
  second: readonly number[],
  options: VerdictOptions = {},
): Comparison {
  return judgeRatios([trimmedEstimate(logRatios(first, second))], options)[0]!;
}

function trimmedEstimate(values: readonly number[]): LogRatio {
  const sorted = [...values].sort((a, b) => a - b);
  const share = sorted.length < fewestTrimmed ? 0 : TRIM;
  const cut = Math.floor(share * sorted.length);
  const [lowest, highest] = [sorted[cut]!, sorted[sorted.length - 1 - cut]!];
  const winsorised = sorted.map((value) => Math.min(Math.max(value, lowest), highest));
  const kept = sorted.length - 2 * cut;
  return {
    log: trimmedMean(values, share),
    standardError: Math.sqrt((sampleVariance(winsorised) * (sorted.length - 1)) / (kept - 1) / kept),
    freedom: kept - 1 - cut,
    samples: sorted.length,
  };
}

/**
 * The log-ratio of times taken in pairs over several process launches: mean of the launches' 20 % trimmed
 * means. Its error is the larger of that of all rounds (each launch centred) and of the scatter between
 * launches, so a difference between processes is not attributed to the network.
 * @param first @param second per launch, milliseconds pair by pair; at least 2 pairs each
 */
export function poolLogRatios(
  first: readonly (readonly number[])[],
  second: readonly (readonly number[])[],
): Pooled {
  const logs = first.map((times, launch) => logRatios(times, second[launch]!));
  const launches = logs.length;
  const centres = logs.map((values) => trimmedMean(values, TRIM));
  const residuals = logs.flatMap((values, launch) => values.map((value) => value - centres[launch]!));
  const roundFreedom = Math.max(1, residuals.length - launches);
  // The centring took a degree of freedom per launch.
  const within = (residuals.length / roundFreedom) * trimmedEstimate(residuals).standardError ** 2;
  const scatter = launches < 2 ? 0 : sampleVariance(centres);
  const between = scatter / launches;
  const standardError = Math.sqrt(Math.max(within, between));
  // The rounds' error is known well and the launches' poorly: the freedom of the sum goes from the one's to
  // the other's.
  const freedom =
    between === 0
      ? roundFreedom
      : Math.min(roundFreedom + launches - 1, (launches - 1) * (1 + within / between) ** 2);
  const value = mean(centres);
  const halfWidth = studentQuantile(0.975, freedom) * standardError;
  return {
    value,
    low: value - halfWidth,
    high: value + halfWidth,
    samples: residuals.length,
    launches,
    standardError,
    freedom,
    betweenDeviation: Math.sqrt(Math.max(0, scatter - within * launches)),
    withinError: Math.sqrt(within * launches),
  };
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
