/**
 * Convolutions and products by TensorFlow's kernels, gradients included: explicit padding, groups and linear
 * layers without detours.
 */
import type { Conv2dOptions, Padding } from '../../../../tensor/tensor-ops.js';
import { attr, type NativeEngine, type OpAttr, type Tensor } from '../../native-engine.js';
import { differentiable, floatType } from '../differentiable.js';
import type { LinearOps } from '../portable/linear-ops.js';
import type { FoldableConvolutions, FusableActivations } from './fusion-tables.js';
import { winograd, winogradInference, winogradPad } from './winograd.js';

/** @param portable takes over where TensorFlow's CPU kernels have no gradient (dilation) */
export function nativeLinearOps(
  engine: NativeEngine,
  portable: LinearOps,
  foldable: FoldableConvolutions,
  fusable: FusableActivations,
): Pick<LinearOps, 'conv2d' | 'depthwiseConv2d' | 'matmul'> {
  const { tf } = engine;
  const sizes = (shape: readonly number[]): Tensor => tf.tensor1d([...shape], 'int32');

  const convolution = (
    kind: 'Conv2D' | 'DepthwiseConv2dNative',
    x: Tensor,
    filter: Tensor,
    stride: number,
    padding: Padding,
  ): Tensor => {
    const attrs = windowAttrs(stride, padding);
    const y = differentiable(
      engine,
      [x, filter],
      (save) => {
        save([x, filter]);
        return engine.op(kind, attrs, [x, filter]);
      },
      (dy, [input, weights]) => [
        engine.op(`${kind}BackpropInput`, attrs, [sizes(input!.shape), weights!, dy]),
        engine.op(`${kind}BackpropFilter`, attrs, [input!, sizes(weights!.shape), dy]),
      ],
    );
    if (kind === 'DepthwiseConv2dNative' && typeof padding === 'number' && padding > 0)
      engine.unfusable.add(y);
    return y;
  };

  const biased = (x: Tensor, bias: Tensor): Tensor => {
    if (engine.unfusable.has(x))
      return tf.reshape(biased(tf.reshape(x, [-1, x.shape.at(-1)!]), bias), x.shape);
    return engine.op('BiasAdd', [floatType, attr.string('data_format', 'NHWC')], [x, bias]);
  };

  const matMul2d = (a: Tensor, b: Tensor, ta: boolean, tb: boolean): Tensor => {
    const product = (x: Tensor, y: Tensor, tx: boolean, ty: boolean): Tensor =>
      engine.op('MatMul', [floatType, attr.bool('transpose_a', tx), attr.bool('transpose_b', ty)], [x, y]);
    return differentiable(
      engine,
      [a, b],
      (save) => {
        save([a, b]);
        return product(a, b, ta, tb);
      },
      (dy, [x, y]) => [
        ta ? product(y!, dy, tb, true) : product(dy, y!, false, !tb),
        tb ? product(dy, x!, true, ta) : product(x!, dy, !ta, false),
      ],
    );
  };

  return {
    conv2d(x, filter, options: Conv2dOptions = {}) {
      const { stride = 1, padding = 'same', dilation = 1, groups = 1 } = options;
      if (dilation > 1 || groups > 1) return portable.conv2d(x, filter, options);
      // a pointwise convolution is a product, whose gradients are products too
      const [kh, kw, cin, cout] = filter.shape as [number, number, number, number];
      if (kh === 1 && kw === 1 && stride === 1 && (typeof padding === 'string' || padding === 0)) {
        const shape = [...x.shape.slice(0, 3), cout];
        const rows = tf.reshape(x, [-1, cin]);
        const kernel = tf.reshape(filter, [cin, cout]);
        const y = tf.reshape(matMul2d(rows, kernel, false, false), shape);
        if (engine.foldsNorms)
          foldable.set(y, (factor, shift) =>
            tf.reshape(biased(matMul2d(rows, tf.mul(kernel, factor), false, false), shift), shape),
          );
        return y;
      }
      const pad = stride === 1 && kh === 3 && kw === 3 ? winogradPad(engine, padding, cin, cout) : undefined;
      if (pad !== undefined) {
        const y = winograd(engine, x, filter, pad);
        if (engine.foldsNorms)
          foldable.set(y, (factor, shift) =>
            winogradInference(engine, x, tf.mul(filter, factor), shift, pad, fusable),
          );
        return y;
      }
      const y = convolution('Conv2D', x, filter, stride, padding);
      if (engine.foldsNorms)
        foldable.set(y, (factor, shift) =>
          biased(convolution('Conv2D', x, tf.mul(filter, factor), stride, padding), shift),
        );
      return y;
    },
    depthwiseConv2d(x, filter, options = {}) {
      const { stride = 1, padding = 'same', dilation = 1 } = options;
      if (dilation > 1) return portable.depthwiseConv2d(x, filter, options);
      const y = convolution('DepthwiseConv2dNative', x, filter, stride, padding);
      const [, , c, multiplier] = filter.shape as [number, number, number, number];
      if (engine.foldsNorms)
        foldable.set(y, (factor, shift) =>
          biased(
            convolution(
              'DepthwiseConv2dNative',
              x,
              tf.mul(filter, tf.reshape(factor, [c, multiplier])),
              stride,
              padding,
            ),
            shift,
          ),
        );
      return y;
    },
    matmul(a, b, options = {}) {
      const { transposeA = false, transposeB = false } = options;
      if (b.rank !== 2 || (a.rank > 2 && transposeA)) return portable.matmul(a, b, options);
      if (a.rank === 2) return matMul2d(a, b, transposeA, transposeB);
      const rows = matMul2d(tf.reshape(a, [-1, a.shape.at(-1)!]), b, false, transposeB);
      return tf.reshape(rows, [...a.shape.slice(0, -1), rows.shape[1]!]);
    },
  };
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
