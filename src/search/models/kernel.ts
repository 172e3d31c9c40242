/**
 * Covariance functions over features. `product` decays with each dimension at its own rate (automatic
 * relevance determination; Rasmussen and Williams 2006, section 5.1, http://gaussianprocess.org/gpml/).
 * `pairs` is Bayesian ridge regression on one-hot features and the products of two of them, in its dual form.
 */
import type { FeatureTable } from './features.js';

export interface Kernel {
  /** Starting values of the hyperparameters, all positive. */
  initial(dimensions: number): number[];
  /** Covariance of `x` with every row; 1 with itself. */
  column(x: readonly number[], table: FeatureTable, theta: readonly number[]): Float64Array;
}

/**
 * Adds `rate` times the difference of `value` to every row of a dimension; bounded: a difference is at most
 * 1.
 */
function addDifference(
  sums: Float64Array,
  table: FeatureTable,
  dimension: number,
  value: number,
  rate: number,
  bounded = false,
): void {
  const column = table.columns[dimension]!;
  const { kind, span } = table.dimensions[dimension]!;
  switch (kind) {
    case 'category':
      for (let row = 0; row < sums.length; row++) if (column[row] !== value) sums[row]! += rate;
      break;
    case 'ordered':
      for (let row = 0; row < sums.length; row++) {
        const other = column[row]!;
        if (other === value) continue;
        sums[row]! += other < 0 || value < 0 ? rate : (rate * Math.abs(other - value)) / span;
      }
      break;
    case 'number':
      for (let row = 0; row < sums.length; row++) {
        const square = (column[row]! - value) ** 2;
        sums[row]! += rate * (bounded ? 1 - Math.exp(-square) : square);
      }
      break;
    default:
      kind satisfies never;
  }
}

const product: Kernel = {
  initial: (dimensions) => new Array<number>(dimensions).fill(2 / Math.max(4, dimensions)),
  column(x, table, theta) {
    const sums = new Float64Array(table.rows);
    for (let dimension = 0; dimension < x.length; dimension++)
      addDifference(sums, table, dimension, x[dimension]!, theta[dimension]!);
    for (let row = 0; row < sums.length; row++) sums[row] = Math.exp(-sums[row]!);
    return sums;
  },
};

/** One hyperparameter: the weight of the products of two features against that of the single ones. */
const pairs: Kernel = {
  initial: () => [0.5],
  column(x, table, [weight]) {
    const differences = new Float64Array(table.rows);
    for (let dimension = 0; dimension < x.length; dimension++)
      addDifference(differences, table, dimension, x[dimension]!, 1, true);
    const [most, share] = [x.length, weight! / (1 + weight!)];
    for (let row = 0; row < differences.length; row++) {
      const equal = Math.max(0, 1 - differences[row]! / most);
      differences[row] = (1 - share) * equal + share * equal * equal;
    }
    return differences;
  },
};

export const kernels = { product, pairs } as const satisfies Record<string, Kernel>;
export type KernelName = keyof typeof kernels;
