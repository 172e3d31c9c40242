/**
 * `TensorOps` by the engine's own kernels (engine/kernels), for CPUs where set-up has built them:
 * activations and norms in one pass each, the mean and the scaling of squeeze-and-excitation.
 *
 * While a graph is traced, a norm and the activation after it become one op. The norm that was recorded first
 * has no reader then and never runs.
 */
import type { Activation, TensorOps } from '../../../../tensor/tensor-ops.js';
import { attr, type NativeEngine, type Tensor } from '../../native-engine.js';
import { differentiable, floatType } from '../differentiable.js';
import type { OpsContext } from '../ops-context.js';
import { meanName, type NormOps, varianceName } from '../portable/norm-ops.js';
import type { PointwiseOps } from '../portable/pointwise-ops.js';
import type { FusableActivations } from './fusion-tables.js';

/** Numbers of engine/kernels/numbers.h. */
const activationNumbers: Partial<Record<Activation, number>> = { relu: 1, gelu: 2, silu: 3 };
const geluTanhNumber = 4;
const noActivation = 0;

type KernelNormOps = Pick<NormOps, 'batchNorm' | 'layerNorm'>;
type KernelPointwiseOps = Pick<PointwiseOps, 'activation' | 'binary' | 'reduce'> & {
  geluTanh(x: Tensor): Tensor;
};
export type KernelOps = KernelNormOps & KernelPointwiseOps;

type NativeOps = TensorOps<Tensor> & Pick<KernelPointwiseOps, 'geluTanh'>;

/** @param native runs what the kernels do not support */
export function kernelOps(
  engine: NativeEngine,
  context: OpsContext,
  native: NativeOps,
  fusable: FusableActivations,
): KernelOps {
  return {
    ...kernelNormOps(engine, context, native, fusable),
    ...kernelPointwiseOps(engine, native, fusable),
  };
}

function kernelNormOps(
  engine: NativeEngine,
  context: OpsContext,
  native: TensorOps<Tensor>,
  fusable: FusableActivations,
): KernelNormOps {
  return {
    batchNorm(x, affine, options = {}) {
      if (!context.training || !engine.kernels.has('batch-norm')) return native.batchNorm(x, affine, options);
      const normalised = trainingBatchNorm(engine, context, x, affine, options);
      const y = normalised(noActivation);
      if (engine.isTracing) fusable.set(y, normalised);
      return y;
    },
    layerNorm(x, affine, options = {}) {
      if (!engine.kernels.has('layer-norm')) return native.layerNorm(x, affine, options);
      const { gamma, beta } = affine;
      const { epsilon = 1e-6 } = options;
      return differentiable(
        engine,
        [x, gamma, beta],
        (save) => {
          const [y, mean, inverse] = engine.run(
            'StagecraftLayerNorm',
            [floatType, attr.float('epsilon', epsilon)],
            [x, gamma, beta],
            3,
          );
          save([x, mean!, inverse!, gamma]);
          return y!;
        },
        (dy, saved) => engine.run('StagecraftLayerNormGrad', [floatType], [dy, ...saved], 3),
      );
    },
  };
}

/** Moves the running statistics and returns the normalisation, which takes the activation to apply. */
function trainingBatchNorm(
  engine: NativeEngine,
  context: OpsContext,
  x: Tensor,
  { gamma, beta }: { readonly gamma: Tensor; readonly beta: Tensor },
  { epsilon = 1e-5, momentum = 0.1 }: { readonly epsilon?: number; readonly momentum?: number },
): (activation: number) => Tensor {
  const channels = x.shape.at(-1)!;
  const mean = context.statistic(meanName, channels, 0);
  const variance = context.statistic(varianceName, channels, 1);
  // not on the tape: the gradient through the moments is part of StagecraftNormGrad
  const [batchMean, batchVariance, movedMean, movedVariance] = engine.run(
    'StagecraftMoments',
    [floatType, attr.float('momentum', momentum)],
    [x, mean.read(), variance.read()],
    4,
  ) as [Tensor, Tensor, Tensor, Tensor];
  mean.assign(movedMean);
  variance.assign(movedVariance);
  return (activation) => {
    const attrs = [floatType, attr.int('act', activation), attr.float('epsilon', epsilon)];
    return differentiable(
      engine,
      [x, gamma, beta],
      (save) => {
        save([x, batchMean, batchVariance, gamma, beta]);
        return engine.op('StagecraftNorm', attrs, [x, batchMean, batchVariance, gamma, beta]);
      },
      (dy, saved) => engine.run('StagecraftNormGrad', attrs, [dy, ...saved], 3),
    );
  };
}

function kernelPointwiseOps(
  engine: NativeEngine,
  native: NativeOps,
  fusable: FusableActivations,
): KernelPointwiseOps {
  return {
    reduce: (x, kind, axes, options = {}) =>
      engine.kernels.has('channels') && kind === 'mean' && isMeanOfMap(x, axes)
        ? meanOfMap(engine, x, options.keepDims ?? false)
        : native.reduce(x, kind, axes, options),
    activation(x, kind) {
      const number = activationNumbers[kind];
      if (number === undefined) return native.activation(x, kind);
      const fused = fusable.get(x);
      if (fused) return fused(number);
      if (!engine.kernels.has('activation')) return native.activation(x, kind);
      // TensorFlow fuses it with the product before it
      if (kind === 'relu') return native.activation(x, kind);
      return activation(engine, x, number);
    },
    geluTanh(x) {
      const fused = fusable.get(x);
      if (fused) return fused(geluTanhNumber);
      return engine.kernels.has('activation') ? activation(engine, x, geluTanhNumber) : native.geluTanh(x);
    },
    binary(a, b, kind) {
      const scales = kind === 'mul' && engine.kernels.has('channels');
      if (scales && isGate(b, a)) return scale(engine, a, b);
      if (scales && isGate(a, b)) return scale(engine, b, a);
      return native.binary(a, b, kind);
    },
  };
}

/** Whether `axes` of x `[b,…,c]` are exactly those between batch and channels. */
function isMeanOfMap(x: Tensor, axes: readonly number[]): boolean {
  const between = x.shape.slice(1, -1);
  return (
    between.length > 0 &&
    x.size > 0 &&
    axes.length === between.length &&
    between.every((_, axis) => axes.includes(axis + 1))
  );
}

/** x `[b,…,c]` → `[b,c]`, or `[b,1,…,1,c]`. */
function meanOfMap(engine: NativeEngine, x: Tensor, keepDims: boolean): Tensor {
  const mean = differentiable(
    engine,
    [x],
    (save) => {
      save([x]);
      return engine.op('StagecraftMean', [floatType], [x]);
    },
    (dy, [input]) => [engine.op('StagecraftMeanGrad', [floatType], [input!, dy])],
  );
  if (!keepDims) return mean;
  return engine.tf.reshape(mean, [x.shape[0]!, ...x.shape.slice(1, -1).map(() => 1), x.shape.at(-1)!]);
}

function activation(engine: NativeEngine, x: Tensor, number: number): Tensor {
  const attrs = [floatType, attr.int('act', number)];
  return differentiable(
    engine,
    [x],
    (save) => {
      save([x]);
      return engine.op('StagecraftActivation', attrs, [x]);
    },
    (dy, [input]) => [engine.op('StagecraftActivationGrad', attrs, [dy, input!])],
  );
}

/** x `[b,…,c]` times gate `[b,1,…,1,c]`. */
const scale = (engine: NativeEngine, x: Tensor, gate: Tensor): Tensor =>
  differentiable(
    engine,
    [x, gate],
    (save) => {
      save([x, gate]);
      return engine.op('StagecraftScale', [floatType], [x, gate]);
    },
    (dy, saved) => engine.run('StagecraftScaleGrad', [floatType], [dy, ...saved], 2),
  );

/** Whether `gate` `[b,1,…,1,c]` scales the channels of x `[b,…,c]`, every image by its own factors. */
function isGate(gate: Tensor, x: Tensor): boolean {
  return (
    x.rank > 2 &&
    gate.rank === x.rank &&
    gate.size < x.size &&
    gate.shape.every((dim, axis) => dim === (axis === 0 || axis === x.rank - 1 ? x.shape[axis] : 1))
  );
}
