/** SQL stores a missing value as NULL, programs leave the property out: the row boundary maps one to the other. */
export type WithoutNulls<V> = { [K in keyof V]?: NonNullable<V[K]> };

/** @example withoutNulls({ top1: 0.5, top5: null }) // { top1: 0.5 } */
export const withoutNulls = <V extends object>(values: V): WithoutNulls<V> =>
  Object.fromEntries(Object.entries(values).filter(([, value]) => value !== null)) as WithoutNulls<V>;
