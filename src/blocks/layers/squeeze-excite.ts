/**
 * Squeeze-and-excitation: y = x ⊙ gate(W₂·act(W₁·mean(x))), the mean over the map, both layers with bias.
 * https://arxiv.org/abs/1709.01507
 */
import type { Activation, TensorOps } from '../../tensor/tensor-ops.js';
import { activate } from './activations.js';
import { inputInit, linear } from './linear-layer.js';

/** x `[b,h,w,c]` → `[b,h,w,c]`. */
export function squeezeExcite<T>(
  ops: TensorOps<T>,
  x: T,
  name: string,
  reduced: number,
  activation: string,
  gate: Activation = 'sigmoid',
): T {
  const [batch, , , channels] = ops.shape(x) as [number, number, number, number];
  return ops.scope(name, () => {
    const mean = ops.reduce(x, 'mean', [1, 2]); // [b,c]
    const squeezed = activate(ops, linear(ops, mean, 'reduce', reduced), activation); // [b,reduced]
    const weights = ops.activation(
      linear(ops, squeezed, 'expand', channels, { init: inputInit(reduced) }),
      gate,
    ); // [b,c]
    return ops.binary(x, ops.reshape(weights, [batch, 1, 1, channels]), 'mul');
  });
}
