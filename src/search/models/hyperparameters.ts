/**
 * Hyperparameters of a Gaussian process by marginal likelihood, with mean and signal variance profiled out
 * (Rasmussen and Williams 2006, chapter 5), and its leave-one-out predictions in closed form (section 5.4.2).
 */
import { backwardSolved, forwardSolved, inverseDiagonal, nextFactorRow } from './cholesky.js';
import { type Dimension, type FeatureTable, featureTable } from './features.js';
import type { Kernel } from './kernel.js';

export interface Hyperparameters {
  readonly theta: readonly number[];
  /** Variance of the noise over that of the signal. */
  readonly noise: number;
}

export interface Observations {
  readonly dimensions: readonly Dimension[];
  /** `[observation][dimension]` */
  readonly xs: readonly (readonly number[])[];
  readonly ys: readonly number[];
}

export interface LeaveOneOut {
  /** Predictions of each observation from all others: mean and standard deviation, noise included. */
  readonly predictions: readonly { readonly mean: number; readonly deviation: number }[];
  /** Mean log density of the observations under these predictions; higher is better. */
  readonly logDensity: number;
  /** Share of the variance that the predictions explain; at most 1, below 0 for a useless model. */
  readonly explained: number;
  /** Root mean square of the standardised errors: 1 where the deviations are right. */
  readonly spread: number;
}

const SWEEPS = 3;
const RANGE = [1e-3, 30] as const;
const NOISE_RANGE = [1e-5, 2] as const;

/** Hyperparameters are tried by the hundred on the same observations. */
const tables = new WeakMap<Observations['xs'], FeatureTable>();

function tableOf(dimensions: readonly Dimension[], xs: Observations['xs']): FeatureTable {
  const table = tables.get(xs) ?? featureTable(dimensions, xs);
  tables.set(xs, table);
  return table;
}

function factorOf(
  kernel: Kernel,
  { dimensions, xs }: Observations,
  { theta, noise }: Hyperparameters,
): Float64Array[] {
  const table = tableOf(dimensions, xs);
  const factor: Float64Array[] = [];
  xs.forEach((x, index) => {
    const row = kernel.column(x, { ...table, rows: index + 1 }, theta);
    row[index] = 1 + noise;
    factor.push(nextFactorRow(row, factor));
  });
  return factor;
}

/** Whitened observations and ones, the mean by generalised least squares, and the signal's variance. */
function profile(factor: readonly Float64Array[], ys: readonly number[]) {
  const whiteYs = forwardSolved(factor, ys);
  const whiteOnes = forwardSolved(factor, new Float64Array(ys.length).fill(1));
  let [cross, square] = [0, 0];
  for (let at = 0; at < ys.length; at++) {
    cross += whiteOnes[at]! * whiteYs[at]!;
    square += whiteOnes[at]! ** 2;
  }
  const centre = cross / square;
  const white = whiteYs.map((value, at) => value - centre * whiteOnes[at]!);
  const variance = white.reduce((sum, value) => sum + value * value, 0) / ys.length;
  return { centre, white, variance: Math.max(variance, 1e-300) };
}

function evidence(kernel: Kernel, observations: Observations, hyper: Hyperparameters): number {
  const factor = factorOf(kernel, observations, hyper);
  const { variance } = profile(factor, observations.ys);
  const n = factor.length;
  const determinant = factor.reduce((sum, row, index) => sum + Math.log(row[index]!), 0);
  // A weak preference for slow decay and little noise keeps small samples from extremes.
  const prior = hyper.theta.reduce((sum, value) => sum + 0.05 * value, 0) + 0.5 * hyper.noise;
  return (-n / 2) * Math.log(variance) - determinant - prior;
}

/** Coordinate ascent from the kernel's starting values: the same observations always give the same result. */
export function fittedHyperparameters(kernel: Kernel, observations: Observations): Hyperparameters {
  let best: Hyperparameters = { theta: kernel.initial(observations.dimensions.length), noise: 1e-2 };
  let highest = evidence(kernel, observations, best);
  const attempt = (hyper: Hyperparameters): boolean => {
    const value = evidence(kernel, observations, hyper);
    if (!(value > highest + 1e-9)) return false;
    [best, highest] = [hyper, value];
    return true;
  };
  const clamp = (value: number, [low, high]: readonly [number, number]): number =>
    Math.min(high, Math.max(low, value));
  for (let sweep = 0; sweep < SWEEPS; sweep++) {
    const factor = sweep === SWEEPS - 1 ? 1.7 : 4;
    for (const step of [factor, 1 / factor])
      if (attempt({ ...best, noise: clamp(best.noise * step, NOISE_RANGE) })) break;
    for (let at = 0; at < best.theta.length; at++)
      for (const step of [factor, 1 / factor]) {
        const theta = best.theta.map((value, index) => (index === at ? clamp(value * step, RANGE) : value));
        if (attempt({ ...best, theta })) break;
      }
  }
  return best;
}

export function leaveOneOut(kernel: Kernel, observations: Observations, hyper: Hyperparameters): LeaveOneOut {
  const factor = factorOf(kernel, observations, hyper);
  const { ys } = observations;
  const { white, variance } = profile(factor, ys);
  const weights = backwardSolved(factor, white);
  const diagonal = inverseDiagonal(factor);
  const predictions = ys.map((y, at) => ({
    mean: y - weights[at]! / diagonal[at]!,
    deviation: Math.sqrt(variance / diagonal[at]!),
  }));
  return { predictions, ...predictionQuality(ys, predictions) };
}

/** How good predictions of held-out observations are. */
export function predictionQuality(
  ys: readonly number[],
  predictions: readonly { readonly mean: number; readonly deviation: number }[],
): Omit<LeaveOneOut, 'predictions'> {
  const n = Math.max(1, ys.length);
  const centre = ys.reduce((sum, y) => sum + y, 0) / n;
  let [logDensity, errors, total, squares] = [0, 0, 0, 0];
  ys.forEach((y, at) => {
    const { mean, deviation } = predictions[at]!;
    const z = (y - mean) / Math.max(deviation, 1e-150);
    logDensity -= 0.5 * z * z + Math.log(Math.max(deviation, 1e-150)) + 0.5 * Math.log(2 * Math.PI);
    errors += (y - mean) ** 2;
    total += (y - centre) ** 2;
    squares += z * z;
  });
  return {
    logDensity: logDensity / n,
    explained: total > 0 ? 1 - errors / total : 0,
    spread: Math.sqrt(squares / n),
  };
}
