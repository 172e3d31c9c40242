/**
 * Residual sums with stochastic depth (https://arxiv.org/abs/1603.09382), tokens and pooling for their
 * branches.
 */
import type { TensorOps } from '../../tensor/tensor-ops.js';

/** x + branch; training drops the branch of each example with probability `dropPath`. */
export function addBranch<T>(ops: TensorOps<T>, x: T, branch: T, dropPath: number): T {
  return ops.binary(x, dropPath > 0 ? ops.dropPath(branch, dropPath) : branch, 'add');
}

/** x `[b,h,w,c]` → `[b,h·w,c]`. */
export function toTokens<T>(ops: TensorOps<T>, x: T): T {
  const [batch, height, width, channels] = ops.shape(x) as [number, number, number, number];
  return ops.reshape(x, [batch, height * width, channels]);
}

/** 2×2 mean pooling at stride 2, sizes rounded up; x at stride 1. */
export function meanPoolByStride<T>(ops: TensorOps<T>, x: T, stride: 1 | 2): T {
  return stride === 1 ? x : ops.avgPool(x, { window: 2, stride: 2, padding: 'same' });
}
