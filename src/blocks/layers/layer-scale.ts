/** Layer scale: a learned factor per channel on a residual branch. https://arxiv.org/abs/2103.17239 */
import type { TensorOps } from '../../tensor/tensor-ops.js';

/** x `[…,c]` · γ `[c]`, γ initially `start`; weight `name`. */
export function layerScale<T>(ops: TensorOps<T>, x: T, name: string, start: number): T {
  return ops.binary(x, ops.weight(name, [ops.shape(x).at(-1)!], { kind: 'constant', value: start }), 'mul');
}
