/** Output shapes of ops that move or select elements, and of reductions. */
import { DT } from '../../native-engine.js';
import { axisOf, type OpSignature, type ShapeFunction, type TensorType } from './op-signature.js';

const sizeOf = (shape: readonly number[]): number => shape.reduce((product, dim) => product * dim, 1);

const reduced: ShapeFunction = (call) => {
  const shape = call.shape(0);
  const axes = new Set(call.values(1).map((axis) => axisOf(axis, shape.length)));
  const kept = call.flag('keep_dims')
    ? shape.map((dim, axis) => (axes.has(axis) ? 1 : dim))
    : shape.filter((_, axis) => !axes.has(axis));
  return [call.of(kept)];
};

const argument: ShapeFunction = (call) => {
  const shape = call.shape(0);
  const axis = axisOf(call.values(1)[0]!, shape.length);
  return [call.of(shape.toSpliced(axis, 1), call.int('output_type', DT.int64))];
};

function reshaped(call: OpSignature): readonly TensorType[] {
  const wanted = call.values(1);
  const known = wanted.reduce((product, dim) => (dim === -1 ? product : product * dim), 1);
  return [call.of(wanted.map((dim) => (dim === -1 ? sizeOf(call.shape(0)) / known : dim)))];
}

function concatenated(call: OpSignature): readonly TensorType[] {
  const parts = call.inputs.slice(0, -1);
  const first = parts[0]!.shape;
  const axis = axisOf(call.values(parts.length)[0]!, first.length);
  return [
    call.of(
      first.with(
        axis,
        parts.reduce((sum, { shape }) => sum + shape[axis]!, 0),
      ),
    ),
  ];
}

const padded: ShapeFunction = (call) => {
  const paddings = call.values(1);
  return [call.of(call.shape(0).map((dim, axis) => dim + paddings[2 * axis]! + paddings[2 * axis + 1]!))];
};

function gathered(call: OpSignature): readonly TensorType[] {
  const [shape, indices] = [call.shape(0), call.shape(1)];
  const axis = axisOf(call.values(2)[0]!, shape.length);
  const shared = call.int('batch_dims', 0);
  return [call.of([...shape.slice(0, axis), ...indices.slice(shared), ...shape.slice(axis + 1)])];
}

function splitEqually(call: OpSignature): readonly TensorType[] {
  const shape = call.shape(1);
  const axis = axisOf(call.values(0)[0]!, shape.length);
  const part = call.of(shape.with(axis, shape[axis]! / call.outputs), call.dtype(1));
  return Array.from({ length: call.outputs }, () => part);
}

function splitBySizes(call: OpSignature): readonly TensorType[] {
  const shape = call.shape(0);
  const axis = axisOf(call.values(2)[0]!, shape.length);
  return call.values(1).map((size) => call.of(shape.with(axis, size)));
}

function squeezed(call: OpSignature): readonly TensorType[] {
  const shape = call.shape(0);
  const axes = call.ints('squeeze_dims').map((axis) => axisOf(axis, shape.length));
  const dropped = (dim: number, axis: number): boolean => (axes.length > 0 ? axes.includes(axis) : dim === 1);
  return [call.of(shape.filter((dim, axis) => !dropped(dim, axis)))];
}

export const layoutShapes: Readonly<Record<string, ShapeFunction>> = {
  Sum: reduced,
  Mean: reduced,
  Max: reduced,
  Min: reduced,
  Prod: reduced,
  All: reduced,
  Any: reduced,
  ArgMax: argument,
  ArgMin: argument,
  L2Loss: (call) => [call.of([])],
  Reshape: reshaped,
  Squeeze: squeezed,
  ExpandDims: (call) => {
    const shape = call.shape(0);
    return [call.of(shape.toSpliced(axisOf(call.values(1)[0]!, shape.length + 1), 0, 1))];
  },
  Transpose: (call) => [call.of(call.values(1).map((axis) => call.shape(0)[axis]!))],
  ConcatV2: concatenated,
  Pack: (call) => {
    const shape = call.shape(0);
    return [call.of(shape.toSpliced(axisOf(call.int('axis', 0), shape.length + 1), 0, call.inputs.length))];
  },
  Unpack: (call) => {
    const shape = call.shape(0);
    const part = call.of(shape.toSpliced(axisOf(call.int('axis', 0), shape.length), 1));
    return Array.from({ length: call.outputs }, () => part);
  },
  Slice: (call) => {
    const begin = call.values(1);
    return [
      call.of(call.values(2).map((size, axis) => (size === -1 ? call.shape(0)[axis]! - begin[axis]! : size))),
    ];
  },
  Split: splitEqually,
  SplitV: splitBySizes,
  Pad: padded,
  PadV2: padded,
  MirrorPad: padded,
  Tile: (call) => [call.of(call.values(1).map((times, axis) => times * call.shape(0)[axis]!))],
  BroadcastTo: (call) => [call.of(call.values(1))],
  Fill: (call) => [call.of(call.values(0), call.dtype(1))],
  GatherV2: gathered,
  ScatterNd: (call) => [call.of(call.values(2), call.dtype(1))],
  OneHot: (call) => {
    const shape = call.shape(0);
    const axis = axisOf(call.int('axis', -1), shape.length + 1);
    return [call.of(shape.toSpliced(axis, 0, call.values(1)[0]!), call.dtype(2))];
  },
};
