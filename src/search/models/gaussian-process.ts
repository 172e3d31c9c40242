/**
 * Gaussian process over a fixed pool of candidates. All of the pool is screened: exact means, and deviations
 * given the leading observations alone, which are upper bounds. The few candidates that promise most are then
 * followed exactly. An observation costs O(n² + pool), a screening O(n·pool), a candidate O(n²) once and O(n)
 * per observation from then on. The mean is estimated by generalised least squares, and deviations are
 * scaled by the leave-one-out errors. Rasmussen and Williams 2006, chapters 2 and 5,
 * http://gaussianprocess.org/gpml/
 */
import { backwardSolved, dotProduct } from './cholesky.js';
import { FactoredObservations, type Scale } from './factored-observations.js';
import type { FeatureTable } from './features.js';
import {
  CovarianceFamily,
  fittedCovariance,
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
/** Observations that bound the deviations of all of the pool. */
const LEADING = 64;

/** The observations that hyperparameters are fitted to. */
export function fittedObservations({ pool, xs, ys }: Omit<GaussianProcessOptions, 'kernel'>): Observations {
  const step = Math.max(1, Math.ceil(xs.length / FITTED));
  return { dimensions: pool.dimensions, xs: every(xs, step), ys: every(ys, step) };
}

function fitProcess(kernel: Kernel, { dimensions, xs, ys }: Observations): ProcessFit {
  const { hyper, inverse } = fittedCovariance(new CovarianceFamily(kernel, dimensions, xs), ys);
  return { hyper, quality: leaveOneOut(inverse, ys) };
}

/** Largest and smallest factor by which deviations are corrected. */
const CORRECTION = [0.5, 2] as const;

/** One candidate and the observations: sums over them for its posterior. */
interface Followed {
  /** L⁻¹ k(x, candidate); longer than what is known. */
  solved: Float64Array;
  known: number;
  /** Sums of squares of `solved`, and its products with the whitened values and ones. */
  explained: number;
  fromValues: number;
  fromOnes: number;
}

/** Rows of one length, allocated in blocks. */
class RowStore {
  readonly rows: Float64Array[] = [];
  private block = new Float64Array(0);
  private used = 0;

  constructor(private readonly length: number) {}

  /** A further row of zeros. */
  next(): Float64Array {
    if (this.used + this.length > this.block.length) {
      this.block = new Float64Array(32 * this.length);
      this.used = 0;
    }
    const row = this.block.subarray(this.used, this.used + this.length);
    this.used += this.length;
    this.rows.push(row);
    return row;
  }
}

export class GaussianProcess implements Surrogate {
  /** k(x, pool), one row per observation. */
  private readonly covariances: RowStore;
  /** L⁻¹ k(x, pool), one row per leading observation. */
  private readonly leading: RowStore;
  /** Over the pool: sums of squares of `leading`, and its products with the whitened ones. */
  private readonly explained: Float64Array;
  private readonly fromOnes: Float64Array;
  private readonly followed: (Followed | undefined)[] = [];

  private constructor(
    private readonly pool: FeatureTable,
    private readonly known: FactoredObservations,
    readonly quality: ModelQuality,
  ) {
    [this.covariances, this.leading] = [new RowStore(pool.rows), new RowStore(pool.rows)];
    this.explained = new Float64Array(pool.rows);
    this.fromOnes = new Float64Array(pool.rows);
    known.xs.forEach((x, index) => {
      this.extend(x, index);
    });
  }

  static of(options: GaussianProcessOptions): GaussianProcess {
    const { pool, xs, ys } = options;
    const kernel = kernels[options.kernel];
    const { hyper, quality } = options.fit ?? fitProcess(kernel, fittedObservations(options));
    const known = new FactoredObservations(kernel, hyper, pool.dimensions);
    // Leading observations are spread evenly.
    const step = Math.max(1, Math.ceil(xs.length / LEADING));
    for (const isLeading of [true, false])
      xs.forEach((x, index) => {
        if ((index % step === 0) === isLeading) known.add(x, ys[index]!);
      });
    return new GaussianProcess(pool, known, quality);
  }

  /** The same process over another pool; this one must not be used any more. */
  over(pool: FeatureTable): GaussianProcess {
    return new GaussianProcess(pool, this.known, this.quality);
  }

  add(x: readonly number[], y: number): void {
    this.known.add(x, y);
    this.extend(x, this.known.xs.length - 1);
  }

  private extend(x: readonly number[], index: number): void {
    const { kernel, hyper, factor } = this.known;
    const covariances = this.covariances.next();
    kernel.column(x, this.pool, hyper.theta, covariances);
    if (index < LEADING) this.lead(covariances, factor[index]!, index);
  }

  private lead(covariances: Float64Array, own: Float64Array, index: number): void {
    const leading = this.leading.rows;
    const solved = this.leading.next();
    solved.set(covariances);
    subtractWeighted(solved, own, leading, index);
    const [scale, one] = [1 / own[index]!, this.known.whiteOnes[index]!];
    for (let at = 0; at < solved.length; at++) {
      const entry = solved[at]! * scale;
      solved[at] = entry;
      this.explained[at]! += entry * entry;
      this.fromOnes[at]! += one * entry;
    }
  }

  /** With deviations in units of the quantity, corrected. */
  private scale(): Scale {
    const scale = this.known.scale();
    const corrected = Math.min(CORRECTION[1], Math.max(CORRECTION[0], this.quality.spread));
    return { ...scale, deviation: scale.deviation * corrected };
  }

  screened(): Posterior {
    const { centre, deviation: scale } = this.scale();
    const { factor, whiteValues, whiteOnes } = this.known;
    const white = whiteValues.map((value, at) => value - centre * whiteOnes[at]!);
    const weights = backwardSolved(factor, white);
    const mean = new Float64Array(this.pool.rows).fill(centre);
    const negative = weights.map((weight) => -weight);
    subtractWeighted(mean, negative, this.covariances.rows, negative.length);
    const ones = whiteOnes.slice(0, LEADING).reduce((sum, one) => sum + one * one, 0);
    const deviation = mean.map((_, at) => {
      return scale * spreadOf(this.explained[at]!, this.fromOnes[at]!, ones);
    });
    return { mean, deviation };
  }

  posterior(positions: ArrayLike<number>): Posterior {
    const { centre, ones, deviation: scale } = this.scale();
    const [mean, deviation] = [new Float64Array(positions.length), new Float64Array(positions.length)];
    for (let index = 0; index < positions.length; index++) {
      const { fromValues, fromOnes, explained } = this.upToDate(positions[index]!);
      mean[index] = centre + fromValues - centre * fromOnes;
      deviation[index] = scale * spreadOf(explained, fromOnes, ones);
    }
    return { mean, deviation };
  }

  /** Sums of a candidate over all observations. */
  private upToDate(at: number): Followed {
    const { factor, whiteValues, whiteOnes } = this.known;
    const n = factor.length;
    const own = (this.followed[at] ??= {
      solved: new Float64Array(n + 32),
      known: 0,
      explained: 0,
      fromValues: 0,
      fromOnes: 0,
    });
    if (own.solved.length < n) {
      const solved = new Float64Array(2 * n);
      solved.set(own.solved);
      own.solved = solved;
    }
    for (; own.known < n; own.known++) {
      const index = own.known;
      const row = factor[index]!;
      const entry =
        this.leading.rows[index]?.[at] ??
        (this.covariances.rows[index]![at]! - dotProduct(row, 0, own.solved, 0, index)) / row[index]!;
      own.solved[index] = entry;
      own.explained += entry * entry;
      own.fromValues += whiteValues[index]! * entry;
      own.fromOnes += whiteOnes[index]! * entry;
    }
    return own;
  }
}

/** In units of the signal's deviation; the uncertainty of the mean itself counts too. */
const spreadOf = (explained: number, fromOnes: number, ones: number): number =>
  Math.sqrt(Math.max(1e-12, 1 - explained + (1 - fromOnes) ** 2 / ones));

/**
 * Subtracts the first `count` rows times their weights, in their order. Four rows at a time: each entry is
 * then loaded and stored once for four, and rounded as if one by one.
 */
function subtractWeighted(
  to: Float64Array,
  weights: Float64Array,
  rows: readonly Float64Array[],
  count: number,
): void {
  let row = 0;
  for (; row + 4 <= count; row += 4) {
    const a = rows[row]!;
    const b = rows[row + 1]!;
    const c = rows[row + 2]!;
    const d = rows[row + 3]!;
    const u = weights[row]!;
    const v = weights[row + 1]!;
    const w = weights[row + 2]!;
    const x = weights[row + 3]!;
    for (let at = 0; at < to.length; at++)
      to[at] = to[at]! - u * a[at]! - v * b[at]! - w * c[at]! - x * d[at]!;
  }
  for (; row < count; row++) {
    const weight = weights[row]!;
    const other = rows[row]!;
    for (let at = 0; at < to.length; at++) to[at]! -= weight * other[at]!;
  }
}

const every = <T>(values: readonly T[], step: number): T[] => values.filter((_, index) => index % step === 0);
