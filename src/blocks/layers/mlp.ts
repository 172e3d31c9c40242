/** The feed-forward half of a transformer block: linear, activation, linear. */
import type { Activation, TensorOps } from '../../tensor/tensor-ops.js';
import { linear, outputInit } from './linear.js';

/** x `[…,c]` → `[…,c]` through `hidden` channels. */
export function mlp<T>(ops: TensorOps<T>, x: T, name: string, hidden: number, activation: Activation = 'gelu'): T {
  const channels = ops.shape(x).at(-1)!;
  return ops.scope(name, () => {
    const opened = ops.activation(linear(ops, x, 'expand', hidden), activation);
    return linear(ops, opened, 'project', channels, { init: outputInit });
  });
}
