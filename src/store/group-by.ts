/** Groups `values` by key, in order of first occurrence; each value mapped by `pick`. */
export function groupBy<V, K, R = V>(
  values: readonly V[],
  key: (value: V) => K,
  pick: (value: V) => R = (value) => value as unknown as R,
): Map<K, R[]> {
  const groups = new Map<K, R[]>();
  for (const value of values) {
    const group = groups.get(key(value));
    if (group) group.push(pick(value));
    else groups.set(key(value), [pick(value)]);
  }
  return groups;
}
