/** Runs as factor importance reads them. */

export interface FactorRow {
  /** Level of every factor, by index. */
  readonly levels: readonly number[];
  /** Higher is better. */
  readonly merit: number;
  /** Runs of one seed are resampled together. */
  readonly seed: number;
}

export const groupsBy = <K>(
  rows: readonly FactorRow[],
  keyOf: (row: FactorRow) => K,
): Map<K, FactorRow[]> => {
  const groups = new Map<K, FactorRow[]>();
  for (const row of rows) {
    const key = keyOf(row);
    const group = groups.get(key);
    if (group) group.push(row);
    else groups.set(key, [row]);
  }
  return groups;
};

export const meanMerit = (rows: readonly FactorRow[]): number =>
  rows.reduce((sum, { merit }) => sum + merit, 0) / rows.length;
