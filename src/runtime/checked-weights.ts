/** Weights that are to replace others: the same paths, of the same shapes. */
interface Shaped {
  readonly shape: readonly number[];
}

/** @throws where a path is missing, unknown or of another shape */
export function checkedWeights<W extends Shaped>(
  known: ReadonlyMap<string, Shaped>,
  weights: ReadonlyMap<string, W>,
): ReadonlyMap<string, W> {
  const unknown = [...weights.keys()].find((path) => !known.has(path));
  if (unknown !== undefined)
    throw new Error(`writeWeights: every path must be of the network, got ${JSON.stringify(unknown)}`);
  for (const [path, { shape }] of known) {
    const found = weights.get(path);
    if (found?.shape.join() !== shape.join())
      throw new Error(
        `writeWeights: ${path} must have shape [${shape.join()}], ` +
          `got ${found ? `[${found.shape.join()}]` : 'none'}`,
      );
  }
  return weights;
}
