/**
 * Gaussian process over categorical genes, with a pool of candidates whose posterior is kept up to date: adding
 * an observation costs O(n·(n + pool)), not O(n³). Kernel: exp(−Σ θ·[genes differ]/number of genes), which on
 * ordered genes counts the distance in steps, plus a linear term over the same one-hot features. Rasmussen and
 * Williams 2006, chapters 2 and 5, http://gaussianprocess.org/gpml/
 */
import type { Gene } from '../candidate.js';

export interface GaussianProcessOptions {
  readonly genes: readonly Gene[];
  /** Candidates whose mean and variance are wanted, as gene vectors. */
  readonly pool: readonly (readonly number[])[];
}

interface Hyperparameters {
  /** Decay of the correlation per share of differing genes. */
  readonly decay: number;
  /** Variance of the noise over that of the signal. */
  readonly noise: number;
}

const decays = [0.5, 1, 2, 4, 8];
const noises = [1e-4, 1e-2, 1e-1, 0.4];
const JITTER = 1e-8;

/** Posterior of one quantity over the pool. Values are standardised inside. */
export class GaussianProcess {
  private hyper: Hyperparameters = { decay: 2, noise: 1e-2 };
  private readonly xs: (readonly number[])[] = [];
  private readonly ys: number[] = [];
  /** Rows of the lower Cholesky factor of K + noise. */
  private factor: Float64Array[] = [];
  /** L⁻¹ k(x, pool), one row per observation, and its column sums of squares. */
  private solved: Float64Array[] = [];
  private explained: Float64Array;
  private fittedAt = 0;

  constructor(private readonly options: GaussianProcessOptions) {
    this.explained = new Float64Array(options.pool.length);
  }

  get observations(): number {
    return this.ys.length;
  }

  /** Adds an observation; hyperparameters are fitted anew whenever their number has grown by half. */
  add(genes: readonly number[], value: number): void {
    this.xs.push(genes);
    this.ys.push(value);
    if (this.ys.length >= 8 && this.ys.length >= 1.5 * this.fittedAt) this.fit();
    else this.extend(this.ys.length - 1);
  }

  /** Posterior mean and standard deviation (of the noise-free value) of every pool candidate. */
  posterior(): { readonly mean: Float64Array; readonly deviation: Float64Array } {
    const size = this.options.pool.length;
    const [mean, deviation] = [new Float64Array(size), new Float64Array(size)];
    const { centre, scale } = this.standardisation();
    const weights = this.whitened(centre, scale);
    for (let row = 0; row < weights.length; row++) {
      const [weight, solved] = [weights[row]!, this.solved[row]!];
      for (let at = 0; at < size; at++) mean[at]! += weight * solved[at]!;
    }
    for (let at = 0; at < size; at++) {
      mean[at] = centre + scale * mean[at]!;
      deviation[at] = scale * Math.sqrt(Math.max(1e-12, 1 - this.explained[at]!));
    }
    return { mean, deviation };
  }

  private standardisation(): { readonly centre: number; readonly scale: number } {
    const count = Math.max(1, this.ys.length);
    const centre = this.ys.reduce((sum, value) => sum + value, 0) / count;
    const variance = this.ys.reduce((sum, value) => sum + (value - centre) ** 2, 0) / count;
    return { centre, scale: Math.sqrt(variance) || 1 };
  }

  /** L⁻¹ (y − centre)/scale. */
  private whitened(centre: number, scale: number): Float64Array {
    const result = new Float64Array(this.ys.length);
    for (let row = 0; row < result.length; row++) {
      const own = this.factor[row]!;
      let value = (this.ys[row]! - centre) / scale;
      for (let column = 0; column < row; column++) value -= own[column]! * result[column]!;
      result[row] = value / own[row]!;
    }
    return result;
  }

  private kernel(a: readonly number[], b: readonly number[], decay: number): number {
    const { genes } = this.options;
    let distance = 0;
    for (let at = 0; at < genes.length; at++) {
      if (a[at] === b[at]) continue;
      const { ordered, choices } = genes[at]!;
      distance += ordered && a[at]! >= 0 && b[at]! >= 0 ? Math.abs(a[at]! - b[at]!) / (choices - 1) : 1;
    }
    return Math.exp((-decay * distance) / Math.max(1, genes.length / 4));
  }

  /** One more row of the factor, and of L⁻¹ k(x, pool). */
  private extend(index: number): void {
    const { decay, noise } = this.hyper;
    const row = new Float64Array(index + 1);
    const x = this.xs[index]!;
    let diagonal = 1 + noise + JITTER;
    for (let column = 0; column < index; column++) {
      let value = this.kernel(x, this.xs[column]!, decay);
      const other = this.factor[column]!;
      for (let k = 0; k < column; k++) value -= row[k]! * other[k]!;
      row[column] = value / other[column]!;
      diagonal -= row[column]! ** 2;
    }
    row[index] = Math.sqrt(Math.max(diagonal, JITTER));
    this.factor[index] = row;
    const { pool } = this.options;
    const solved = new Float64Array(pool.length);
    for (let at = 0; at < pool.length; at++) solved[at] = this.kernel(x, pool[at]!, decay);
    for (let column = 0; column < index; column++) {
      const [weight, other] = [row[column]!, this.solved[column]!];
      if (weight !== 0) for (let at = 0; at < pool.length; at++) solved[at]! -= weight * other[at]!;
    }
    for (let at = 0; at < pool.length; at++) {
      solved[at]! /= row[index]!;
      this.explained[at]! += solved[at]! ** 2;
    }
    this.solved[index] = solved;
  }

  /** Hyperparameters of the highest marginal likelihood over a grid; everything is computed anew. */
  private fit(): void {
    this.fittedAt = this.ys.length;
    // A subset is enough to choose among twenty settings, and keeps the cost of a fit bounded.
    const step = Math.ceil(this.ys.length / 250);
    const chosen = this.ys.map((_, index) => index).filter((index) => index % step === 0);
    let best = -Infinity;
    for (const decay of decays) {
      const kernel = chosen.map((a) => chosen.map((b) => this.kernel(this.xs[a]!, this.xs[b]!, decay)));
      for (const noise of noises) {
        const evidence = this.evidence(kernel, chosen, noise);
        if (evidence > best) {
          best = evidence;
          this.hyper = { decay, noise };
        }
      }
    }
    this.factor = [];
    this.solved = [];
    this.explained = new Float64Array(this.options.pool.length);
    for (let index = 0; index < this.ys.length; index++) this.extend(index);
  }

  /** Log marginal likelihood, the signal's variance profiled out. */
  private evidence(kernel: readonly (readonly number[])[], chosen: readonly number[], noise: number): number {
    const { centre, scale } = this.standardisation();
    const n = chosen.length;
    const factor: Float64Array[] = [];
    let [fit, determinant] = [0, 0];
    const white = new Float64Array(n);
    for (let i = 0; i < n; i++) {
      const row = new Float64Array(i + 1);
      for (let j = 0; j <= i; j++) {
        let value = kernel[i]![j]! + (i === j ? noise + JITTER : 0);
        const other = j === i ? row : factor[j]!;
        for (let k = 0; k < j; k++) value -= row[k]! * other[k]!;
        row[j] = j === i ? Math.sqrt(Math.max(value, JITTER)) : value / other[j]!;
      }
      factor.push(row);
      let value = (this.ys[chosen[i]!]! - centre) / scale;
      for (let k = 0; k < i; k++) value -= row[k]! * white[k]!;
      white[i] = value / row[i]!;
      fit += white[i]! ** 2;
      determinant += Math.log(row[i]!);
    }
    return (-n / 2) * Math.log(fit / n + 1e-12) - determinant;
  }
}
