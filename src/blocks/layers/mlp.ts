/** The MLP of a transformer block: linear, activation, linear. */
import type { TensorOps } from '../../tensor/tensor-ops.js';
import { activate } from './activations.js';
import { linear, outputInit } from './linear-layer.js';

/**
 * x `[…,c]` → `[…,width]`, default c, with `hidden` hidden channels; weights `name/expand` and
 * `name/project`.
 */
export function mlp<T>(
  ops: TensorOps<T>,
  x: T,
  name: string,
  hidden: number,
  options: { readonly act?: string; readonly width?: number } = {},
): T {
  return ops.scope(name, () => {
    const expanded = activate(ops, linear(ops, x, 'expand', hidden), options.act ?? 'gelu');
    return linear(ops, expanded, 'project', options.width ?? ops.shape(x).at(-1)!, { init: outputInit });
  });
}
