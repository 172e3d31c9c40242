/**
 * Least squares of value = row + column where not every row was observed in every column. Exact, with the
 * error of any difference of two rows. Searle, Linear Models for Unbalanced Data, 1987, chapter 4.
 */

export interface Observation {
  readonly row: string;
  readonly column: string;
  readonly value: number;
}

export interface LayoutFit {
  /** Effect of each row; effects of columns have mean zero. */
  readonly rows: ReadonlyMap<string, number>;
  readonly squares: number;
  /** Degrees of freedom of `squares`. */
  readonly freedom: number;
  /** Observations of each row. */
  readonly counts: ReadonlyMap<string, number>;
  /**
   * Variance of a difference of two rows in units of the residual's; infinite where no columns connect them.
   */
  differenceVariance(first: string, second: string): number;
}

/** @param observations at least one */
export function fitTwoWay(observations: readonly Observation[]): LayoutFit {
  const rowNames = [...new Set(observations.map(({ row }) => row))];
  const columnNames = [...new Set(observations.map(({ column }) => column))];
  const rowAt = new Map(rowNames.map((name, index) => [name, index]));
  const columnAt = new Map(columnNames.map((name, index) => [name, index]));
  const shares = rowNames.map(() => new Array<number>(columnNames.length).fill(0));
  const [rowSums, counts] = [rowNames.map(() => 0), rowNames.map(() => 0)];
  for (const { row, value } of observations) {
    rowSums[rowAt.get(row)!]! += value;
    counts[rowAt.get(row)!]! += 1;
  }
  for (const { row, column } of observations)
    shares[rowAt.get(row)!]![columnAt.get(column)!]! += 1 / counts[rowAt.get(row)!]!;
  const { inverse, rank, normal } = reducedSystem(shares, counts, columnNames.length);
  const right = new Array<number>(columnNames.length).fill(0);
  for (const { row, column, value } of observations)
    right[columnAt.get(column)!]! += value - rowSums[rowAt.get(row)!]! / counts[rowAt.get(row)!]!;
  const raw = multiply(inverse, right);
  const centre = raw.reduce((sum, effect) => sum + effect, 0) / raw.length;
  const columns = raw.map((effect) => effect - centre);
  const rows = rowNames.map((_, row) => rowSums[row]! / counts[row]! - dot(shares[row]!, columns));
  return {
    rows: new Map(rowNames.map((name, row) => [name, rows[row]!])),
    counts: new Map(rowNames.map((name, row) => [name, counts[row]!])),
    squares: observations.reduce(
      (sum, { row, column, value }) =>
        sum + (value - rows[rowAt.get(row)!]! - columns[columnAt.get(column)!]!) ** 2,
      0,
    ),
    freedom: observations.length - rowNames.length - rank,
    differenceVariance(first, second) {
      const [a, b] = [rowAt.get(first), rowAt.get(second)];
      if (a === undefined || b === undefined) return Infinity;
      const uneven = shares[a]!.map((share, column) => share - shares[b]![column]!);
      const solved = multiply(inverse, uneven);
      const isConnected = multiply(normal, solved).every((value, i) => Math.abs(value - uneven[i]!) < 1e-6);
      return isConnected ? 1 / counts[a]! + 1 / counts[b]! + dot(uneven, solved) : Infinity;
    },
  };
}

/**
 * Normal equations of the columns once the rows are eliminated, `[columns, columns]`, and a generalised
 * inverse.
 */
function reducedSystem(
  shares: readonly (readonly number[])[],
  counts: readonly number[],
  size: number,
): { normal: number[][]; inverse: number[][]; rank: number } {
  const normal = Array.from({ length: size }, () => new Array<number>(size).fill(0));
  for (const [row, share] of shares.entries()) {
    const present = share.flatMap((value, column) => (value > 0 ? [column] : []));
    for (const i of present) {
      normal[i]![i]! += counts[row]! * share[i]!;
      for (const j of present) normal[i]![j]! -= counts[row]! * share[i]! * share[j]!;
    }
  }
  return { normal, ...generalisedInverse(normal) };
}

/** Of a symmetric positive semidefinite matrix, by sweeps: Goodnight, The American Statistician 33, 1979. */
function generalisedInverse(matrix: readonly (readonly number[])[]): { inverse: number[][]; rank: number } {
  const inverse = matrix.map((row) => [...row]);
  const swept: boolean[] = [];
  for (let k = 0; k < inverse.length; k++) {
    const pivot = inverse[k]![k]!;
    swept[k] = pivot > 1e-8 * Math.max(1, matrix[k]![k]!);
    if (!swept[k]) continue;
    const pivotRow = [...inverse[k]!];
    for (let i = 0; i < inverse.length; i++) {
      if (i === k) continue;
      const factor = inverse[i]![k]! / pivot;
      if (factor === 0) continue;
      for (let j = 0; j < inverse.length; j++) inverse[i]![j]! -= factor * pivotRow[j]!;
      inverse[i]![k] = -factor;
    }
    for (let j = 0; j < inverse.length; j++) inverse[k]![j] = pivotRow[j]! / pivot;
    inverse[k]![k] = 1 / pivot;
  }
  for (let i = 0; i < inverse.length; i++)
    for (let j = 0; j < inverse.length; j++) if (!swept[i] || !swept[j]) inverse[i]![j] = 0;
  return { inverse, rank: swept.filter(Boolean).length };
}

const dot = (a: readonly number[], b: readonly number[]): number =>
  a.reduce((sum, value, index) => sum + value * b[index]!, 0);

const multiply = (matrix: readonly (readonly number[])[], vector: readonly number[]): number[] =>
  matrix.map((row) => dot(row, vector));
