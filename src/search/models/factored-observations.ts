/**
 * Observations of a Gaussian process with the Cholesky factor of their covariances, which grows by one row
 * per observation. Rasmussen and Williams 2006, algorithm 2.1, http://gaussianprocess.org/gpml/
 */
import { toFactorRow } from './cholesky.js';
import { type Dimension, GrowingTable } from './features.js';
import type { Hyperparameters } from './hyperparameters.js';
import type { Kernel } from './kernel.js';

export interface Scale {
  /** Mean by generalised least squares. */
  readonly centre: number;
  /** 1ᵀ K⁻¹ 1 */
  readonly ones: number;
  /** Standard deviation of the signal. */
  readonly deviation: number;
}

export class FactoredObservations {
  readonly xs: (readonly number[])[] = [];
  /** Rows of L. */
  readonly factor: Float64Array[] = [];
  /** L⁻¹ y and L⁻¹ 1 */
  readonly whiteValues: number[] = [];
  readonly whiteOnes: number[] = [];
  private readonly table: GrowingTable;

  constructor(
    readonly kernel: Kernel,
    readonly hyper: Hyperparameters,
    dimensions: readonly Dimension[],
  ) {
    this.table = new GrowingTable(dimensions);
  }

  add(x: readonly number[], y: number): void {
    const { factor } = this;
    const index = this.xs.length;
    this.xs.push(x);
    this.table.add(x);
    const own = new Float64Array(index + 1);
    this.kernel.column(x, this.table, this.hyper.theta, own);
    own[index] = 1 + this.hyper.noise;
    toFactorRow(own, factor);
    factor.push(own);
    const whitened = (value: number, white: readonly number[]): number => {
      let rest = value;
      for (let column = 0; column < index; column++) rest -= own[column]! * white[column]!;
      return rest / own[index]!;
    };
    this.whiteValues.push(whitened(y, this.whiteValues));
    this.whiteOnes.push(whitened(1, this.whiteOnes));
  }

  scale(): Scale {
    let [cross, ones, squares] = [0, 0, 0];
    this.whiteOnes.forEach((one, at) => {
      cross += one * this.whiteValues[at]!;
      ones += one * one;
      squares += this.whiteValues[at]! ** 2;
    });
    const variance = Math.max(0, squares - (cross * cross) / ones) / Math.max(1, this.xs.length - 1);
    return { centre: cross / ones, ones, deviation: Math.sqrt(variance) };
  }
}
