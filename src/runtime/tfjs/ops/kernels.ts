/**
 * `TensorOps` by the engine's own kernels (engine/kernels), where its folder has them and the CPU runs: activations, norms and
 * attention's softmax in one pass each. While a graph is traced a norm and the activation after it become one op, and so do a
 * bias and the softmax after it; the op that was recorded first has no reader then and never runs.
 */
import type { Activation, TensorOps } from '../../../tensor/tensor-ops.js';
import { attr, type NativeEngine, type Tensor } from '../native-engine.js';
import type { OpsContext } from './context.js';
import { differentiable, floatType } from './gradients.js';
import type { Activatable } from './native-linear.js';
import { meanName, varianceName, type NormOps } from './norm.js';
import type { PointwiseOps } from './pointwise.js';

/** Numbers of engine/kernels/numbers.h. */
const actNumbers: Partial<Record<Activation, number>> = { relu: 1, gelu: 2, silu: 3 };
const noActivation = 0;

export type KernelOps = Pick<NormOps, 'batchNorm' | 'layerNorm' | 'softmax'> & Pick<PointwiseOps, 'activation' | 'binary'>;

/** @param native takes over what the kernels do not do */
export function kernelOps(engine: NativeEngine, context: OpsContext, native: TensorOps<Tensor>, activatable: Activatable): KernelOps {
  const { tf } = engine;
  /** Sums that a softmax may still take apart. */
  const biased = new WeakMap<Tensor, { readonly x: Tensor; readonly bias: Tensor }>();

  const softmax = (x: Tensor, bias: Tensor): Tensor => differentiable(engine, [x, bias], (save) => {
    const y = engine.op('StagecraftSoftmax', [floatType], [x, bias]);
    save([y, bias]);
    return y;
  }, (dy, [y, added]) => engine.run('StagecraftSoftmaxGrad', [floatType], [dy, y!, added!], 2));

  return {
    activation(x, kind) {
      const fused = activatable.get(x);
      const act = actNumbers[kind];
      if (act === undefined) return native.activation(x, kind);
      if (fused) return fused(act);
      if (kind === 'relu') return native.activation(x, kind); // TensorFlow fuses it with the product before it
      const attrs = [floatType, attr.int('act', act)];
      return differentiable(engine, [x], (save) => {
        save([x]);
        return engine.op('StagecraftActivation', attrs, [x]);
      }, (dy, [input]) => [engine.op('StagecraftActivationGrad', attrs, [dy, input!])]);
    },
    binary(a, b, kind) {
      const y = native.binary(a, b, kind);
      if (engine.traces && kind === 'add' && a.rank === b.rank && a.rank > 2 && repeats(b, a)) biased.set(y, { x: a, bias: b });
      return y;
    },
    softmax(x) {
      const sum = biased.get(x);
      return sum ? softmax(sum.x, sum.bias) : softmax(x, tf.zeros([0]));
    },
    batchNorm(x, affine, options = {}) {
      if (!context.training) return native.batchNorm(x, affine, options);
      const { gamma, beta } = affine;
      const { epsilon = 1e-5, momentum = 0.1 } = options;
      const channels = x.shape.at(-1)!;
      const mean = context.statistic(meanName, channels, 0);
      const variance = context.statistic(varianceName, channels, 1);
      // not on the tape: the gradient through the moments is part of StagecraftNormGrad
      const [batchMean, batchVariance, movedMean, movedVariance] = engine.run('StagecraftMoments', [floatType, attr.float('momentum', momentum)], [x, mean.read(), variance.read()], 4) as [Tensor, Tensor, Tensor, Tensor];
      mean.assign(movedMean);
      variance.assign(movedVariance);
      const normalised = (act: number): Tensor => {
        const attrs = [floatType, attr.int('act', act), attr.float('epsilon', epsilon)];
        return differentiable(engine, [x, gamma, beta], (save) => {
          save([x, batchMean, batchVariance, gamma, beta]);
          return engine.op('StagecraftNorm', attrs, [x, batchMean, batchVariance, gamma, beta]);
        }, (dy, saved) => engine.run('StagecraftNormGrad', attrs, [dy, ...saved], 3));
      };
      const y = normalised(noActivation);
      if (engine.traces) activatable.set(y, normalised);
      return y;
    },
    layerNorm(x, { gamma, beta }, options = {}) {
      const { epsilon = 1e-6 } = options;
      return differentiable(engine, [x, gamma, beta], (save) => {
        const [y, mean, inverse] = engine.run('StagecraftLayerNorm', [floatType, attr.float('epsilon', epsilon)], [x, gamma, beta], 3);
        save([x, mean!, inverse!, gamma]);
        return y!;
      }, (dy, saved) => engine.run('StagecraftLayerNormGrad', [floatType], [dy, ...saved], 3));
    },
  };
}

/** Whether `bias` is repeated over leading entries of `x` alone: ones, then the axes of x. */
function repeats(bias: Tensor, x: Tensor): boolean {
  const own = bias.shape.findIndex((dim) => dim !== 1);
  return own > 0 && bias.shape.slice(own).join() === x.shape.slice(own).join();
}
