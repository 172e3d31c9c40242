/** Padding of a window along one axis, as convolutions and pools of every interpreter use it. */
import type { Padding } from './tensor-ops.js';

/** Pixels of padding before and after an axis of `size`; `same` as TensorFlow does it. */
export function padAmounts(
  size: number,
  kernel: number,
  stride: number,
  dilation: number,
  padding: Padding,
): [number, number] {
  if (padding === 'valid') return [0, 0];
  if (typeof padding === 'number') return [padding, padding];
  const total = Math.max((Math.ceil(size / stride) - 1) * stride + (kernel - 1) * dilation + 1 - size, 0);
  return [Math.floor(total / 2), Math.ceil(total / 2)];
}
