/** SQL stores a missing value as NULL, programs omit the property. This maps rows to program values. */
export type WithoutNulls<V> = { [K in keyof V]?: NonNullable<V[K]> };

/** @example withoutNulls({ top1: 0.5, top5: null }) // { top1: 0.5 } */
export function withoutNulls<V extends object>(values: V): WithoutNulls<V> {
  const present: WithoutNulls<V> = {};
  for (const name in values) {
    const value = values[name];
    if (value !== null) present[name] = value as NonNullable<V[typeof name]>;
  }
  return present;
}
