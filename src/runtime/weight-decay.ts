/** Which weights decay: vectors (norms, biases) and position tables do not. */
export const isDecayed = (path: string, shape: readonly number[]): boolean =>
  shape.length > 1 && !/position|bias-table|relative/.test(path);
