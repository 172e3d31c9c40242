/**
 * Hyperparameters of a Gaussian process by marginal likelihood, with mean and signal variance profiled out
 * (Rasmussen and Williams 2006, chapter 5), and its leave-one-out predictions in closed form (section 5.4.2).
 */
import { factorise, invertFactor, packedRow, squareFactor, symmetricProduct } from './cholesky.js';
import { type Dimension, featureTable } from './features.js';
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

/** Covariances of the observations, noise included, for one choice of hyperparameters; packed triangles. */
export interface Covariance {
  readonly hyper: Hyperparameters;
  readonly covariances: Float64Array;
  readonly inverse: Float64Array;
  /** Half of the logarithm of the determinant. */
  readonly logDeterminant: number;
}

/** Covariances of observations under one kernel, for any hyperparameters; its arrays are reused. */
export class CovarianceFamily {
  private readonly differences: readonly Float64Array[];
  private readonly covariances: Float64Array;
  private readonly inverse: Float64Array;
  private readonly factor: Float64Array;
  private readonly scratch: Float64Array;
  /** Where a fit begins. */
  readonly initial: Hyperparameters;

  constructor(
    private readonly kernel: Kernel,
    dimensions: readonly Dimension[],
    private readonly xs: Observations['xs'],
  ) {
    this.differences = kernel.differences(featureTable(dimensions, xs));
    this.initial = { theta: kernel.initial(dimensions.length), noise: 1e-2 };
    const packed = (): Float64Array => new Float64Array(packedRow(xs.length));
    [this.covariances, this.inverse, this.factor, this.scratch] = [packed(), packed(), packed(), packed()];
  }

  /** Valid until the next call. */
  at(hyper: Hyperparameters): Covariance {
    const { covariances, inverse, factor, scratch } = this;
    const n = this.xs.length;
    this.kernel.covariances(this.differences, hyper.theta, covariances);
    factor.set(covariances);
    for (let row = 0; row < n; row++) factor[packedRow(row) + row] = 1 + hyper.noise;
    factorise(factor, n);
    let logDeterminant = 0;
    for (let row = 0; row < n; row++) logDeterminant += Math.log(factor[packedRow(row) + row]!);
    invertFactor(factor, n, scratch);
    squareFactor(scratch, n, inverse);
    return { hyper, covariances, inverse, logDeterminant };
  }

  /** Derivatives of the log marginal likelihood by the logarithms of theta and, at last, of the noise. */
  gradient({ hyper, covariances, inverse }: Covariance, { weights, variance }: Profile): number[] {
    const pulls = this.scratch;
    let diagonal = 0;
    for (let row = 0; row < weights.length; row++) {
      const own = packedRow(row);
      const scaled = weights[row]! / variance;
      for (let column = 0; column < row; column++)
        pulls[own + column] = scaled * weights[column]! - inverse[own + column]!;
      diagonal += scaled * weights[row]! - inverse[own + row]!;
      pulls[own + row] = 0; // covariances of an observation with itself are 1
    }
    const own = this.kernel.gradient(this.differences, hyper.theta, covariances, pulls);
    return [...own, (hyper.noise * diagonal) / 2];
  }
}

interface Profile {
  /** By generalised least squares. */
  readonly centre: number;
  /** K⁻¹ (y − centre) */
  readonly weights: Float64Array;
  readonly variance: number;
}

function profile(inverse: Float64Array, ys: readonly number[]): Profile {
  const middle = ys.reduce((sum, y) => sum + y, 0) / ys.length;
  const fromYs = symmetricProduct(
    inverse,
    Float64Array.from(ys, (y) => y - middle),
  );
  const fromOnes = symmetricProduct(inverse, new Float64Array(ys.length).fill(1));
  let [cross, square] = [0, 0];
  for (let at = 0; at < ys.length; at++) {
    cross += fromYs[at]!;
    square += fromOnes[at]!;
  }
  const offset = cross / square;
  const weights = fromYs.map((value, at) => value - offset * fromOnes[at]!);
  const variance = weights.reduce((sum, value, at) => sum + value * (ys[at]! - middle - offset), 0);
  return { centre: middle + offset, weights, variance: Math.max(variance / ys.length, 1e-300) };
}

/** Steps of an ascent, the first by a factor of e^0.7; and of one from a fit of like values. */
const FROM_START = { most: 12, first: 0.7 } as const;
const FROM_FIT = { most: 6, first: 0.3 } as const;
/** Few hyperparameters need fewer steps. */
const STEPS_EACH = 5;
const [LONGEST, SHORTEST] = [1.4, 0.04] as const;
const RANGE = [1e-3, 30] as const;
const NOISE_RANGE = [1e-5, 2] as const;

/** Precision of the logarithms around the kernel's starting values. */
const PRECISION = 0.5;

/**
 * A preference for the starting values, for slow decay and for little noise keeps small samples from
 * extremes: log density, and its derivatives by the logarithms.
 * @param offsets of the logarithms from those of the starting values; the last is the noise's
 */
function preference(
  { theta, noise }: Hyperparameters,
  offsets: readonly number[],
): { readonly value: number; readonly gradient: readonly number[] } {
  const linear = [...theta.map((value) => -0.05 * value), -0.5 * noise];
  return {
    value: linear.reduce((sum, own, at) => sum + own - (PRECISION / 2) * offsets[at]! ** 2, 0),
    gradient: linear.map((own, at) => own - PRECISION * offsets[at]!),
  };
}

/**
 * Ascent by signs of the derivatives with a step of its own per logarithm (Riedmiller and Braun 1993,
 * doi.org/10.1109/ICNN.1993.298623): the same observations always give the same result.
 * @param near hyperparameters fitted to like values; default: the ascent begins at the kernel's own
 */
export function fittedCovariance(
  family: CovarianceFamily,
  ys: readonly number[],
  near?: Hyperparameters,
): Covariance {
  const { most, first } = near ? FROM_FIT : FROM_START;
  const logarithms = ({ theta, noise }: Hyperparameters): number[] => [...theta, noise].map(Math.log);
  const [place, origin] = [logarithms(near ?? family.initial), logarithms(family.initial)];
  const steps = new Float64Array(place.length).fill(first);
  const ranges = place.map((_, at) => (at === place.length - 1 ? NOISE_RANGE : RANGE).map(Math.log));
  let before = place.map(() => 0);
  let best = near ?? family.initial;
  let highest = -Infinity;
  for (let step = 0; step < Math.min(most, STEPS_EACH * place.length); step++) {
    const values = place.map(Math.exp);
    const current = family.at({ theta: values.slice(0, -1), noise: values.at(-1)! });
    const profiled = profile(current.inverse, ys);
    const prior = preference(
      current.hyper,
      place.map((own, at) => own - origin[at]!),
    );
    const value = (-ys.length / 2) * Math.log(profiled.variance) - current.logDeterminant + prior.value;
    if (value > highest) [best, highest] = [current.hyper, value];
    const slopes = family.gradient(current, profiled).map((own, at) => own + prior.gradient[at]!);
    for (let at = 0; at < place.length; at++) {
      const agreement = slopes[at]! * before[at]!;
      if (agreement > 0) steps[at] = Math.min(LONGEST, steps[at]! * 1.3);
      else if (agreement < 0) steps[at]! *= 0.4;
      const [low, high] = ranges[at]!;
      place[at] = Math.min(high!, Math.max(low!, place[at]! + Math.sign(slopes[at]!) * steps[at]!));
    }
    before = slopes;
    if (steps.every((own) => own < SHORTEST)) break;
  }
  return family.at(best);
}

/** @param inverse of the covariances of the observations, packed */
export function leaveOneOut(inverse: Float64Array, ys: readonly number[]): LeaveOneOut {
  const { weights, variance } = profile(inverse, ys);
  const predictions = ys.map((y, at) => {
    const diagonal = inverse[packedRow(at) + at]!;
    return { mean: y - weights[at]! / diagonal, deviation: Math.sqrt(variance / diagonal) };
  });
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
