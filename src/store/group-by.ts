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

/** Adds a value to the group of a key. */
export function addTo<K, V>(groups: Map<K, V[]>, key: K, value: V): void {
  const group = groups.get(key);
  if (group) group.push(value);
  else groups.set(key, [value]);
}
