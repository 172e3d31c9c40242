/** Output shapes of products, convolutions, pooling, batch norm and resizing; maps are NHWC. */
import { DT } from '../../native-engine.js';
import { broadcastShape, type OpSignature, type ShapeFunction, type TensorType } from './op-signature.js';

/** Side of a window's output map; `axis` is 1 (height) or 2 (width). */
function outputSide(call: OpSignature, axis: 1 | 2, windowSide: number): number {
  const side = call.shape(0)[axis]!;
  const stride = call.ints('strides')[axis]!;
  const span = (windowSide - 1) * (call.ints('dilations')[axis] ?? 1) + 1;
  const padding = call.text('padding');
  if (padding === 'SAME') return Math.ceil(side / stride);
  const explicit = call.ints('explicit_paddings');
  const added = padding === 'EXPLICIT' ? explicit[2 * axis]! + explicit[2 * axis + 1]! : 0;
  return Math.floor((side + added - span) / stride) + 1;
}

function convolved(call: OpSignature, channels: number): readonly TensorType[] {
  const [height, width] = call.shape(1) as [number, number];
  return [call.of([call.shape(0)[0]!, outputSide(call, 1, height), outputSide(call, 2, width), channels])];
}

function pooled(call: OpSignature): readonly TensorType[] {
  const [, height, width] = call.ints('ksize') as [number, number, number];
  const [batch, , , channels] = call.shape(0) as [number, number, number, number];
  return [call.of([batch, outputSide(call, 1, height), outputSide(call, 2, width), channels])];
}

const matrixProduct =
  (turnA: string, turnB: string): ShapeFunction =>
  (call) => {
    const [a, b] = [call.shape(0), call.shape(1)];
    const rows = a.at(call.flag(turnA) ? -1 : -2)!;
    const columns = b.at(call.flag(turnB) ? -2 : -1)!;
    return [call.of([...broadcastShape(a.slice(0, -2), b.slice(0, -2)), rows, columns])];
  };

/** An op whose input at `index` holds the shape of its output, of the type of the last input. */
const shapeFrom =
  (index: number): ShapeFunction =>
  (call) => [call.of(call.values(index), call.dtype(2))];

const resized: ShapeFunction = (call) => {
  const [batch, , , channels] = call.shape(0) as [number, number, number, number];
  return [call.float([batch, ...call.values(1), channels])];
};

export const linearShapes: Readonly<Record<string, ShapeFunction>> = {
  MatMul: matrixProduct('transpose_a', 'transpose_b'),
  BatchMatMul: matrixProduct('adj_x', 'adj_y'),
  BatchMatMulV2: matrixProduct('adj_x', 'adj_y'),
  Conv2D: (call) => convolved(call, call.shape(1)[3]!),
  DepthwiseConv2dNative: (call) => convolved(call, call.shape(1)[2]! * call.shape(1)[3]!),
  Conv2DBackpropInput: shapeFrom(0),
  Conv2DBackpropFilter: shapeFrom(1),
  DepthwiseConv2dNativeBackpropInput: shapeFrom(0),
  DepthwiseConv2dNativeBackpropFilter: shapeFrom(1),
  MaxPool: pooled,
  AvgPool: pooled,
  MaxPoolGrad: (call) => [call.of(call.shape(0))],
  AvgPoolGrad: (call) => [call.of(call.values(0), call.dtype(1))],
  BiasAddGrad: (call) => [call.of([call.shape(0).at(-1)!])],
  ResizeBilinear: resized,
  ResizeBilinearGrad: (call) => [call.of(call.shape(1), call.dtype(1))],
  ResizeNearestNeighbor: (call) => [call.of(resized(call)[0]!.shape)],
  FusedBatchNormV3: (call) => {
    const channels = call.float([call.shape(0)[3]!]);
    return [call.of(call.shape(0)), channels, channels, channels, channels, { shape: [0], dtype: DT.float }];
  },
  FusedBatchNormGradV3: (call) => {
    const channels = call.float([call.shape(0)[3]!]);
    const none = call.float([0]);
    return [call.of(call.shape(0)), channels, channels, none, none];
  },
};
