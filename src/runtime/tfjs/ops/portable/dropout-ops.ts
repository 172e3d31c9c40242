/**
 * Dropout and stochastic depth, drawn from the context's stream of random numbers; the identity outside
 * training.
 */
import type { TensorOps } from '../../../../tensor/tensor-ops.js';
import type { Tensor } from '../../native-engine.js';
import type { OpsContext } from '../ops-context.js';

export type DropoutOps = Pick<TensorOps<Tensor>, 'dropout' | 'dropPath'>;

export function dropoutOps(context: OpsContext): DropoutOps {
  const { tf } = context;
  const drop = (
    where: string,
    x: Tensor,
    rate: number,
    maskShape: readonly number[],
    share?: Tensor,
  ): Tensor => {
    if (!(rate >= 0 && rate < 1)) throw new RangeError(`${where}: rate must lie in [0, 1), got ${rate}`);
    if (!context.training || rate === 0) return x;
    if (share !== undefined) {
      const scaled = tf.mul(share, rate);
      return tf.mul(
        x,
        tf.div(tf.cast(tf.greaterEqual(context.uniform(maskShape), scaled), 'float32'), tf.sub(1, scaled)),
      );
    }
    // the mask takes no part in the gradient: it is computed from no weight
    const keep = tf.mul(
      tf.cast(tf.greaterEqual(context.uniform(maskShape), rate), 'float32'),
      1 / (1 - rate),
    );
    return tf.mul(x, keep);
  };
  return {
    dropout: (x, rate) => drop('dropout', x, rate, x.shape),
    dropPath: (x, rate) =>
      drop('dropPath', x, rate, [x.shape[0]!, ...x.shape.slice(1).map(() => 1)], context.dropPathShare),
  };
}
