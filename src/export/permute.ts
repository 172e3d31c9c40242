/** Values of a tensor with its axes in another order. */

/** Values of `shape`; axis `i` of the result is axis `permutation[i]`. Unmoved values are not copied. */
export function permuted(
  values: Float32Array,
  shape: readonly number[],
  permutation: readonly number[],
): Float32Array {
  if (permutation.every((axis, index) => axis === index)) return values;
  const product = (sizes: readonly number[]): number => sizes.reduce((a, b) => a * b, 1);
  const sizes = permutation.map((axis) => shape[axis]!);
  const steps = permutation.map((axis) => product(shape.slice(axis + 1)));
  const moved = new Float32Array(values.length);
  const position = sizes.map(() => 0);
  let from = 0;
  for (let to = 0; to < moved.length; to++) {
    moved[to] = values[from]!;
    for (let axis = sizes.length - 1; axis >= 0; axis--) {
      from += steps[axis]!;
      if (++position[axis]! < sizes[axis]!) break;
      from -= steps[axis]! * sizes[axis]!;
      position[axis] = 0;
    }
  }
  return moved;
}
