/**
 * Rotary position embedding in two dimensions, without parameters. Half of a head's channel pairs rotate by
 * the row and half by the column, so that products of queries and keys depend on offsets.
 * https://arxiv.org/abs/2104.09864, axial as in https://arxiv.org/abs/2403.13298
 */
import type { TensorOps } from '../../tensor/tensor-ops.js';

/**
 * Angle of each token and channel pair, `[n,d/2]`. Frequencies are 1/100^(k/(d/4)): maps are at most a few
 * hundred pixels wide.
 */
function angles(height: number, width: number, dim: number): Float64Array {
  const quarter = dim / 4;
  return Float64Array.from({ length: height * width * 2 * quarter }, (_, index) => {
    const pair = index % (2 * quarter);
    const token = Math.floor(index / (2 * quarter));
    const position = pair < quarter ? Math.floor(token / width) : token % width;
    return position * 100 ** (-(pair % quarter) / quarter);
  });
}

/** Rotates channel k with channel k + d/2; x `[b,heads,h·w,d]`, d a multiple of 4 → the same shape. */
export function applyRotary<T>(ops: TensorOps<T>, x: T, height: number, width: number): T {
  const dim = ops.shape(x).at(-1)!;
  const half = dim / 2;
  const turn = angles(height, width, dim);
  const cos = ops.constant(Float32Array.from(turn, Math.cos), [height * width, half]);
  const sin = ops.constant(Float32Array.from(turn, Math.sin), [height * width, half]);
  const [a, b] = [0, half].map((begin) => ops.slice(x, [0, 0, 0, begin], [-1, -1, -1, half])) as [T, T];
  const mul = (left: T, right: T): T => ops.binary(left, right, 'mul');
  return ops.concat(
    [ops.binary(mul(a, cos), mul(b, sin), 'sub'), ops.binary(mul(a, sin), mul(b, cos), 'add')],
    3,
  );
}
