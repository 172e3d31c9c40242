/** Cholesky factor of a positive definite matrix by rows, and solutions with it. */

const JITTER = 1e-8;

/**
 * Row `n` of the lower factor, from row `n` of the matrix (its last element the diagonal) and the rows
 * before.
 */
export function nextFactorRow(row: Float64Array, factor: readonly Float64Array[]): Float64Array {
  const n = row.length - 1;
  const result = new Float64Array(n + 1);
  let diagonal = row[n]! + JITTER;
  for (let column = 0; column < n; column++) {
    const other = factor[column]!;
    let value = row[column]!;
    for (let k = 0; k < column; k++) value -= result[k]! * other[k]!;
    value /= other[column]!;
    result[column] = value;
    diagonal -= value * value;
  }
  result[n] = Math.sqrt(Math.max(diagonal, JITTER));
  return result;
}

/** L⁻¹ b */
export function forwardSolved(factor: readonly Float64Array[], b: ArrayLike<number>): Float64Array {
  const result = new Float64Array(factor.length);
  for (let row = 0; row < result.length; row++) {
    const own = factor[row]!;
    let value = b[row]!;
    for (let column = 0; column < row; column++) value -= own[column]! * result[column]!;
    result[row] = value / own[row]!;
  }
  return result;
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

/** Diagonal of (L Lᵀ)⁻¹. */
export function inverseDiagonal(factor: readonly Float64Array[]): Float64Array {
  const n = factor.length;
  const diagonal = new Float64Array(n);
  const solved = new Float64Array(n);
  for (let unit = 0; unit < n; unit++) {
    // Column `unit` of L⁻¹, which is zero above.
    for (let row = unit; row < n; row++) {
      const own = factor[row]!;
      let value = row === unit ? 1 : 0;
      for (let column = unit; column < row; column++) value -= own[column]! * solved[column]!;
      solved[row] = value / own[row]!;
      diagonal[unit]! += solved[row]! ** 2;
    }
  }
  return diagonal;
}
