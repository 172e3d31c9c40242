/** Shape ops by tfjs; `gather` at constant indices has a custom gradient, since tfjs's fails on wasm. */
import type { TensorOps } from '../../../../tensor/tensor-ops.js';
import type { Tensor } from '../../native-engine.js';
import type { OpsContext } from '../ops-context.js';

export type ShapeOps = Pick<
  TensorOps<Tensor>,
  'reshape' | 'transpose' | 'concat' | 'slice' | 'pad' | 'gather'
>;

export function shapeOps({ tf }: OpsContext): ShapeOps {
  return {
    reshape: (x, shape) => tf.reshape(x, [...shape]),
    transpose: (x, permutation) => tf.transpose(x, [...permutation]),
    concat: (xs, axis) => tf.concat([...xs], axis),
    slice: (x, begin, size) => tf.slice(x, [...begin], [...size]),
    pad: (x, paddings, value = 0) =>
      tf.pad(
        x,
        paddings.map(([before, after]) => [before, after] as [number, number]),
        value,
      ),
    gather(x, indices, axis) {
      const at = axis < 0 ? axis + x.rank : axis;
      const length = x.shape[at]!;
      const inverse = inversePermutation(indices, length);
      return tf.customGrad((...args: unknown[]) => {
        const input = args[0] as Tensor;
        const take = (from: Tensor, order: Int32Array): Tensor =>
          tf.gather(from, tf.tensor1d(order.slice(), 'int32'), at);
        return {
          value: take(input, indices),
          gradFunc: (dy: Tensor): Tensor => {
            if (inverse) return take(dy, inverse);
            // rows that were taken several times receive the sum
            const order = [at, ...x.shape.map((_, index) => index).filter((index) => index !== at)];
            const front = at === 0 ? dy : tf.transpose(dy, order);
            const rest = front.shape.slice(1);
            const summed = tf.scatterND(tf.tensor2d(indices.slice(), [indices.length, 1], 'int32'), front, [
              length,
              ...rest,
            ] as never);
            if (at === 0) return summed;
            const back = order.map((_, index) => order.indexOf(index));
            return tf.transpose(summed, back);
          },
        };
      })(x);
    },
  };
}

function inversePermutation(indices: Int32Array, length: number): Int32Array | undefined {
  if (indices.length !== length) return undefined;
  const inverse = new Int32Array(length).fill(-1);
  indices.forEach((from, to) => {
    inverse[from] = to;
  });
  return inverse.includes(-1) ? undefined : inverse;
}
