/**
 * Global response normalisation: channels compete by their L2 norm over the map.
 * https://arxiv.org/abs/2301.00808
 */
import type { TensorOps } from '../../tensor/tensor-ops.js';

/**
 * g = ‖x‖₂ over space, n = g / mean over channels; y = (γ·n + 1)·x + β. x `[b,h,w,c]`; weights `name/gamma`,
 * with `offset` `name/beta`.
 */
export function globalResponseNorm<T>(
  ops: TensorOps<T>,
  x: T,
  name: string,
  { offset = true }: { readonly offset?: boolean } = {},
): T {
  const channels = ops.shape(x).at(-1)!;
  const squares = ops.reduce(ops.unary(x, 'square'), 'sum', [1, 2], { keepDims: true });
  const length = ops.unary(ops.scale(squares, 1, 1e-12), 'sqrt'); // [b,1,1,c]; the root has no slope at 0
  const share = ops.binary(
    length,
    ops.scale(ops.reduce(length, 'mean', [3], { keepDims: true }), 1, 1e-6),
    'div',
  );
  return ops.scope(name, () => {
    const factor = ops.scale(
      ops.binary(share, ops.weight('gamma', [channels], { kind: 'zeros' }), 'mul'),
      1,
      1,
    );
    const scaled = ops.binary(x, factor, 'mul');
    return offset ? ops.binary(scaled, ops.weight('beta', [channels], { kind: 'zeros' }), 'add') : scaled;
  });
}
