/** Convolutions and matrix products by TensorFlow's kernels, with gradients. */
import type { Conv2dOptions, Padding } from '../../../../tensor/tensor-ops.js';
import { attr, type NativeEngine, type OpAttr, type Tensor } from '../../native-engine.js';
import { differentiable, floatType } from '../differentiable.js';
import type { LinearOps } from '../portable/linear-ops.js';
import { type DepthwiseCall, depthwiseFilterGradient, depthwiseInputGradient } from './depthwise.js';
import type { FoldableConvolutions, FusableActivations } from './fusion-tables.js';
import { winograd, winogradInference, winogradPad } from './winograd.js';

/** @param portable runs what TensorFlow's CPU kernels have no gradient for (dilation, groups) */
export function nativeLinearOps(
  engine: NativeEngine,
  portable: LinearOps,
  foldable: FoldableConvolutions,
  fusable: FusableActivations,
): Pick<LinearOps, 'conv2d' | 'depthwiseConv2d' | 'matmul'> {
  const { tf } = engine;
  return {
    conv2d(x, filter, options: Conv2dOptions = {}) {
      const { stride = 1, padding = 'same', dilation = 1, groups = 1 } = options;
      if (dilation > 1 || groups > 1) return portable.conv2d(x, filter, options);
      const { y, folded } =
        pointwiseConvolution(engine, x, filter, stride, padding) ??
        winogradConvolution(engine, x, filter, stride, padding, fusable) ??
        tensorflowConvolution(engine, x, filter, stride, padding);
      if (engine.foldsNorms) foldable.set(y, folded);
      return y;
    },
    depthwiseConv2d(x, filter, options = {}) {
      const { stride = 1, padding = 'same', dilation = 1 } = options;
      if (dilation > 1) return portable.depthwiseConv2d(x, filter, options);
      const convolve = (weights: Tensor): Tensor =>
        convolution(engine, 'DepthwiseConv2dNative', x, weights, stride, padding);
      const y = convolve(filter);
      const [, , c, multiplier] = filter.shape as [number, number, number, number];
      if (engine.foldsNorms)
        foldable.set(y, (factor, shift) =>
          addBias(engine, convolve(tf.mul(filter, tf.reshape(factor, [c, multiplier]))), shift),
        );
      return y;
    },
    matmul(a, b, options = {}) {
      const { transposeA = false, transposeB = false } = options;
      if (b.rank !== 2 || (a.rank > 2 && transposeA)) return portable.matmul(a, b, options);
      if (a.rank === 2) return matMul2d(engine, a, b, transposeA, transposeB);
      const rows = matMul2d(engine, tf.reshape(a, [-1, a.shape.at(-1)!]), b, false, transposeB);
      return tf.reshape(rows, [...a.shape.slice(0, -1), rows.shape[1]!]);
    },
  };
}

/** A convolution, and how to record it again with a factor and a shift per output channel. */
interface Convolution {
  readonly y: Tensor;
  readonly folded: (factor: Tensor, shift: Tensor) => Tensor;
}

/** A pointwise convolution as a matrix product, whose gradients are products too; undefined for others. */
function pointwiseConvolution(
  engine: NativeEngine,
  x: Tensor,
  filter: Tensor,
  stride: number,
  padding: Padding,
): Convolution | undefined {
  const { tf } = engine;
  const [kh, kw, cin, cout] = filter.shape as [number, number, number, number];
  if (kh !== 1 || kw !== 1 || stride !== 1 || (typeof padding === 'number' && padding !== 0))
    return undefined;
  const shape = [...x.shape.slice(0, 3), cout];
  const rows = tf.reshape(x, [-1, cin]);
  const kernel = tf.reshape(filter, [cin, cout]);
  return {
    y: tf.reshape(matMul2d(engine, rows, kernel, false, false), shape),
    folded: (factor, shift) =>
      tf.reshape(addBias(engine, matMul2d(engine, rows, tf.mul(kernel, factor), false, false), shift), shape),
  };
}

/** A convolution by the engine's own kernels; undefined where they do not support it. */
function winogradConvolution(
  engine: NativeEngine,
  x: Tensor,
  filter: Tensor,
  stride: number,
  padding: Padding,
  fusable: FusableActivations,
): Convolution | undefined {
  const [kh, kw, cin, cout] = filter.shape as [number, number, number, number];
  if (stride !== 1 || kh !== 3 || kw !== 3) return undefined;
  const pad = winogradPad(engine, padding, cin, cout);
  if (pad === undefined) return undefined;
  return {
    y: winograd(engine, x, filter, pad),
    folded: (factor, shift) =>
      winogradInference(engine, x, engine.tf.mul(filter, factor), shift, pad, fusable),
  };
}

function tensorflowConvolution(
  engine: NativeEngine,
  x: Tensor,
  filter: Tensor,
  stride: number,
  padding: Padding,
): Convolution {
  const convolve = (weights: Tensor): Tensor => convolution(engine, 'Conv2D', x, weights, stride, padding);
  return {
    y: convolve(filter),
    folded: (factor, shift) => addBias(engine, convolve(engine.tf.mul(filter, factor)), shift),
  };
}

function convolution(
  engine: NativeEngine,
  kind: 'Conv2D' | 'DepthwiseConv2dNative',
  x: Tensor,
  filter: Tensor,
  stride: number,
  padding: Padding,
): Tensor {
  const attrs = windowAttrs(stride, padding);
  const sizes = (shape: readonly number[]): Tensor => engine.tf.tensor1d([...shape], 'int32');
  const y = differentiable(
    engine,
    [x, filter],
    (save) => {
      save([x, filter]);
      return engine.op(kind, attrs, [x, filter]);
    },
    (dy, [input, weights]) => {
      const own = <R>(gradient: (call: DepthwiseCall) => R): R | undefined =>
        kind === 'DepthwiseConv2dNative' ? gradient({ x: input!, filter: weights!, dy }) : undefined;
      return [
        own((call) => depthwiseInputGradient(engine, call, stride, padding)) ??
          engine.op(`${kind}BackpropInput`, attrs, [sizes(input!.shape), weights!, dy]),
        own((call) => depthwiseFilterGradient(engine, call, stride, padding)) ??
          engine.op(`${kind}BackpropFilter`, attrs, [input!, sizes(weights!.shape), dy]),
      ];
    },
  );
  if (kind === 'DepthwiseConv2dNative' && typeof padding === 'number' && padding > 0) engine.unfusable.add(y);
  return y;
}

function addBias(engine: NativeEngine, x: Tensor, bias: Tensor): Tensor {
  const { tf } = engine;
  if (engine.unfusable.has(x))
    return tf.reshape(addBias(engine, tf.reshape(x, [-1, x.shape.at(-1)!]), bias), x.shape);
  return engine.op('BiasAdd', [floatType, attr.string('data_format', 'NHWC')], [x, bias]);
}

/** Product of two matrices, each transposed where its flag is set. */
function matMul2d(
  engine: NativeEngine,
  a: Tensor,
  b: Tensor,
  transposeA: boolean,
  transposeB: boolean,
): Tensor {
  const product = (x: Tensor, y: Tensor, tx: boolean, ty: boolean): Tensor =>
    engine.op('MatMul', [floatType, attr.bool('transpose_a', tx), attr.bool('transpose_b', ty)], [x, y]);
  return differentiable(
    engine,
    [a, b],
    (save) => {
      save([a, b]);
      return product(a, b, transposeA, transposeB);
    },
    (dy, [x, y]) => [
      transposeA ? product(y!, dy, transposeB, true) : product(dy, y!, false, !transposeB),
      transposeB ? product(dy, x!, true, transposeA) : product(x!, dy, !transposeA, false),
    ],
  );
}

function windowAttrs(stride: number, padding: Padding): OpAttr[] {
  const base = [
    floatType,
    attr.int('strides', [1, stride, stride, 1]),
    attr.string('data_format', 'NHWC'),
    attr.int('dilations', [1, 1, 1, 1]),
  ];
  if (typeof padding === 'string') return [...base, attr.string('padding', padding.toUpperCase())];
  if (padding === 0) return [...base, attr.string('padding', 'VALID')];
  return [
    ...base,
    attr.string('padding', 'EXPLICIT'),
    attr.int('explicit_paddings', [0, 0, padding, padding, padding, padding, 0, 0]),
  ];
}
