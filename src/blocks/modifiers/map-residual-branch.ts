/** What a block adds to its map. */
import type { TensorOps } from '../../tensor/tensor-ops.js';

/**
 * Changes the residual part alone: x + change(y − x) where y has x's shape, change(y) where the block reduces
 * or widens. x, y `[b,h,w,c]`.
 */
export function mapResidualBranch<T>(ops: TensorOps<T>, x: T, y: T, change: (branch: T) => T): T {
  const same = ops.shape(x).join() === ops.shape(y).join();
  return same ? ops.binary(x, change(ops.binary(y, x, 'sub')), 'add') : change(y);
}
