/**
 * 3×3 convolutions of stride 1 by the engine's own kernels, with gradients. Winograd's algorithm
 * (engine/kernels/winograd.h) is 1.5 to 2 times as fast as TensorFlow's on the CPU. Where weights change,
 * small maps use plain products (engine/kernels/convolution.h): transforming the filters at every step would
 * cost more than it saves.
 * float32 only: a 16-bit graph uses TensorFlow's kernels, which use the processor's matrix units.
 */
import type { Padding } from '../../../../tensor/tensor-ops.js';
import { attr, type NativeEngine, type Tensor } from '../../native-engine.js';
import { differentiable } from '../differentiable.js';
import type { FusableActivations } from './fusion-tables.js';

/** The number of output channels must be a multiple. */
const vector = 16;

/** A batch of maps with fewer tiles of 2×2 outputs is small: transformed filters have 16/9 of the bytes. */
const fewTiles = 32;

const isSmall = (engine: NativeEngine, x: Tensor, pad: number): boolean =>
  engine.kernels.has('convolution') &&
  x.shape[0]! * Math.ceil((x.shape[1]! + 2 * pad - 2) / 2) * Math.ceil((x.shape[2]! + 2 * pad - 2) / 2) <
    fewTiles;

/** Pixels of padding on each side; undefined where these kernels do not support the convolution. */
export function winogradPad(
  engine: NativeEngine,
  padding: Padding,
  cin: number,
  cout: number,
): number | undefined {
  if (!engine.kernels.has('winograd') || engine.isTracingLow || cin < vector || cout % vector !== 0)
    return undefined;
  const pad = typeof padding === 'number' ? padding : { same: 1, valid: 0 }[padding];
  return pad <= 2 ? pad : undefined;
}

const planesOf = (engine: NativeEngine, filter: Tensor, turned: boolean): Tensor =>
  engine.op('StagecraftWinogradFilter', [attr.int('turned', turned ? 1 : 0)], [filter]);
const convolve = (
  engine: NativeEngine,
  x: Tensor,
  planes: Tensor,
  bias: Tensor,
  pad: number,
  act = 0,
): Tensor => engine.op('StagecraftWinograd', [attr.int('act', act), attr.int('pad', pad)], [x, planes, bias]);

const plain = (engine: NativeEngine, x: Tensor, filter: Tensor, pad: number): Tensor =>
  engine.op('StagecraftConvolution', [attr.int('pad', pad)], [x, filter]);

/** x `[b,h,w,cin]`, filter `[3,3,cin,cout]` → `[b,h',w',cout]`. */
export function winograd(engine: NativeEngine, x: Tensor, filter: Tensor, pad: number): Tensor {
  const { tf } = engine;
  if (isSmall(engine, x, pad)) {
    return differentiable(
      engine,
      [x, filter],
      (save) => {
        save([x, filter]);
        return plain(engine, x, filter, pad);
      },
      (dy, [input, weights]) => [
        engine.op('StagecraftConvolutionInputGrad', [attr.int('pad', pad)], [dy, weights!]),
        engine.op('StagecraftConvolutionFilterGrad', [attr.int('pad', pad)], [input!, dy]),
      ],
    );
  }
  return differentiable(
    engine,
    [x, filter],
    (save) => {
      save([x, filter]);
      return convolve(engine, x, planesOf(engine, filter, false), tf.zeros([0]), pad);
    },
    (dy, [input, weights]) => [
      input!.shape[3]! % vector === 0
        ? convolve(engine, dy, planesOf(engine, weights!, true), tf.zeros([0]), 2 - pad)
        : engine.op(
            'Conv2DBackpropInput',
            [
              attr.type('T', 1),
              attr.int('strides', [1, 1, 1, 1]),
              attr.string('data_format', 'NHWC'),
              attr.int('dilations', [1, 1, 1, 1]),
              attr.string('padding', 'EXPLICIT'),
              attr.int('explicit_paddings', [0, 0, pad, pad, pad, pad, 0, 0]),
            ],
            [tf.tensor1d(input!.shape, 'int32'), weights!, dy],
          ),
      engine.op('StagecraftWinogradFilterGrad', [attr.int('pad', pad)], [input!, dy]),
    ],
  );
}

/** Convolution and bias in one op, into which an activation can be fused later. No gradient. */
export function winogradInference(
  engine: NativeEngine,
  x: Tensor,
  filter: Tensor,
  bias: Tensor,
  pad: number,
  fusable: FusableActivations,
): Tensor {
  const planes = planesOf(engine, filter, false); // constants of the graph: transformed once
  const y = convolve(engine, x, planes, bias, pad);
  fusable.set(y, (act) => convolve(engine, x, planes, bias, pad, act));
  return y;
}
