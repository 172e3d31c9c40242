/**
 * `TensorOps` by the engine's own kernels (engine/kernels), where its folder has them and the CPU runs:
 * activations, norms and attention's softmax in one pass each, squeeze-and-excitation's mean and scale, and
 * the rows of a bias table. While a graph is traced a norm and the activation after it become one op, and so
 * do a bias and the softmax after it, and rows and their transposition; the op that was recorded first has no
 * reader then and never runs.
 */
import type { Activation, TensorOps } from '../../../../tensor/tensor-ops.js';
import { attr, type NativeEngine, type Tensor } from '../../native-engine.js';
import { differentiable, floatType } from '../differentiable.js';
import type { OpsContext } from '../ops-context.js';
import { meanName, type NormOps, varianceName } from '../portable/norm-ops.js';
import type { PointwiseOps } from '../portable/pointwise-ops.js';
import type { ShapeOps } from '../portable/shape-ops.js';
import type { FusableActivations } from './fusion-tables.js';

/** Numbers of engine/kernels/numbers.h. */
const actNumbers: Partial<Record<Activation, number>> = { relu: 1, gelu: 2, silu: 3 };
const noActivation = 0;

export type KernelOps = Pick<NormOps, 'batchNorm' | 'layerNorm' | 'softmax'> &
  Pick<PointwiseOps, 'activation' | 'binary' | 'reduce'> &
  Pick<ShapeOps, 'gather' | 'transpose'>;

/** @param native takes over what the kernels do not do */
export function kernelOps(
  engine: NativeEngine,
  context: OpsContext,
  native: TensorOps<Tensor>,
  fusable: FusableActivations,
): KernelOps {
  const { tf } = engine;
  /** Sums that a softmax may still take apart. */
  const biased = new WeakMap<Tensor, { readonly x: Tensor; readonly bias: Tensor }>();

  const softmax = (x: Tensor, bias: Tensor): Tensor =>
    differentiable(
      engine,
      [x, bias],
      (save) => {
        const y = engine.op('StagecraftSoftmax', [floatType], [x, bias]);
        save([y, bias]);
        return y;
      },
      (dy, [y, added]) => engine.run('StagecraftSoftmaxGrad', [floatType], [dy, y!, added!], 2),
    );

  /** Rows that may still be turned: `[n,c]` that were gathered, and how to have them as `[c,n]`. */
  const turnable = new WeakMap<Tensor, () => Tensor>();

  const rowsOf = (table: Tensor, indices: Int32Array, turned: boolean): Tensor => {
    const turn = attr.int('turned', turned ? 1 : 0);
    const index = (): Tensor => tf.tensor1d(indices.slice(), 'int32');
    return differentiable(
      engine,
      [table],
      () => engine.op('StagecraftGather', [turn], [table, index()]),
      (dy) => [engine.op('StagecraftGatherGrad', [turn, attr.int('rows', table.shape[0]!)], [dy, index()])],
    );
  };

  /** x `[b,…,c]` times gate `[b,1,…,1,c]`. */
  const scaled = (x: Tensor, gate: Tensor): Tensor =>
    differentiable(
      engine,
      [x, gate],
      (save) => {
        save([x, gate]);
        return engine.op('StagecraftScale', [floatType], [x, gate]);
      },
      (dy, saved) => engine.run('StagecraftScaleGrad', [floatType], [dy, ...saved], 2),
    );

  return {
    reduce(x, kind, axes, options = {}) {
      const between = x.shape.slice(1, -1);
      if (
        kind !== 'mean' ||
        between.length === 0 ||
        x.size === 0 ||
        axes.length !== between.length ||
        !between.every((_, axis) => axes.includes(axis + 1))
      )
        return native.reduce(x, kind, axes, options);
      const mean = differentiable(
        engine,
        [x],
        (save) => {
          save([x]);
          return engine.op('StagecraftMean', [floatType], [x]);
        },
        (dy, [input]) => [engine.op('StagecraftMeanGrad', [floatType], [input!, dy])],
      );
      return options.keepDims
        ? tf.reshape(mean, [x.shape[0]!, ...between.map(() => 1), x.shape.at(-1)!])
        : mean;
    },
    gather(x, indices, axis) {
      if (x.rank !== 2 || (axis !== 0 && axis !== -2)) return native.gather(x, indices, axis);
      const rows = rowsOf(x, indices, false);
      if (engine.traces) turnable.set(rows, () => rowsOf(x, indices, true));
      return rows;
    },
    transpose(x, permutation) {
      const turned = turnable.get(x);
      return turned && permutation[0] === 1 ? turned() : native.transpose(x, permutation);
    },
    activation(x, kind) {
      const fused = fusable.get(x);
      const act = actNumbers[kind];
      if (act === undefined) return native.activation(x, kind);
      if (fused) return fused(act);
      if (kind === 'relu') return native.activation(x, kind); // TensorFlow fuses it with the product before it
      const attrs = [floatType, attr.int('act', act)];
      return differentiable(
        engine,
        [x],
        (save) => {
          save([x]);
          return engine.op('StagecraftActivation', attrs, [x]);
        },
        (dy, [input]) => [engine.op('StagecraftActivationGrad', attrs, [dy, input!])],
      );
    },
    binary(a, b, kind) {
      if (kind === 'mul' && gates(b, a)) return scaled(a, b);
      if (kind === 'mul' && gates(a, b)) return scaled(b, a);
      const y = native.binary(a, b, kind);
      if (engine.traces && kind === 'add' && a.rank === b.rank && a.rank > 2 && repeats(b, a))
        biased.set(y, { x: a, bias: b });
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
      const [batchMean, batchVariance, movedMean, movedVariance] = engine.run(
        'StagecraftMoments',
        [floatType, attr.float('momentum', momentum)],
        [x, mean.read(), variance.read()],
        4,
      ) as [Tensor, Tensor, Tensor, Tensor];
      mean.assign(movedMean);
      variance.assign(movedVariance);
      const normalised = (act: number): Tensor => {
        const attrs = [floatType, attr.int('act', act), attr.float('epsilon', epsilon)];
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
      const y = normalised(noActivation);
      if (engine.traces) fusable.set(y, normalised);
      return y;
    },
    layerNorm(x, { gamma, beta }, options = {}) {
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

/** Whether `bias` is repeated over leading entries of `x` alone: ones, then the axes of x. */
function repeats(bias: Tensor, x: Tensor): boolean {
  const own = bias.shape.findIndex((dim) => dim !== 1);
  return own > 0 && bias.shape.slice(own).join() === x.shape.slice(own).join();
}

/** Whether `gate` `[b,1,…,1,c]` scales the channels of x `[b,…,c]`, every image by its own factors. */
function gates(gate: Tensor, x: Tensor): boolean {
  return (
    x.rank > 2 &&
    gate.rank === x.rank &&
    gate.size < x.size &&
    gate.shape.every((dim, axis) => dim === (axis === 0 || axis === x.rank - 1 ? x.shape[axis] : 1))
  );
}
