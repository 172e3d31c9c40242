/**
 * Gaussian process whose posterior over a fixed pool is kept up to date: an observation costs O(n·(n +
 * pool)), a reading O(pool). The mean is estimated by generalised least squares, and deviations are scaled by
 * the leave-one-out errors. Rasmussen and Williams 2006, chapters 2 and 5, http://gaussianprocess.org/gpml/
 */
import { nextFactorRow } from './cholesky.js';
import type { FeatureTable } from './features.js';
import { GrowingTable } from './features.js';
import {
  fittedHyperparameters,
  type Hyperparameters,
  leaveOneOut,
  type Observations,
} from './hyperparameters.js';
import { type Kernel, type KernelName, kernels } from './kernel.js';
import type { ModelQuality, Posterior, Surrogate } from './surrogate.js';

export interface GaussianProcessOptions {
  readonly kernel: KernelName;
  readonly pool: FeatureTable;
  /** `[observation][dimension]`; hyperparameters are fitted to these once. */
  readonly xs: readonly (readonly number[])[];
  readonly ys: readonly number[];
  /** Default: fitted to the observations. */
  readonly fit?: ProcessFit;
}

export interface ProcessFit {
  readonly hyper: Hyperparameters;
  readonly quality: ModelQuality;
}

/** Hyperparameters are chosen on an even subset of this many. */
const FITTED = 128;

/** The observations that hyperparameters are fitted to. */
export function fittedObservations({ pool, xs, ys }: Omit<GaussianProcessOptions, 'kernel'>): Observations {
  const step = Math.max(1, Math.ceil(xs.length / FITTED));
  return { dimensions: pool.dimensions, xs: every(xs, step), ys: every(ys, step) };
}

export function fitProcess(kernel: Kernel, observations: Observations): ProcessFit {
  const hyper = fittedHyperparameters(kernel, observations);
  return { hyper, quality: leaveOneOut(kernel, observations, hyper) };
}

/** Largest and smallest factor by which deviations are corrected. */
const CORRECTION = [0.5, 2] as const;

export class GaussianProcess implements Surrogate {
  readonly quality: ModelQuality;
  readonly hyper: Hyperparameters;
  private readonly kernel: Kernel;
  private readonly observed: GrowingTable;
  private readonly factor: Float64Array[] = [];
  /** L⁻¹ k(x, pool), one row per observation. */
  private readonly solved: Float64Array[] = [];
  /** Over the pool: sums of squares of `solved`, and its products with the whitened values and ones. */
  private readonly explained: Float64Array;
  private readonly fromValues: Float64Array;
  private readonly fromOnes: Float64Array;
  private readonly whiteValues: number[] = [];
  private readonly whiteOnes: number[] = [];

  constructor(private readonly options: GaussianProcessOptions) {
    const { pool, xs, ys } = options;
    this.kernel = kernels[options.kernel];
    this.observed = new GrowingTable(pool.dimensions);
    const fit = options.fit ?? fitProcess(this.kernel, fittedObservations(options));
    [this.hyper, this.quality] = [fit.hyper, fit.quality];
    this.explained = new Float64Array(pool.rows);
    this.fromValues = new Float64Array(pool.rows);
    this.fromOnes = new Float64Array(pool.rows);
    xs.forEach((x, index) => {
      this.add(x, ys[index]!);
    });
  }

  add(x: readonly number[], y: number): void {
    const index = this.observed.rows;
    this.observed.add(x);
    const { theta, noise } = this.hyper;
    const row = this.kernel.column(x, this.observed, theta);
    row[index] = 1 + noise;
    const own = nextFactorRow(row, this.factor);
    this.factor.push(own);
    const whitened = (value: number, white: readonly number[]): number => {
      let rest = value;
      for (let column = 0; column < index; column++) rest -= own[column]! * white[column]!;
      return rest / own[index]!;
    };
    this.whiteValues.push(whitened(y, this.whiteValues));
    this.whiteOnes.push(whitened(1, this.whiteOnes));
    this.extendPool(x, own, index);
  }

  private extendPool(x: readonly number[], own: Float64Array, index: number): void {
    const { pool } = this.options;
    const solved = this.kernel.column(x, pool, this.hyper.theta);
    subtractWeighted(solved, own, this.solved);
    const [scale, value, one] = [1 / own[index]!, this.whiteValues[index]!, this.whiteOnes[index]!];
    for (let at = 0; at < solved.length; at++) {
      const entry = solved[at]! * scale;
      solved[at] = entry;
      this.explained[at]! += entry * entry;
      this.fromValues[at]! += value * entry;
      this.fromOnes[at]! += one * entry;
    }
    this.solved.push(solved);
  }

  posterior(): Posterior {
    const { rows } = this.options.pool;
    let [cross, ones, squares] = [0, 0, 0];
    this.whiteOnes.forEach((one, at) => {
      cross += one * this.whiteValues[at]!;
      ones += one * one;
      squares += this.whiteValues[at]! ** 2;
    });
    const centre = cross / ones;
    const variance = Math.max(0, squares - (cross * cross) / ones) / Math.max(1, this.observed.rows - 1);
    const scale = Math.sqrt(variance) * Math.min(CORRECTION[1], Math.max(CORRECTION[0], this.quality.spread));
    const [mean, deviation] = [new Float64Array(rows), new Float64Array(rows)];
    for (let at = 0; at < rows; at++) {
      mean[at] = centre + this.fromValues[at]! - centre * this.fromOnes[at]!;
      // The uncertainty of the mean itself counts too.
      const left = 1 - this.explained[at]! + (1 - this.fromOnes[at]!) ** 2 / ones;
      deviation[at] = scale * Math.sqrt(Math.max(1e-12, left));
    }
    return { mean, deviation };
  }
}

/**
 * Subtracts every row times its weight, in the order of the rows. Four rows at a time: each entry is then
 * loaded and stored once for four, and rounded as if one by one.
 */
function subtractWeighted(to: Float64Array, weights: Float64Array, rows: readonly Float64Array[]): void {
  let row = 0;
  for (; row + 4 <= rows.length; row += 4) {
    const [a, b, c, d] = [rows[row]!, rows[row + 1]!, rows[row + 2]!, rows[row + 3]!];
    const [u, v, w, x] = [weights[row]!, weights[row + 1]!, weights[row + 2]!, weights[row + 3]!];
    for (let at = 0; at < to.length; at++)
      to[at] = to[at]! - u * a[at]! - v * b[at]! - w * c[at]! - x * d[at]!;
  }
  for (; row < rows.length; row++) {
    const [weight, other] = [weights[row]!, rows[row]!];
    for (let at = 0; at < to.length; at++) to[at]! -= weight * other[at]!;
  }
}

const every = <T>(values: readonly T[], step: number): T[] => values.filter((_, index) => index % step === 0);
