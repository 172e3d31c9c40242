/**
 * `TensorOps` on the wasm backend. It has no gradient kernels for filters of convolutions (plain and
 * depthwise) nor for depthwise inputs; they are composed from the kernels that it has.
 */

import type * as tfc from '@tensorflow/tfjs-core';
import { padAmounts } from '../../../tensor/pad-amounts.js';
import type { TensorOps } from '../../../tensor/tensor-ops.js';
import type { Tensor, Tf } from '../native-engine.js';
import { differentiable } from './differentiable.js';
import type { OpsContext } from './ops-context.js';
import { lowest } from './portable/pooling-ops.js';
import { portableOps } from './portable/portable-ops.js';
import { overTaps, padImage } from './window.js';

export function wasmOps(context: OpsContext): TensorOps<Tensor> {
  const { tf } = context;
  const portable = portableOps(context);
  return {
    ...portable,
    conv2d(x, filter, options = {}) {
      const { stride = 1, padding = 'same', dilation = 1, groups = 1 } = options;
      if (dilation > 1) return portable.conv2d(x, filter, options);
      const padded = padImage(tf, x, [filter.shape[0]!, filter.shape[1]!], stride, 1, padding);
      if (groups === 1) return convolution(tf, padded, filter, stride);
      const filters = tf.split(filter, groups, 3);
      return tf.concat(
        tf.split(padded, groups, 3).map((input, group) => convolution(tf, input, filters[group]!, stride)),
        3,
      );
    },
    depthwiseConv2d(x, filter, options = {}) {
      const { stride = 1, padding = 'same', dilation = 1 } = options;
      if (dilation > 1) return portable.depthwiseConv2d(x, filter, options);
      const padded = padImage(tf, x, [filter.shape[0]!, filter.shape[1]!], stride, 1, padding);
      const multiplier = filter.shape[3]!;
      if (multiplier === 1) return depthwiseConvolution(tf, padded, filter, stride);
      const maps = tf
        .split(filter, multiplier, 3)
        .map((weights) => depthwiseConvolution(tf, padded, weights, stride));
      // output channel = input channel · multiplier + map
      return tf.reshape(tf.stack(maps, 4), [...maps[0]!.shape.slice(0, 3), -1]);
    },
    // MaxPoolGrad of this backend disagrees with every other one and with finite differences (4.22)
    maxPool: (x, { window, stride, padding }) =>
      overTaps(
        tf,
        padImage(tf, x, [window, window], stride, 1, padding, lowest),
        [window, window],
        stride,
        1,
        (slice) => slice,
      ).reduce((highest, slice) => tf.maximum(highest, slice)),
    conv2dTranspose: (x, filter, { stride }) => transposedConvolution(tf, x, filter, stride),
  };
}

/** `valid` convolution; x `[b,h,w,cin]`, filter `[kh,kw,cin,cout]`. */
const convolution = (tf: Tf, x: Tensor, filter: Tensor, stride: number): Tensor =>
  differentiable(
    { tf },
    [x, filter],
    (save) => {
      save([x, filter]);
      return tf.conv2d(x as tfc.Tensor4D, filter as tfc.Tensor4D, stride, 'valid');
    },
    (dy, [input, weights]) => [
      tf.conv2dTranspose(
        dy as tfc.Tensor4D,
        weights as tfc.Tensor4D,
        input!.shape as [number, number, number, number],
        stride,
        'valid',
      ),
      filterGradient(tf, input!, dy, weights!.shape, stride),
    ],
  );

/** `valid` depthwise convolution; x `[b,h,w,c]`, filter `[kh,kw,c,1]`. */
const depthwiseConvolution = (tf: Tf, x: Tensor, filter: Tensor, stride: number): Tensor =>
  differentiable(
    { tf },
    [x, filter],
    (save) => {
      save([x, filter]);
      return tf.depthwiseConv2d(x as tfc.Tensor4D, filter as tfc.Tensor4D, stride, 'valid');
    },
    (dy, [input, weights]) => {
      const taps = overTaps(tf, input!, [filter.shape[0]!, filter.shape[1]!], stride, 1, (slice) =>
        tf.sum(tf.mul(slice, dy), [0, 1, 2]),
      );
      return [
        depthwiseInputGradient(tf, dy, weights!, input!.shape, stride),
        tf.reshape(tf.stack(taps), filter.shape),
      ];
    },
  );

/** x `[b,h,w,cin]`, filter `[kh,kw,cout,cin]` → `[b,h·stride,w·stride,cout]`. */
function transposedConvolution(tf: Tf, x: Tensor, filter: Tensor, stride: number): Tensor {
  const [b, h, w] = x.shape as [number, number, number, number];
  const [kh, kw, cout] = filter.shape as [number, number, number, number];
  const rows = padAmounts(h * stride, kh, stride, 1, 'same');
  const columns = padAmounts(w * stride, kw, stride, 1, 'same');
  const full: [number, number, number, number] = [
    b,
    h * stride + rows[0] + rows[1],
    w * stride + columns[0] + columns[1],
    cout,
  ];
  const wide = differentiable(
    { tf },
    [x, filter],
    (save) => {
      save([x, filter]);
      return tf.conv2dTranspose(x as tfc.Tensor4D, filter as tfc.Tensor4D, full, stride, 'valid');
    },
    (dy, [input, weights]) => [
      tf.conv2d(dy as tfc.Tensor4D, weights as tfc.Tensor4D, stride, 'valid'),
      // a transposed convolution is the gradient of a convolution: input and output change roles
      filterGradient(tf, dy, input!, weights!.shape, stride),
    ],
  );
  return tf.slice(wide, [0, rows[0], columns[0], 0], [b, h * stride, w * stride, cout]);
}

/**
 * dL/dfilter as a convolution of the input by dy: batch and channels change roles, the stride becomes a
 * dilation. x `[b,h,w,cin]` (padded), dy `[b,h',w',cout]` → `[kh,kw,cin,cout]`.
 */
function filterGradient(
  tf: Tf,
  x: Tensor,
  dy: Tensor,
  filterShape: readonly number[],
  stride: number,
): Tensor {
  const [kh, kw] = filterShape as [number, number];
  const [b, , , cin] = x.shape as [number, number, number, number];
  const covered = [(dy.shape[1]! - 1) * stride + kh, (dy.shape[2]! - 1) * stride + kw] as const;
  // [cin,h,w,b]
  const images = tf.transpose(tf.slice(x, [0, 0, 0, 0], [b, covered[0], covered[1], cin]), [3, 1, 2, 0]);
  const kernels = tf.transpose(dy, [1, 2, 0, 3]); // [h',w',b,cout]
  // [cin,kh,kw,cout]
  const result = tf.conv2d(images as tfc.Tensor4D, kernels as tfc.Tensor4D, 1, 'valid', 'NHWC', stride);
  return tf.transpose(result, [1, 2, 0, 3]);
}

/**
 * dL/dinput of a `valid` depthwise convolution: dy with stride − 1 zeros between its pixels, convolved with
 * the filter rotated by 180°.
 */
function depthwiseInputGradient(
  tf: Tf,
  dy: Tensor,
  filter: Tensor,
  inputShape: readonly number[],
  stride: number,
): Tensor {
  const [b, h, w, c] = dy.shape as [number, number, number, number];
  const [kh, kw] = filter.shape as [number, number];
  let spread = dy;
  if (stride > 1) {
    const gaps = tf.pad(tf.reshape(dy, [b, h, 1, w, c]), [
      [0, 0],
      [0, 0],
      [0, stride - 1],
      [0, 0],
      [0, (stride - 1) * c],
    ]);
    spread = tf.slice(
      tf.reshape(gaps, [b, h * stride, w * stride, c]),
      [0, 0, 0, 0],
      [b, (h - 1) * stride + 1, (w - 1) * stride + 1, c],
    );
  }
  // full correlation: kernel − 1 before, and after as much as restores the input's size
  const padded = tf.pad(spread, [
    [0, 0],
    [kh - 1, inputShape[1]! - spread.shape[1]!],
    [kw - 1, inputShape[2]! - spread.shape[2]!],
    [0, 0],
  ]);
  return tf.depthwiseConv2d(padded as tfc.Tensor4D, tf.reverse(filter, [0, 1]) as tfc.Tensor4D, 1, 'valid');
}
