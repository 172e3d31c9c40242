/**
 * Covariance functions over features. `product` decays with each dimension at its own rate (automatic
 * relevance determination; Rasmussen and Williams 2006, section 5.1, http://gaussianprocess.org/gpml/).
 * `pairs` is Bayesian ridge regression on one-hot features and the products of two of them, in its dual form.
 */
import { dotProduct, packedRow } from './cholesky.js';
import type { CategoryGroup, FeatureTable } from './features.js';

export interface Kernel {
  /** Starting values of the hyperparameters, all positive. */
  initial(dimensions: number): number[];
  /** Covariance of `x` with every row; 1 with itself. @param into `[row]` */
  column(x: readonly number[], table: FeatureTable, theta: readonly number[], into: Float64Array): void;
  /**
   * What covariances between the rows of a table are computed from, whatever the hyperparameters: packed
   * lower triangles.
   */
  differences(table: FeatureTable): readonly Float64Array[];
  /** Covariances between the rows. @param into packed */
  covariances(differences: readonly Float64Array[], theta: readonly number[], into: Float64Array): void;
  /**
   * Derivative by the logarithm of each hyperparameter of the sum of the covariances times `weights`.
   * @param covariances for `theta` @param weights packed; may be overwritten
   */
  gradient(
    differences: readonly Float64Array[],
    theta: readonly number[],
    covariances: Float64Array,
    weights: Float64Array,
  ): number[];
}

/**
 * Adds `rate` times the difference of `value` to the first `rows` values of a column, from place `from` of
 * the sums on. @param bounded a difference is at most 1
 */
function addDifferences(
  sums: Float64Array,
  from: number,
  { dimensions, columns }: FeatureTable,
  dimension: number,
  rows: number,
  value: number,
  rate: number,
  bounded: boolean,
): void {
  const column = columns[dimension]!;
  const { kind, span } = dimensions[dimension]!;
  switch (kind) {
    case 'category':
      for (let row = 0; row < rows; row++) if (column[row] !== value) sums[from + row]! += rate;
      break;
    case 'ordered':
      for (let row = 0; row < rows; row++) {
        const other = column[row]!;
        if (other === value) continue;
        sums[from + row]! += other < 0 || value < 0 ? rate : (rate * Math.abs(other - value)) / span;
      }
      break;
    case 'number':
      for (let row = 0; row < rows; row++) {
        const square = (column[row]! - value) ** 2;
        sums[from + row]! += rate * (bounded ? 1 - Math.exp(-square) : square);
      }
      break;
    default:
      kind satisfies never;
  }
}

/**
 * Differences of `x` from every row, times their rates; without the categories, where they stand in groups.
 * @param rates default: all 1
 */
function differencesFrom(
  x: readonly number[],
  table: FeatureTable,
  rates: readonly number[] | undefined,
  bounded: boolean,
  into: Float64Array,
): void {
  into.fill(0, 0, table.rows);
  const isGrouped = (table.groups?.length ?? 0) > 0;
  for (let dimension = 0; dimension < x.length; dimension++) {
    if (isGrouped && table.dimensions[dimension]!.kind === 'category') continue;
    const rate = rates ? rates[dimension]! : 1;
    addDifferences(into, 0, table, dimension, table.rows, x[dimension]!, rate, bounded);
  }
}

/**
 * For every code of a group, the number of members in which `x` differs, or the product of their factors.
 * @param factors by dimension; absent: the number @param into the group's scratch
 */
function groupValues(
  { members, scratch: into }: CategoryGroup,
  x: readonly number[],
  factors: Float64Array | undefined,
): void {
  let size = 1;
  into[0] = factors ? 1 : 0;
  for (const { dimension, values } of members) {
    for (let value = values - 1; value >= 0; value--) {
      const isEqual = x[dimension] === value - 1;
      const times = isEqual || !factors ? 1 : factors[dimension]!;
      const plus = isEqual || factors ? 0 : 1;
      for (let at = 0; at < size; at++) into[value * size + at] = times * into[at]! + plus;
    }
    size *= values;
  }
}

/** Adds the differences of all pairs of rows in one dimension, packed. */
function addPairs(sums: Float64Array, table: FeatureTable, dimension: number, bounded: boolean): void {
  const column = table.columns[dimension]!;
  for (let row = 0; row < table.rows; row++)
    addDifferences(sums, packedRow(row), table, dimension, row, column[row]!, 1, bounded);
}

const product: Kernel = {
  initial: (dimensions) => new Array<number>(dimensions).fill(2 / Math.max(4, dimensions)),
  column(x, table, theta, into) {
    differencesFrom(x, table, theta, false, into);
    const { rows, dimensions, groups = [] } = table;
    if (groups.length > 0 && dimensions.every(({ kind }) => kind === 'category')) into.fill(1, 0, rows);
    else for (let row = 0; row < rows; row++) into[row] = Math.exp(-into[row]!);
    const factors = Float64Array.from(theta, (rate) => Math.exp(-rate));
    for (const group of groups) {
      const { codes, scratch } = group;
      groupValues(group, x, factors);
      for (let row = 0; row < rows; row++) into[row]! *= scratch[codes[row]!]!;
    }
  },
  differences: (table) =>
    table.dimensions.map((_, dimension) => {
      const own = new Float64Array(packedRow(table.rows));
      addPairs(own, table, dimension, false);
      return own;
    }),
  covariances(differences, theta, into) {
    into.fill(0);
    differences.forEach((own, dimension) => {
      const rate = theta[dimension]!;
      for (let pair = 0; pair < into.length; pair++) into[pair]! += rate * own[pair]!;
    });
    for (let pair = 0; pair < into.length; pair++) into[pair] = Math.exp(-into[pair]!);
  },
  gradient(differences, theta, covariances, weights) {
    for (let pair = 0; pair < weights.length; pair++) weights[pair]! *= covariances[pair]!;
    return differences.map(
      (own, dimension) => -theta[dimension]! * dotProduct(weights, 0, own, 0, weights.length),
    );
  },
};

/** One hyperparameter: the weight of the products of two features against that of the single ones. */
const pairs: Kernel = {
  initial: () => [0.5],
  column(x, table, [weight], into) {
    differencesFrom(x, table, undefined, true, into);
    for (const group of table.groups ?? []) {
      const { codes, scratch } = group;
      groupValues(group, x, undefined);
      for (let row = 0; row < table.rows; row++) into[row]! += scratch[codes[row]!]!;
    }
    mix(into, table.rows, x.length, weight!, into);
  },
  differences(table) {
    const shares = new Float64Array(packedRow(table.rows));
    for (const dimension of table.dimensions.keys()) addPairs(shares, table, dimension, true);
    for (let pair = 0; pair < shares.length; pair++) shares[pair]! /= table.dimensions.length;
    return [shares];
  },
  covariances([shares], [weight], into) {
    mix(shares!, into.length, 1, weight!, into);
  },
  gradient([shares], [weight], _covariances, weights) {
    let sum = 0;
    for (let pair = 0; pair < weights.length; pair++) {
      const equal = Math.max(0, 1 - shares![pair]!);
      sum += weights[pair]! * (equal * equal - equal);
    }
    return [(sum * weight!) / (1 + weight!) ** 2];
  },
};

/** Covariances of `pairs`. @param most largest difference @param into may be `differences` */
function mix(
  differences: Float64Array,
  count: number,
  most: number,
  weight: number,
  into: Float64Array,
): void {
  const share = weight / (1 + weight);
  for (let at = 0; at < count; at++) {
    const equal = Math.max(0, 1 - differences[at]! / most);
    into[at] = (1 - share) * equal + share * equal * equal;
  }
}

export const kernels = { product, pairs } as const satisfies Record<string, Kernel>;
export type KernelName = keyof typeof kernels;
