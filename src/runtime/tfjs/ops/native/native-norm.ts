/**
 * Normalisation by TensorFlow's kernels. Batch norm in training is `FusedBatchNormV3`, which also moves the
 * running statistics (measured: a third off a training step against arithmetic on moments); layer norm has
 * its closed gradient.
 */
import { attr, DT, type NativeEngine, type Tensor } from '../../native-engine.js';
import { differentiable, floatType } from '../differentiable.js';
import type { OpsContext } from '../ops-context.js';
import { meanName, type NormOps, varianceName } from '../portable/norm-ops.js';
import type { FoldableConvolutions } from './fusion-tables.js';

export function nativeNormOps(
  engine: NativeEngine,
  context: OpsContext,
  foldable: FoldableConvolutions,
): NormOps {
  const { tf } = engine;
  return {
    batchNorm(x, { gamma, beta }, options = {}) {
      const { epsilon = 1e-5, momentum = 0.1 } = options;
      const channels = x.shape.at(-1)!;
      const mean = context.statistic(meanName, channels, 0);
      const variance = context.statistic(varianceName, channels, 1);
      const convolve = context.training ? undefined : foldable.get(x);
      if (convolve) {
        const factor = tf.mul(gamma, tf.rsqrt(tf.add(variance.read(), epsilon)));
        return convolve(factor, tf.sub(beta, tf.mul(mean.read(), factor)));
      }
      const image = x.rank === 4 ? x : tf.reshape(x, [-1, 1, 1, channels]);
      const attrs = [
        floatType,
        attr.type('U', DT.float),
        attr.float('epsilon', epsilon),
        attr.string('data_format', 'NHWC'),
        attr.bool('is_training', context.training),
      ];
      if (!context.training) {
        const y = differentiable(
          engine,
          [image, gamma, beta],
          (save) => {
            const [at, spread] = [mean.read(), variance.read()];
            save([image, gamma, at, spread]);
            return engine.run(
              'FusedBatchNormV3',
              [...attrs, attr.float('exponential_avg_factor', 1)],
              [image, gamma, beta, at, spread],
              6,
            )[0]!;
          },
          (dy, [input, scale, at, spread]) =>
            engine.run('FusedBatchNormGradV3', attrs, [dy, input!, scale!, at!, spread!, at!], 5).slice(0, 3),
        );
        return x.rank === 4 ? y : tf.reshape(y, x.shape);
      }
      const y = differentiable(
        engine,
        [image, gamma, beta],
        (save) => {
          const [value, newMean, newVariance, ...reserved] = engine.run(
            'FusedBatchNormV3',
            [...attrs, attr.float('exponential_avg_factor', momentum)],
            [image, gamma, beta, mean.read(), variance.read()],
            6,
          );
          mean.assign(newMean!);
          variance.assign(newVariance!);
          save([image, gamma, ...reserved]);
          return value!;
        },
        (dy, [input, scale, ...reserved]) =>
          engine.run('FusedBatchNormGradV3', attrs, [dy, input!, scale!, ...reserved], 5).slice(0, 3),
      );
      return x.rank === 4 ? y : tf.reshape(y, x.shape);
    },
    layerNorm(x, { gamma, beta }, options = {}) {
      const { epsilon = 1e-6 } = options;
      const channels = x.shape.at(-1)!;
      const mean = (value: Tensor): Tensor => tf.mean(value, -1, true);
      return differentiable(
        engine,
        [x, gamma, beta],
        (save) =>
          engine.inFloat32(() => {
            const centred = tf.sub(x, mean(x));
            const inverse = tf.rsqrt(tf.add(mean(tf.square(centred)), epsilon));
            const normalised = tf.mul(centred, inverse);
            save([normalised, inverse, gamma]);
            return engine.op(
              'BiasAdd',
              [floatType, attr.string('data_format', 'NHWC')],
              [tf.mul(normalised, gamma), beta],
            );
          }),
        (dy, [normalised, inverse, scale]) =>
          engine.inFloat32(() => {
            const flow = tf.mul(dy, scale!);
            const dx = tf.mul(
              tf.sub(tf.sub(flow, mean(flow)), tf.mul(normalised!, mean(tf.mul(flow, normalised!)))),
              inverse!,
            );
            const rows = (value: Tensor): Tensor => tf.sum(tf.reshape(value, [-1, channels]), 0);
            return [dx, rows(tf.mul(dy, normalised!)), rows(dy)];
          }),
      );
    },
    softmax: (x) =>
      differentiable(
        engine,
        [x],
        (save) => {
          const y = engine.op('Softmax', [floatType], [x]);
          save([y]);
          return y;
        },
        (dy, [y]) => [tf.mul(tf.sub(dy, tf.sum(tf.mul(dy, y!), -1, true)), y!)],
      ),
  };
}
