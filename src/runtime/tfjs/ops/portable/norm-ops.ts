/** Norms composed of tfjs's ops, with PyTorch's running statistics (unbiased variance, momentum 0.1). */
import type { TensorOps } from '../../../../tensor/tensor-ops.js';
import type { Tensor } from '../../native-engine.js';
import type { OpsContext } from '../ops-context.js';

export type NormOps = Pick<TensorOps<Tensor>, 'batchNorm' | 'layerNorm' | 'softmax'>;

/** Names of batch norm's state under its scope. */
export const meanName = 'running-mean';
export const varianceName = 'running-variance';

export function normOps(context: OpsContext): NormOps {
  const { tf } = context;
  return {
    batchNorm(x, { gamma, beta }, options = {}) {
      const { epsilon = 1e-5 } = options;
      const momentum = context.momentum ?? options.momentum ?? 0.1;
      const channels = x.shape.at(-1)!;
      const runningMean = context.statistic(meanName, channels, 0);
      const runningVariance = context.statistic(varianceName, channels, 1);
      const normalised = (mean: Tensor, variance: Tensor): Tensor => {
        const factor = tf.mul(gamma, tf.rsqrt(tf.add(variance, epsilon)));
        return tf.add(tf.mul(tf.sub(x, mean), factor), beta);
      };
      if (!context.training) return normalised(runningMean.read(), runningVariance.read());
      const axes = x.shape.map((_, axis) => axis).slice(0, -1);
      const { mean, variance } = tf.moments(x, axes);
      const count = x.size / channels;
      const moved = (
        statistic: { read(): Tensor; assign(value: Tensor): void },
        batch: Tensor,
        factor: number,
      ): void =>
        statistic.assign(tf.add(tf.mul(statistic.read(), 1 - momentum), tf.mul(batch, momentum * factor)));
      moved(runningMean, mean, 1);
      moved(runningVariance, variance, count / Math.max(count - 1, 1));
      return normalised(mean, variance);
    },
    layerNorm(x, { gamma, beta }, options = {}) {
      const { epsilon = 1e-6 } = options;
      const { mean, variance } = tf.moments(x, -1, true);
      return tf.add(tf.mul(tf.mul(tf.sub(x, mean), tf.rsqrt(tf.add(variance, epsilon))), gamma), beta);
    },
    softmax: (x) => tf.softmax(x),
  };
}
