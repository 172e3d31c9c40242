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
  /** All categories, several dimensions in one code; absent: not grouped. */
  readonly groups?: readonly CategoryGroup[];
}

export interface GroupMember {
  readonly dimension: number;
  /** Values, -1 among them. */
  readonly values: number;
}

/** Several categories of one row as one number: the first member's value + 1 counts once. */
export interface CategoryGroup {
  readonly members: readonly GroupMember[];
  /** `[row]`; may be longer than the rows. */
  readonly codes: Uint8Array;
  /** `[code]`, for whoever reads the table. */
  readonly scratch: Float64Array;
}

/** Most codes of a group. */
const CODES = 128;

/** Neighbouring categories in groups; none where one category alone has too many values. */
function groupsOf(dimensions: readonly Dimension[]): readonly (readonly GroupMember[])[] {
  const groups: GroupMember[][] = [];
  let size = Infinity;
  for (const [dimension, { kind, span }] of dimensions.entries()) {
    if (kind !== 'category') continue;
    const values = span + 2;
    if (values > CODES) return [];
    if (size * values > CODES) {
      groups.push([]);
      size = 1;
    }
    groups.at(-1)!.push({ dimension, values });
    size *= values;
  }
  return groups;
}

/** With categories in groups, so that the table is read in fewer passes. */
export const grouped = (table: FeatureTable): FeatureTable => ({
  ...table,
  groups: groupsOf(table.dimensions).map((members) => {
    const codes = new Uint8Array(table.rows);
    let weight = 1;
    for (const { dimension, values } of members) {
      const column = table.columns[dimension]!;
      for (let row = 0; row < codes.length; row++) codes[row]! += weight * (column[row]! + 1);
      weight *= values;
    }
    return { members, codes, scratch: new Float64Array(CODES) };
  }),
});

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
  of(candidate: Candidate<V>): readonly number[] {
    if (this.costs.length === 0) return candidate.genes;
    const exact = this.space.exact(candidate);
    return [
      ...candidate.genes,
      ...this.costs.map((name) => Math.sign(exact[name]!) * Math.log1p(Math.abs(exact[name]!))),
    ];
  }
}

/** A table that grows by rows; its columns and codes may be longer than its rows. */
export class GrowingTable implements FeatureTable {
  rows = 0;
  readonly columns: Float64Array[];
  readonly groups: (Omit<CategoryGroup, 'codes'> & { codes: Uint8Array })[];

  constructor(readonly dimensions: readonly Dimension[]) {
    this.columns = dimensions.map(() => new Float64Array(64));
    this.groups = groupsOf(dimensions).map((members) => ({
      members,
      codes: new Uint8Array(64),
      scratch: new Float64Array(CODES),
    }));
  }

  add(row: readonly number[]): void {
    const at = this.rows++;
    if (at > 0 && at === this.columns[0]?.length) this.widen(2 * at);
    this.columns.forEach((column, dimension) => {
      column[at] = row[dimension]!;
    });
    for (const { members, codes } of this.groups) {
      let weight = 1;
      codes[at] = 0;
      for (const { dimension, values } of members) {
        codes[at]! += weight * (row[dimension]! + 1);
        weight *= values;
      }
    }
  }

  private widen(length: number): void {
    this.columns.forEach((column, dimension) => {
      this.columns[dimension] = new Float64Array(length);
      this.columns[dimension].set(column);
    });
    for (const group of this.groups) {
      const { codes } = group;
      group.codes = new Uint8Array(length);
      group.codes.set(codes);
    }
  }
}

/** @param rows `[row][dimension]` */
export function featureTable(
  dimensions: readonly Dimension[],
  rows: readonly (readonly number[])[],
): FeatureTable {
  const columns = dimensions.map(() => new Float64Array(rows.length));
  rows.forEach((row, at) => {
    for (let dimension = 0; dimension < columns.length; dimension++)
      columns[dimension]![at] = row[dimension]!;
  });
  return { dimensions, rows: rows.length, columns };
}
