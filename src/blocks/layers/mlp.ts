/** The feed-forward half of a transformer block: linear, activation, linear. */
import type { TensorOps } from '../../tensor/tensor-ops.js';
import { activate } from './activations.js';
import { linear, outputInit } from './linear-layer.js';

/** x `[…,c]` → `[…,width]` (c, if not given) through `hidden` channels. */
export function mlp<T>(
  ops: TensorOps<T>,
  x: T,
  name: string,
  hidden: number,
  options: { readonly act?: string; readonly width?: number } = {},
): T {
  return ops.scope(name, () => {
    const opened = activate(ops, linear(ops, x, 'expand', hidden), options.act ?? 'gelu');
    return linear(ops, opened, 'project', options.width ?? ops.shape(x).at(-1)!, { init: outputInit });
  });
}
