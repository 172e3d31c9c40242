/** SQL stores a missing value as NULL, programs omit the property. This maps rows to program values. */
export type WithoutNulls<V> = { [K in keyof V]?: NonNullable<V[K]> };

/** @example withoutNulls({ top1: 0.5, top5: null }) // { top1: 0.5 } */
export const withoutNulls = <V extends object>(values: V): WithoutNulls<V> =>
  Object.fromEntries(Object.entries(values).filter(([, value]) => value !== null)) as WithoutNulls<V>;
