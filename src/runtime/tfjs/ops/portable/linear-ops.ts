/**
 * Convolutions and matrix products by tfjs's own ops: the reference, and what runs without TensorFlow. tfjs
 * has no gradients for dilated and for grouped convolutions, so both are composed here.
 */

import type * as tfc from '@tensorflow/tfjs-core';
import type { Conv2dOptions, Padding, TensorOps } from '../../../../tensor/tensor-ops.js';
import type { Tensor, Tf } from '../../native-engine.js';
import type { OpsContext } from '../ops-context.js';
import { overTaps, padImage } from '../window.js';

export type LinearOps = Pick<TensorOps<Tensor>, 'conv2d' | 'depthwiseConv2d' | 'conv2dTranspose' | 'matmul'>;

export function linearOps({ tf }: OpsContext): LinearOps {
  return {
    conv2d(x, filter, options: Conv2dOptions = {}) {
      const { stride = 1, padding = 'same', dilation = 1, groups = 1 } = options;
      if (groups === 1) return convolution(tf, x, filter, stride, dilation, padding);
      const inputs = tf.split(x, groups, 3);
      const filters = tf.split(filter, groups, 3);
      return tf.concat(
        inputs.map((input, group) => convolution(tf, input, filters[group]!, stride, dilation, padding)),
        3,
      );
    },
    depthwiseConv2d(x, filter, options = {}) {
      const { stride = 1, padding = 'same', dilation = 1 } = options;
      const [kh, kw, c, multiplier] = filter.shape as [number, number, number, number];
      if (dilation === 1) {
        const { input, mode } = explicitlyPadded(tf, x, padding);
        return tf.depthwiseConv2d(input as tfc.Tensor4D, filter as tfc.Tensor4D, stride, mode);
      }
      return sumOverTaps(tf, x, [kh, kw], stride, dilation, padding, (slice, i, j) => {
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

/** Convolution of one group; x `[b,h,w,cin]`, filter `[kh,kw,cin,cout]`. */
function convolution(
  tf: Tf,
  x: Tensor,
  filter: Tensor,
  stride: number,
  dilation: number,
  padding: Padding,
): Tensor {
  if (dilation === 1) {
    const { input, mode } = explicitlyPadded(tf, x, padding);
    return tf.conv2d(input as tfc.Tensor4D, filter as tfc.Tensor4D, stride, mode);
  }
  const [kh, kw, cin, cout] = filter.shape as [number, number, number, number];
  return sumOverTaps(tf, x, [kh, kw], stride, dilation, padding, (slice, i, j) =>
    tf.reshape(
      tf.matMul(
        tf.reshape(slice, [-1, cin]) as tfc.Tensor2D,
        tf.reshape(tf.slice(filter, [i, j, 0, 0], [1, 1, cin, cout]), [cin, cout]) as tfc.Tensor2D,
      ),
      [...slice.shape.slice(0, 3), cout],
    ),
  );
}

/** Applies numeric padding, so that the convolution after it is `same` or `valid`. */
function explicitlyPadded(
  tf: Tf,
  x: Tensor,
  padding: Padding,
): { readonly input: Tensor; readonly mode: 'same' | 'valid' } {
  if (typeof padding === 'string') return { input: x, mode: padding };
  if (padding === 0) return { input: x, mode: 'valid' };
  const sides: [number, number] = [padding, padding];
  return { input: tf.pad(x, [[0, 0], sides, sides, [0, 0]]), mode: 'valid' };
}

/** A dilated convolution as a sum over the kernel's taps; `tap(slice, i, j)` returns each term. */
const sumOverTaps = (
  tf: Tf,
  x: Tensor,
  kernel: readonly [number, number],
  stride: number,
  dilation: number,
  padding: Padding,
  tap: (slice: Tensor, i: number, j: number) => Tensor,
): Tensor =>
  tf.addN(overTaps(tf, padImage(tf, x, kernel, stride, dilation, padding), kernel, stride, dilation, tap));

/** Broadcasts leading axes: tfjs multiplies broadcast batches, but does not sum their gradients. */
function broadcastLeading(tf: Tf, a: Tensor, b: Tensor): [Tensor, Tensor] {
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
