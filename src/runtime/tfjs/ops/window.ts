/** Geometry of sliding windows, and the slices of the input under each tap of a kernel. */
import { padAmounts } from '../../../tensor/pad-amounts.js';
import type { Padding } from '../../../tensor/tensor-ops.js';
import type { Tensor, Tf } from '../native-engine.js';

/** Pads x `[b,h,w,c]` with `value`, so that a `valid` window has the requested padding. */
export function padImage(
  tf: Tf,
  x: Tensor,
  kernel: readonly [number, number],
  stride: number,
  dilation: number,
  padding: Padding,
  value = 0,
): Tensor {
  const rows = padAmounts(x.shape[1]!, kernel[0], stride, dilation, padding);
  const columns = padAmounts(x.shape[2]!, kernel[1], stride, dilation, padding);
  return [...rows, ...columns].every((amount) => amount === 0)
    ? x
    : tf.pad(x, [[0, 0], rows, columns, [0, 0]], value);
}

/** Number of positions of a window over a padded axis. */
export const positions = (size: number, kernel: number, stride: number, dilation = 1): number =>
  Math.floor((size - (kernel - 1) * dilation - 1) / stride) + 1;

/**
 * Calls `visit(slice [b,h',w',c], i, j)` with the pixels under each tap of the kernel, in row-major order.
 * Composed of slices and reshapes, since tfjs has no gradient of a strided slice.
 */
export function overTaps(
  tf: Tf,
  padded: Tensor,
  kernel: readonly [number, number],
  stride: number,
  dilation: number,
  visit: (slice: Tensor, i: number, j: number) => Tensor,
): Tensor[] {
  const [b, h, w, c] = padded.shape as [number, number, number, number];
  const height = positions(h, kernel[0], stride, dilation);
  const width = positions(w, kernel[1], stride, dilation);
  const roomy =
    stride === 1
      ? padded
      : tf.pad(padded, [
          [0, 0],
          [0, stride - 1],
          [0, stride - 1],
          [0, 0],
        ]);
  const results: Tensor[] = [];
  for (let i = 0; i < kernel[0]; i++) {
    for (let j = 0; j < kernel[1]; j++) {
      const dense = tf.slice(
        roomy,
        [0, i * dilation, j * dilation, 0],
        [b, height * stride, width * stride, c],
      );
      const slice =
        stride === 1
          ? dense
          : tf.reshape(
              tf.slice(
                tf.reshape(dense, [b, height, stride, width, stride * c]),
                [0, 0, 0, 0, 0],
                [b, height, 1, width, c],
              ),
              [b, height, width, c],
            );
      results.push(visit(slice, i, j));
    }
  }
  return results;
}
