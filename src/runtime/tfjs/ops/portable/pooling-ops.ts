/**
 * Pooling and resizing by tfjs's ops. Resizing is a product with constant interpolation matrices, which has a
 * gradient on every backend.
 */

import type * as tfc from '@tensorflow/tfjs-core';
import { padAmounts } from '../../../../tensor/pad-amounts.js';
import type { Padding, TensorOps } from '../../../../tensor/tensor-ops.js';
import type { Tensor } from '../../native-engine.js';
import type { OpsContext } from '../ops-context.js';
import { padImage } from '../window.js';

export type PoolingOps = Pick<TensorOps<Tensor>, 'maxPool' | 'avgPool' | 'resize'>;
type Window = { readonly window: number; readonly stride: number; readonly padding: Padding };

export const lowest = -3.4028234663852886e38; // float32; padding that never wins a maximum

export function poolingOps({ tf }: OpsContext): PoolingOps {
  // padding is made explicit: tfjs's cpu backend counts it in the gradient of a `same` avgPool
  const padded = (x: Tensor, { window, stride, padding }: Window, value: number): tfc.Tensor4D =>
    padImage(tf, x, [window, window], stride, 1, padding, value) as tfc.Tensor4D;
  return {
    maxPool: (x, options: Window) =>
      tf.maxPool(padded(x, options, lowest), options.window, options.stride, 'valid'),
    avgPool(x, options: Window) {
      const { window, stride, padding } = options;
      const input = padded(x, options, 0);
      const mean = tf.avgPool(input, window, stride, 'valid');
      if (input === x) return mean;
      const before = [x.shape[1]!, x.shape[2]!].map(
        (size) => padAmounts(size, window, stride, 1, padding)[0],
      ) as [number, number];
      return tf.mul(
        mean,
        tf.tensor(borderFactors(x.shape as number[], window, stride, before, mean.shape), [
          1,
          mean.shape[1],
          mean.shape[2],
          1,
        ]),
      );
    },
    resize(x, height, width, kind) {
      const [b, h, w, c] = x.shape as [number, number, number, number];
      const rows = tf.tensor2d(interpolation(h, height, kind), [height, h]);
      const columns = tf.tensor2d(interpolation(w, width, kind), [width, w]);
      const tall = tf.matMul(tf.tile(tf.expandDims(rows, 0), [b, 1, 1]), tf.reshape(x, [b, h, w * c]));
      const wide = tf.matMul(
        tf.tile(tf.expandDims(columns, 0), [b * height, 1, 1]),
        tf.reshape(tall, [b * height, w, c]),
      );
      return tf.reshape(wide, [b, height, width, c]);
    },
  };
}

/**
 * window² over the number of pixels that are not padding, by output position. `before`: top and left padding.
 */
function borderFactors(
  shape: readonly number[],
  window: number,
  stride: number,
  before: readonly [number, number],
  output: readonly number[],
): Float32Array {
  const inside = (size: number, position: number, padding: number): number => {
    const start = position * stride - padding;
    return Math.min(start + window, size) - Math.max(start, 0);
  };
  const factors = new Float32Array(output[1]! * output[2]!);
  for (let y = 0; y < output[1]!; y++) {
    for (let x = 0; x < output[2]!; x++)
      factors[y * output[2]! + x] =
        window ** 2 / (inside(shape[1]!, y, before[0]) * inside(shape[2]!, x, before[1]));
  }
  return factors;
}

/**
 * Row-major `[to, from]` weights: half-pixel centres for bilinear, floor for nearest (PyTorch's
 * `interpolate`).
 */
export function interpolation(from: number, to: number, kind: 'nearest' | 'bilinear'): Float32Array {
  const matrix = new Float32Array(to * from);
  for (let i = 0; i < to; i++) {
    if (kind === 'nearest') {
      matrix[i * from + Math.min(Math.floor((i * from) / to), from - 1)] = 1;
      continue;
    }
    const position = Math.min(Math.max(((i + 0.5) * from) / to - 0.5, 0), from - 1);
    const low = Math.floor(position);
    const high = Math.min(low + 1, from - 1);
    matrix[i * from + low] = matrix[i * from + low]! + 1 - (position - low);
    matrix[i * from + high] = matrix[i * from + high]! + (position - low);
  }
  return matrix;
}
