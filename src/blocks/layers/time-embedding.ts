/** Sinusoidal embedding of diffusion times, then two linear layers. https://arxiv.org/abs/2006.11239 */
import type { TensorOps } from '../../tensor/tensor-ops.js';
import { linear } from './linear-layer.js';

/** Sinusoidal embedding t `[b]` → `[b,width]`: cosines, then sines, of t·10000^(−k/(width/2)); width even. */
export function sinusoidal<T>(ops: TensorOps<T>, t: T, width: number): T {
  const half = width / 2;
  const frequencies = ops.constant(
    Float32Array.from({ length: half }, (_, index) => 10000 ** (-index / half)),
    [1, half],
  );
  const angles = ops.binary(ops.reshape(t, [-1, 1]), frequencies, 'mul');
  return ops.concat([ops.unary(angles, 'cos'), ops.unary(angles, 'sin')], 1);
}

/**
 * Sinusoidal embedding of `sines` channels, two linear layers with SiLU: t `[b]` → `[b,width]`; weights under
 * `name`.
 */
export function timeEmbedding<T>(ops: TensorOps<T>, t: T, name: string, sines: number, width: number): T {
  return ops.scope(name, () => {
    const expanded = ops.activation(linear(ops, sinusoidal(ops, t, sines), 'expand', width), 'silu');
    return ops.activation(linear(ops, expanded, 'project', width), 'silu');
  });
}
