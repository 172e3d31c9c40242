/**
 * What models see of a candidate: its genes, and the logarithms of the costs that the space knows exactly.
 * Features of many candidates are held by columns, one per dimension.
 */
import type { Candidate, SearchSpace } from '../candidate.js';

export interface Dimension {
  /** `category`: equal or not; `ordered`: a rank, -1 where the gene does not apply; `number`: any. */
  readonly kind: 'category' | 'ordered' | 'number';
  /** Largest difference of two values of an ordered dimension. */
  readonly span: number;
}

export interface FeatureTable {
  readonly dimensions: readonly Dimension[];
  readonly rows: number;
  /** `[dimension][row]` */
  readonly columns: readonly Float64Array[];
}

export class FeatureReader<V> {
  readonly dimensions: readonly Dimension[];
  private readonly costs: readonly string[];

  /** @param sample any member: says which costs the space knows */
  constructor(
    private readonly space: SearchSpace<V>,
    sample: Candidate<V>,
  ) {
    this.costs = Object.entries(space.exact(sample))
      .filter(([, value]) => Number.isFinite(value))
      .map(([name]) => name);
    this.dimensions = [
      ...space.genes.map(
        ({ choices, ordered }): Dimension => ({
          kind: ordered && choices > 2 ? 'ordered' : 'category',
          span: Math.max(1, choices - 1),
        }),
      ),
      ...this.costs.map((): Dimension => ({ kind: 'number', span: 1 })),
    ];
  }

  /** `[dimensions]` */
  of(candidate: Candidate<V>): number[] {
    if (this.costs.length === 0) return [...candidate.genes];
    const exact = this.space.exact(candidate);
    return [
      ...candidate.genes,
      ...this.costs.map((name) => Math.sign(exact[name]!) * Math.log1p(Math.abs(exact[name]!))),
    ];
  }
}

/** A table that grows by rows; its columns may be longer than its rows. */
export class GrowingTable implements FeatureTable {
  rows = 0;
  readonly columns: Float64Array[];

  constructor(readonly dimensions: readonly Dimension[]) {
    this.columns = dimensions.map(() => new Float64Array(64));
  }

  add(row: readonly number[]): void {
    const at = this.rows++;
    for (let dimension = 0; dimension < this.columns.length; dimension++) {
      let column = this.columns[dimension]!;
      if (at === column.length) {
        column = new Float64Array(2 * at);
        column.set(this.columns[dimension]!);
        this.columns[dimension] = column;
      }
      column[at] = row[dimension]!;
    }
  }
}

/** @param rows `[row][dimension]` */
export const featureTable = (
  dimensions: readonly Dimension[],
  rows: readonly (readonly number[])[],
): FeatureTable => ({
  dimensions,
  rows: rows.length,
  columns: dimensions.map((_, dimension) => Float64Array.from(rows, (row) => row[dimension]!)),
});
