/**
 * Activations with TensorFlow's gradient kernels (tfjs composes some of up to eight ops), bias addition, and
 * random numbers of TensorFlow's stateless generator, which a graph draws anew in each step.
 */
import type { Activation, Shape } from '../../../../tensor/tensor-ops.js';
import { attr, DT, type NativeEngine, type Tensor } from '../../native-engine.js';
import { differentiable, floatType, pointwise } from '../differentiable.js';
import type { PointwiseOps } from '../portable/pointwise-ops.js';

const nhwc = attr.string('data_format', 'NHWC');
const leak = 0.01; // PyTorch's default
const gaussian = 1 / Math.sqrt(2 * Math.PI);

const activations = {
  relu: (engine, x) =>
    pointwise(engine, x, 'Relu', 'output', (dy, y) => engine.op('ReluGrad', [floatType], [dy, y])),
  relu6: (engine, x) =>
    pointwise(engine, x, 'Relu6', 'output', (dy, y) => engine.op('Relu6Grad', [floatType], [dy, y])),
  sigmoid: (engine, x) =>
    pointwise(engine, x, 'Sigmoid', 'output', (dy, y) => engine.op('SigmoidGrad', [floatType], [y, dy])),
  tanh: (engine, x) =>
    pointwise(engine, x, 'Tanh', 'output', (dy, y) => engine.op('TanhGrad', [floatType], [y, dy])),
  'leaky-relu': (engine, x) =>
    pointwise(
      engine,
      x,
      'LeakyRelu',
      'input',
      (dy, input) => engine.op('LeakyReluGrad', [floatType, attr.float('alpha', leak)], [dy, input]),
      [attr.float('alpha', leak)],
    ),
  gelu: (engine, x) =>
    differentiable(
      engine,
      [x],
      (save) => {
        const { tf } = engine;
        const twiceCdf = tf.add(tf.erf(tf.mul(x, Math.SQRT1_2)), 1);
        save([x, twiceCdf]);
        return tf.mul(tf.mul(x, 0.5), twiceCdf);
      },
      (dy, [input, twiceCdf]) => {
        const { tf } = engine;
        const density = tf.mul(tf.exp(tf.mul(tf.square(input!), -0.5)), gaussian);
        return [tf.mul(dy, tf.add(tf.mul(twiceCdf!, 0.5), tf.mul(input!, density)))];
      },
    ),
  silu: (engine, x) =>
    differentiable(
      engine,
      [x],
      (save) => {
        const gate = engine.op('Sigmoid', [floatType], [x]);
        save([x, gate]);
        return engine.tf.mul(x, gate);
      },
      (dy, [input, gate]) => [
        engine.tf.mul(dy, engine.tf.add(gate!, engine.op('SigmoidGrad', [floatType], [gate!, input!]))),
      ],
    ),
} satisfies Partial<Record<Activation, (engine: NativeEngine, x: Tensor) => Tensor>>;

/** x·σ(2u), u = √(2/π)·(x + 0.044715x³); saves x and σ where the composition would save every part. */
function geluTanh(engine: NativeEngine, x: Tensor): Tensor {
  const { tf } = engine;
  const factor = 2 * Math.sqrt(2 / Math.PI);
  const cubic = 0.044715;
  return differentiable(
    engine,
    [x],
    (save) => {
      const inner = tf.mul(x, tf.add(tf.mul(tf.square(x), factor * cubic), factor));
      const gate = engine.op('Sigmoid', [floatType], [inner]);
      save([x, gate]);
      return tf.mul(x, gate);
    },
    (dy, [input, gate]) => {
      const inner = tf.mul(input!, tf.add(tf.mul(tf.square(input!), 3 * factor * cubic), factor));
      const slope = engine.op('SigmoidGrad', [floatType], [gate!, inner]);
      return [tf.mul(dy, tf.add(gate!, slope))];
    },
  );
}

export function nativePointwiseOps(
  engine: NativeEngine,
  portable: PointwiseOps,
): Pick<PointwiseOps, 'activation' | 'binary'> & { geluTanh(x: Tensor): Tensor } {
  return {
    geluTanh: (x) => geluTanh(engine, x),
    activation: (x, kind) =>
      kind in activations
        ? activations[kind as keyof typeof activations](engine, x)
        : portable.activation(x, kind),
    binary(a, b, kind) {
      // a vector along the last axis: BiasAdd, which TensorFlow's optimiser fuses into the product before it
      if (kind !== 'add' || a.rank < 2 || b.rank !== 1 || b.shape[0] !== a.shape.at(-1))
        return portable.binary(a, b, kind);
      const { tf } = engine;
      const biasAdd = (x: Tensor): Tensor => engine.op('BiasAdd', [floatType, nhwc], [x, b]);
      return differentiable(
        engine,
        [a, b],
        () =>
          engine.unfusable.has(a)
            ? tf.reshape(biasAdd(tf.reshape(a, [-1, a.shape.at(-1)!])), a.shape)
            : biasAdd(a),
        (dy) => [dy, engine.op('BiasAddGrad', [floatType, nhwc], [dy])],
      );
    },
  };
}

/** Uniform [0, 1) of `shape` from a counter-based generator (Philox): a function of `[key, step]`. */
export function statelessUniform(engine: NativeEngine, shape: Shape, key: number, step: Tensor): Tensor {
  const { tf } = engine;
  const seed = tf.stack([tf.scalar(key, 'int32'), tf.reshape(step, [])]);
  return engine.op(
    'StatelessRandomUniform',
    [attr.type('dtype', DT.float), attr.type('T', DT.int32), attr.type('Tseed', DT.int32)],
    [tf.tensor1d([...shape], 'int32'), seed],
  );
}
