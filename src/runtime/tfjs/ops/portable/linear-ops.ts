/**
 * Convolutions and products from tfjs's own ops: the readable reference, and what runs where no TensorFlow
 * is. tfjs knows no gradient for dilated convolutions and none for grouped ones, so both are composed here.
 */

import type * as tfc from '@tensorflow/tfjs-core';
import type { Conv2dOptions, Padding, TensorOps } from '../../../../tensor/tensor-ops.js';
import type { Tensor } from '../../native-engine.js';
import type { OpsContext } from '../ops-context.js';
import { overTaps, padImage } from '../window.js';

export type LinearOps = Pick<TensorOps<Tensor>, 'conv2d' | 'depthwiseConv2d' | 'conv2dTranspose' | 'matmul'>;

export function linearOps({ tf }: OpsContext): LinearOps {
  /** Explicit zero padding, so that every convolution below is `same` or `valid`. */
  const padded = (x: Tensor, padding: Padding): { input: Tensor; mode: 'same' | 'valid' } =>
    typeof padding === 'number'
      ? {
          input:
            padding === 0
              ? x
              : tf.pad(x, [
                  [0, 0],
                  [padding, padding],
                  [padding, padding],
                  [0, 0],
                ]),
          mode: 'valid',
        }
      : { input: x, mode: padding };

  /** Dilated convolution as a sum over the kernel's taps, `tap(slice, i, j)` giving each term. */
  const dilated = (
    x: Tensor,
    kernel: readonly [number, number],
    stride: number,
    dilation: number,
    padding: Padding,
    tap: (slice: Tensor, i: number, j: number) => Tensor,
  ): Tensor =>
    tf.addN(overTaps(tf, padImage(tf, x, kernel, stride, dilation, padding), kernel, stride, dilation, tap));

  const plain = (x: Tensor, filter: Tensor, stride: number, dilation: number, padding: Padding): Tensor => {
    if (dilation > 1) {
      const [kh, kw, cin, cout] = filter.shape as [number, number, number, number];
      return dilated(x, [kh, kw], stride, dilation, padding, (slice, i, j) =>
        tf.reshape(
          tf.matMul(
            tf.reshape(slice, [-1, cin]) as tfc.Tensor2D,
            tf.reshape(tf.slice(filter, [i, j, 0, 0], [1, 1, cin, cout]), [cin, cout]) as tfc.Tensor2D,
          ),
          [...slice.shape.slice(0, 3), cout],
        ),
      );
    }
    const { input, mode } = padded(x, padding);
    return tf.conv2d(input as tfc.Tensor4D, filter as tfc.Tensor4D, stride, mode);
  };

  return {
    conv2d(x, filter, options: Conv2dOptions = {}) {
      const { stride = 1, padding = 'same', dilation = 1, groups = 1 } = options;
      if (groups === 1) return plain(x, filter, stride, dilation, padding);
      const inputs = tf.split(x, groups, 3);
      const filters = tf.split(filter, groups, 3);
      return tf.concat(
        inputs.map((input, group) => plain(input, filters[group]!, stride, dilation, padding)),
        3,
      );
    },
    depthwiseConv2d(x, filter, options = {}) {
      const { stride = 1, padding = 'same', dilation = 1 } = options;
      const [kh, kw, c, multiplier] = filter.shape as [number, number, number, number];
      if (dilation === 1) {
        const { input, mode } = padded(x, padding);
        return tf.depthwiseConv2d(input as tfc.Tensor4D, filter as tfc.Tensor4D, stride, mode);
      }
      return dilated(x, [kh, kw], stride, dilation, padding, (slice, i, j) => {
        const weights = tf.reshape(tf.slice(filter, [i, j, 0, 0], [1, 1, c, multiplier]), [c, multiplier]);
        return tf.reshape(tf.mul(tf.reshape(slice, [...slice.shape, 1]), weights), [
          ...slice.shape.slice(0, 3),
          c * multiplier,
        ]);
      });
    },
    conv2dTranspose(x, filter, { stride }) {
      const [b, h, w] = x.shape as [number, number, number, number];
      return tf.conv2dTranspose(
        x as tfc.Tensor4D,
        filter as tfc.Tensor4D,
        [b, h * stride, w * stride, filter.shape[2]!],
        stride,
        'same',
      );
    },
    matmul(a, b, options = {}) {
      const { transposeA = false, transposeB = false } = options;
      if (b.rank === 2 && a.rank > 2 && !transposeA) {
        const rows = tf.reshape(a, [-1, a.shape.at(-1)!]) as tfc.Tensor2D;
        const product = tf.matMul(rows, b as tfc.Tensor2D, false, transposeB);
        return tf.reshape(product, [...a.shape.slice(0, -1), product.shape[1]!]);
      }
      const [left, right] = broadcastLeading(tf, a, b);
      return tf.matMul(left, right, transposeA, transposeB);
    },
  };
}

/** Leading axes made equal: tfjs multiplies broadcast batches but does not sum their gradients. */
function broadcastLeading(tf: OpsContext['tf'], a: Tensor, b: Tensor): [Tensor, Tensor] {
  const rank = Math.max(a.rank, b.rank);
  const lead = (x: Tensor): number[] => [...Array<number>(rank - x.rank).fill(1), ...x.shape.slice(0, -2)];
  const [la, lb] = [lead(a), lead(b)];
  const leading = la.map((dim, index) => Math.max(dim, lb[index]!));
  const spread = (x: Tensor, own: number[]): Tensor =>
    own.join() === leading.join()
      ? x
      : tf.broadcastTo(tf.reshape(x, [...own, ...x.shape.slice(-2)]), [...leading, ...x.shape.slice(-2)] as [
          number,
        ]);
  return [spread(a, la), spread(b, lb)];
}
