/**
 * Norms by TensorFlow's kernels. Batch norm in training is `FusedBatchNormV3`, which also updates the running
 * statistics; a training step takes a third less than with arithmetic on moments. Layer norm has its
 * closed-form gradient.
 */
import { attr, DT, type NativeEngine, type OpAttr, type Tensor } from '../../native-engine.js';
import { differentiable, floatType } from '../differentiable.js';
import type { OpsContext } from '../ops-context.js';
import { meanName, type NormOps, varianceName } from '../portable/norm-ops.js';
import type { FoldableConvolutions } from './fusion-tables.js';

export function nativeNormOps(
  engine: NativeEngine,
  context: OpsContext,
  foldable: FoldableConvolutions,
): NormOps {
  return {
    batchNorm(x, affine, { epsilon = 1e-5, momentum = 0.1 } = {}) {
      const channels = x.shape.at(-1)!;
      const statistics = {
        mean: context.statistic(meanName, channels, 0),
        variance: context.statistic(varianceName, channels, 1),
      };
      const convolve = context.training ? undefined : foldable.get(x);
      if (convolve) return foldedBatchNorm(engine, convolve, affine, statistics, epsilon);
      const image = x.rank === 4 ? x : engine.tf.reshape(x, [-1, 1, 1, channels]);
      const y = context.training
        ? trainingBatchNorm(engine, image, affine, statistics, epsilon, context.momentum ?? momentum)
        : inferenceBatchNorm(engine, image, affine, statistics, epsilon);
      return x.rank === 4 ? y : engine.tf.reshape(y, x.shape);
    },
    layerNorm: (x, affine, { epsilon = 1e-6 } = {}) => layerNorm(engine, x, affine, epsilon),
    softmax: (x) =>
      differentiable(
        engine,
        [x],
        (save) => {
          const y = engine.op('Softmax', [floatType], [x]);
          save([y]);
          return y;
        },
        (dy, [y]) => {
          const { tf } = engine;
          return [tf.mul(tf.sub(dy, tf.sum(tf.mul(dy, y!), -1, true)), y!)];
        },
      ),
  };
}

interface Affine {
  readonly gamma: Tensor;
  readonly beta: Tensor;
}
type Statistic = ReturnType<OpsContext['statistic']>;
interface Statistics {
  readonly mean: Statistic;
  readonly variance: Statistic;
}

const batchNormAttrs = (epsilon: number, training: boolean): OpAttr[] => [
  floatType,
  attr.type('U', DT.float),
  attr.float('epsilon', epsilon),
  attr.string('data_format', 'NHWC'),
  attr.bool('is_training', training),
];

/** Batch norm as a factor and a shift of the convolution before it. */
function foldedBatchNorm(
  { tf }: NativeEngine,
  convolve: (factor: Tensor, shift: Tensor) => Tensor,
  { gamma, beta }: Affine,
  { mean, variance }: Statistics,
  epsilon: number,
): Tensor {
  const factor = tf.mul(gamma, tf.rsqrt(tf.add(variance.read(), epsilon)));
  return convolve(factor, tf.sub(beta, tf.mul(mean.read(), factor)));
}

/** With the running statistics; image `[b,h,w,c]`. */
function inferenceBatchNorm(
  engine: NativeEngine,
  image: Tensor,
  { gamma, beta }: Affine,
  statistics: Statistics,
  epsilon: number,
): Tensor {
  const attrs = batchNormAttrs(epsilon, false);
  return differentiable(
    engine,
    [image, gamma, beta],
    (save) => {
      const [mean, variance] = [statistics.mean.read(), statistics.variance.read()];
      save([image, gamma, mean, variance]);
      return engine.run(
        'FusedBatchNormV3',
        [...attrs, attr.float('exponential_avg_factor', 1)],
        [image, gamma, beta, mean, variance],
        6,
      )[0]!;
    },
    (dy, [input, scale, mean, variance]) =>
      engine.run('FusedBatchNormGradV3', attrs, [dy, input!, scale!, mean!, variance!, mean!], 5).slice(0, 3),
  );
}

/** With the batch's statistics, which also move the running ones; image `[b,h,w,c]`. */
function trainingBatchNorm(
  engine: NativeEngine,
  image: Tensor,
  { gamma, beta }: Affine,
  { mean, variance }: Statistics,
  epsilon: number,
  momentum: number,
): Tensor {
  const attrs = batchNormAttrs(epsilon, true);
  return differentiable(
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
}

function layerNorm(engine: NativeEngine, x: Tensor, { gamma, beta }: Affine, epsilon: number): Tensor {
  const { tf } = engine;
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
}
