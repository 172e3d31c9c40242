/** Pointwise functions, broadcasting arithmetic and reductions by tfjs's ops. */
import type { Activation, Binary, Reduction, TensorOps, Unary } from '../../../../tensor/tensor-ops.js';
import type { Tensor, Tf } from '../../native-engine.js';
import type { OpsContext } from '../ops-context.js';

export type PointwiseOps = Pick<
  TensorOps<Tensor>,
  'activation' | 'unary' | 'binary' | 'scale' | 'reduce' | 'argMax'
>;

/** Slope of leaky-relu below zero, PyTorch's default. */
const leak = 0.01;

const activations = {
  relu: (tf, x) => tf.relu(x),
  relu6: (tf, x) => tf.relu6(x),
  gelu: (tf, x) => tf.mul(tf.mul(x, 0.5), tf.add(tf.erf(tf.mul(x, Math.SQRT1_2)), 1)),
  silu: (tf, x) => tf.mul(x, tf.sigmoid(x)),
  'hard-swish': (tf, x) => tf.mul(x, tf.mul(tf.relu6(tf.add(x, 3)), 1 / 6)),
  'hard-sigmoid': (tf, x) => tf.mul(tf.relu6(tf.add(x, 3)), 1 / 6),
  sigmoid: (tf, x) => tf.sigmoid(x),
  tanh: (tf, x) => tf.tanh(x),
  'leaky-relu': (tf, x) => tf.leakyRelu(x, leak),
} satisfies Record<Activation, (tf: Tf, x: Tensor) => Tensor>;

const unaries = {
  exp: (tf, x) => tf.exp(x),
  log: (tf, x) => tf.log(x),
  sqrt: (tf, x) => tf.sqrt(x),
  rsqrt: (tf, x) => tf.rsqrt(x),
  square: (tf, x) => tf.square(x),
  neg: (tf, x) => tf.neg(x),
  abs: (tf, x) => tf.abs(x),
  sin: (tf, x) => tf.sin(x),
  cos: (tf, x) => tf.cos(x),
  softplus: (tf, x) => tf.softplus(x),
  reciprocal: (tf, x) => tf.reciprocal(x),
} satisfies Record<Unary, (tf: Tf, x: Tensor) => Tensor>;

const binaries = {
  add: (tf, a, b) => tf.add(a, b),
  sub: (tf, a, b) => tf.sub(a, b),
  mul: (tf, a, b) => tf.mul(a, b),
  div: (tf, a, b) => tf.div(a, b),
  maximum: (tf, a, b) => tf.maximum(...sameShape(tf, a, b)),
  minimum: (tf, a, b) => tf.minimum(...sameShape(tf, a, b)),
} satisfies Record<Binary, (tf: Tf, a: Tensor, b: Tensor) => Tensor>;

/** tfjs's maximum and minimum do not sum their gradients over broadcast axes; addition does. */
function sameShape(tf: Tf, a: Tensor, b: Tensor): [Tensor, Tensor] {
  if (a.shape.join() === b.shape.join()) return [a, b];
  const rank = Math.max(a.rank, b.rank);
  const at = (x: Tensor, axis: number): number => x.shape[axis - (rank - x.rank)] ?? 1;
  const zeros = tf.zeros(Array.from({ length: rank }, (_, axis) => Math.max(at(a, axis), at(b, axis))));
  return [tf.add(a, zeros), tf.add(b, zeros)];
}

const reductions = {
  sum: (tf, x, axes, keep) => tf.sum(x, axes, keep),
  mean: (tf, x, axes, keep) => tf.mean(x, axes, keep),
  max: (tf, x, axes, keep) => tf.max(x, axes, keep),
  min: (tf, x, axes, keep) => tf.min(x, axes, keep),
} satisfies Record<Reduction, (tf: Tf, x: Tensor, axes: number[], keep: boolean) => Tensor>;

export function pointwiseOps({ tf }: OpsContext): PointwiseOps {
  return {
    activation: (x, kind) => activations[kind](tf, x),
    unary: (x, kind) => unaries[kind](tf, x),
    binary: (a, b, kind) => binaries[kind](tf, a, b),
    scale: (x, factor, offset = 0) => {
      const scaled = factor === 1 ? x : tf.mul(x, factor);
      return offset === 0 ? scaled : tf.add(scaled, offset);
    },
    reduce: (x, kind, axes, options = {}) => reductions[kind](tf, x, [...axes], options.keepDims ?? false),
    argMax: (x, axis) => tf.cast(tf.argMax(x, axis), 'float32'),
  };
}
