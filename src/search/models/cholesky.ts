/**
 * Cholesky factors of positive definite matrices: by rows, for one that grows, and as a packed lower
 * triangle, for one that is made at once. Element (row, column) of a packed triangle stands at
 * `packedRow(row) + column`.
 */

const JITTER = 1e-8;

export const packedRow = (row: number): number => (row * (row + 1)) / 2;

/**
 * Sum of a[i]·b[j] over `length` neighbours from the two places on. Without destructuring, as all inner loops
 * of the models: its iterators are allocated at every call.
 */
export function dotProduct(
  a: Float64Array,
  from: number,
  b: Float64Array,
  other: number,
  length: number,
): number {
  let first = 0;
  let second = 0;
  let third = 0;
  let fourth = 0;
  let at = 0;
  for (; at + 4 <= length; at += 4) {
    first += a[from + at]! * b[other + at]!;
    second += a[from + at + 1]! * b[other + at + 1]!;
    third += a[from + at + 2]! * b[other + at + 2]!;
    fourth += a[from + at + 3]! * b[other + at + 3]!;
  }
  for (; at < length; at++) first += a[from + at]! * b[other + at]!;
  return first + second + (third + fourth);
}

/**
 * Row `n` of the lower factor, in the place of row `n` of the matrix.
 * @param row its last element is the diagonal @param factor the rows before
 */
export function toFactorRow(row: Float64Array, factor: readonly Float64Array[]): void {
  const n = row.length - 1;
  for (let column = 0; column < n; column++) {
    const other = factor[column]!;
    row[column] = (row[column]! - dotProduct(row, 0, other, 0, column)) / other[column]!;
  }
  const rest = row[n]! + JITTER - dotProduct(row, 0, row, 0, n);
  row[n] = Math.sqrt(Math.max(rest, JITTER));
}

/** L⁻ᵀ b */
export function backwardSolved(factor: readonly Float64Array[], b: ArrayLike<number>): Float64Array {
  const result = Float64Array.from(b);
  for (let row = result.length - 1; row >= 0; row--) {
    const own = factor[row]!;
    result[row]! /= own[row]!;
    for (let column = 0; column < row; column++) result[column]! -= own[column]! * result[row]!;
  }
  return result;
}

/** Factor of a packed matrix of `n` rows, in its place. */
export function factorise(packed: Float64Array, n: number): void {
  for (let row = 0; row < n; row++) {
    const own = packedRow(row);
    for (let column = 0; column < row; column++) {
      const other = packedRow(column);
      const rest = packed[own + column]! - dotProduct(packed, own, packed, other, column);
      packed[own + column] = rest / packed[other + column]!;
    }
    const rest = packed[own + row]! + JITTER - dotProduct(packed, own, packed, own, row);
    packed[own + row] = Math.sqrt(Math.max(rest, JITTER));
  }
}

/**
 * Adds the first `length` elements of two rows of a packed triangle, times their weights, to those of
 * another. Two at a time, so that each sum is loaded and stored once for both.
 */
function addRows(
  to: Float64Array,
  at: number,
  from: Float64Array,
  first: number,
  second: number,
  firstWeight: number,
  secondWeight: number,
  length: number,
): void {
  for (let place = 0; place < length; place++)
    to[at + place]! += firstWeight * from[first + place]! + secondWeight * from[second + place]!;
}

function addRow(
  to: Float64Array,
  at: number,
  from: Float64Array,
  other: number,
  weight: number,
  length: number,
): void {
  for (let place = 0; place < length; place++) to[at + place]! += weight * from[other + place]!;
}

/** Inverse of a packed factor of `n` rows. @param into packed */
export function invertFactor(factor: Float64Array, n: number, into: Float64Array): void {
  for (let row = 0; row < n; row++) {
    const own = packedRow(row);
    into.fill(0, own, own + row);
    let k = 0;
    for (; k + 2 <= row; k += 2) {
      const first = packedRow(k);
      const second = packedRow(k + 1);
      const a = -factor[own + k]!;
      const b = -factor[own + k + 1]!;
      addRows(into, own, into, first, second, a, b, k + 1);
      into[own + k + 1]! += b * into[second + k + 1]!;
    }
    if (k < row) addRow(into, own, into, packedRow(k), -factor[own + k]!, k + 1);
    const scale = 1 / factor[own + row]!;
    for (let column = 0; column < row; column++) into[own + column]! *= scale;
    into[own + row] = scale;
  }
}

/** Lᵀ L of a packed lower triangle of `n` rows. @param into its lower triangle, packed */
export function squareFactor(triangle: Float64Array, n: number, into: Float64Array): void {
  into.fill(0);
  let k = 0;
  for (; k + 2 <= n; k += 2) {
    const first = packedRow(k);
    const second = packedRow(k + 1);
    for (let row = 0; row <= k; row++) {
      const a = triangle[first + row]!;
      addRows(into, packedRow(row), triangle, first, second, a, triangle[second + row]!, row + 1);
    }
    addRow(into, packedRow(k + 1), triangle, second, triangle[second + k + 1]!, k + 2);
  }
  if (k < n)
    for (let row = 0; row <= k; row++) {
      const own = packedRow(k);
      addRow(into, packedRow(row), triangle, own, triangle[own + row]!, row + 1);
    }
}

/** M b, of the packed lower triangle of a symmetric M. */
export function symmetricProduct(packed: Float64Array, b: ArrayLike<number>): Float64Array {
  const result = new Float64Array(b.length);
  for (let row = 0; row < result.length; row++) {
    const own = packedRow(row);
    let sum = packed[own + row]! * b[row]!;
    for (let column = 0; column < row; column++) {
      sum += packed[own + column]! * b[column]!;
      result[column]! += packed[own + column]! * b[row]!;
    }
    result[row]! += sum;
  }
  return result;
}
