/**
 * Compares two sort keys; a missing key comes last in both directions. 0: equal, so that the caller's
 * secondary order decides.
 */
export function compareKeys<K extends number | string>(
  a: K | undefined,
  b: K | undefined,
  direction: 'ascending' | 'descending',
): number {
  if (a === undefined || b === undefined) return Number(a === undefined) - Number(b === undefined);
  const order = Number(a > b) - Number(a < b);
  return direction === 'ascending' ? order : -order;
}
