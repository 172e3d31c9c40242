/** The residual branch of a block, as the difference between its output and its input. */
import type { TensorOps } from '../../tensor/tensor-ops.js';

/**
 * Applies `change` to the residual branch: x + change(y − x) where y has the shape of x, otherwise change(y).
 * x: input, y: output of a block, `[b,h,w,c]`.
 */
export function mapResidualBranch<T>(ops: TensorOps<T>, x: T, y: T, change: (branch: T) => T): T {
  const same = ops.shape(x).join() === ops.shape(y).join();
  return same ? ops.binary(x, change(ops.binary(y, x, 'sub')), 'add') : change(y);
}
