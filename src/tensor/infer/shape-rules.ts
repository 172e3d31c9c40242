/**
 * Shape rules of `TensorOps`: pure functions from shapes to shapes. They throw `ShapeError` with the rule
 * and the shapes; the interpreter adds the scope. Conventions are TensorFlow's:
 * https://www.tensorflow.org/api_docs/python/tf/nn
 */
import type { Padding, Shape } from '../tensor-ops.js';

/** A shape rule is violated: an error in a block's definition, or a parameter that was not validated. */
export class ShapeError extends Error {
  override readonly name = 'ShapeError';
}

export const shapeText = (shape: Shape): string => `[${shape.join(',')}]`;
export const elementCount = (shape: Shape): number => shape.reduce((product, size) => product * size, 1);

/** The axis as an index from 0; -1 is the last. */
export function resolveAxis(shape: Shape, axis: number): number {
  const index = axis < 0 ? axis + shape.length : axis;
  if (!Number.isInteger(index) || index < 0 || index >= shape.length)
    throw new ShapeError(`axis must lie in the ${shape.length} axes of ${shapeText(shape)}, got ${axis}`);
  return index;
}

/** Output length of one spatial axis for a (dilated) window of `size` at `stride`. */
export function windowedLength(
  length: number,
  size: number,
  stride: number,
  padding: Padding,
  dilation = 1,
): number {
  if (!Number.isInteger(size) || size < 1)
    throw new ShapeError(`window must be a positive integer, got ${size}`);
  if (!Number.isInteger(stride) || stride < 1)
    throw new ShapeError(`stride must be a positive integer, got ${stride}`);
  if (padding === 'same') return Math.ceil(length / stride);
  const extent = (size - 1) * dilation + 1;
  const padded = length + 2 * (padding === 'valid' ? 0 : padding);
  if (padded < extent)
    throw new ShapeError(`a window of ${extent} needs at least as many padded pixels, got ${padded}`);
  return Math.floor((padded - extent) / stride) + 1;
}

function assertImage(x: Shape): void {
  if (x.length !== 4) throw new ShapeError(`an image [b,h,w,c] is needed, got ${shapeText(x)}`);
}

export function conv2dShape(
  x: Shape,
  filter: Shape,
  options: { stride: number; padding: Padding; dilation: number; groups: number },
): Shape {
  assertImage(x);
  const [kernelHeight, kernelWidth, groupIn, out] = filter as [number, number, number, number];
  if (filter.length !== 4 || groupIn * options.groups !== x[3])
    throw new ShapeError(
      `filter [kh,kw,cin/groups,cout] must fit ${x[3]} channels in ${options.groups} groups, ` +
        `got ${shapeText(filter)}`,
    );
  if (out % options.groups !== 0)
    throw new ShapeError(`output channels must be a multiple of ${options.groups} groups, got ${out}`);
  return [
    x[0]!,
    windowedLength(x[1]!, kernelHeight, options.stride, options.padding, options.dilation),
    windowedLength(x[2]!, kernelWidth, options.stride, options.padding, options.dilation),
    out,
  ];
}

export function depthwiseConv2dShape(
  x: Shape,
  filter: Shape,
  options: { stride: number; padding: Padding; dilation: number },
): Shape {
  assertImage(x);
  const [kernelHeight, kernelWidth, channels, multiplier] = filter as [number, number, number, number];
  if (filter.length !== 4 || channels !== x[3])
    throw new ShapeError(
      `depthwise filter [kh,kw,c,multiplier] must have the ${x[3]} channels of its input, ` +
        `got ${shapeText(filter)}`,
    );
  return [
    x[0]!,
    windowedLength(x[1]!, kernelHeight, options.stride, options.padding, options.dilation),
    windowedLength(x[2]!, kernelWidth, options.stride, options.padding, options.dilation),
    channels * multiplier,
  ];
}

export function conv2dTransposeShape(x: Shape, filter: Shape, stride: number): Shape {
  assertImage(x);
  if (filter.length !== 4 || filter[3] !== x[3])
    throw new ShapeError(
      `transposed filter [kh,kw,cout,cin] must end in the ${x[3]} channels of its input, ` +
        `got ${shapeText(filter)}`,
    );
  return [x[0]!, x[1]! * stride, x[2]! * stride, filter[2]!];
}

export function poolShape(x: Shape, options: { window: number; stride: number; padding: Padding }): Shape {
  assertImage(x);
  return [
    x[0]!,
    windowedLength(x[1]!, options.window, options.stride, options.padding),
    windowedLength(x[2]!, options.window, options.stride, options.padding),
    x[3]!,
  ];
}

/** Shape of an elementwise operation, by numpy's broadcasting rules. */
export function broadcastShape(a: Shape, b: Shape): Shape {
  const length = Math.max(a.length, b.length);
  return Array.from({ length }, (_, index) => {
    const left = a[index - length + a.length] ?? 1;
    const right = b[index - length + b.length] ?? 1;
    if (left !== right && left !== 1 && right !== 1)
      throw new ShapeError(`shapes must broadcast, got ${shapeText(a)} and ${shapeText(b)}`);
    return left === 1 ? right : left;
  });
}

/** Shape of a batched matrix product, and the length of the summed axis. */
export function matmulShape(
  a: Shape,
  b: Shape,
  transposeA: boolean,
  transposeB: boolean,
): { shape: Shape; inner: number } {
  if (a.length < 2 || b.length < 2)
    throw new ShapeError(`matmul needs matrices, got ${shapeText(a)} and ${shapeText(b)}`);
  const [rows, innerA] = transposeA ? [a.at(-1)!, a.at(-2)!] : [a.at(-2)!, a.at(-1)!];
  const [innerB, columns] = transposeB ? [b.at(-1)!, b.at(-2)!] : [b.at(-2)!, b.at(-1)!];
  if (innerA !== innerB)
    throw new ShapeError(
      `matmul's inner axes must be equal, got ${innerA} and ${innerB} of ${shapeText(a)} and ${shapeText(b)}`,
    );
  return { shape: [...broadcastShape(a.slice(0, -2), b.slice(0, -2)), rows, columns], inner: innerA };
}

export function reshapeShape(x: Shape, shape: Shape): Shape {
  const known = shape.filter((size) => size !== -1);
  const open = shape.length - known.length;
  const total = elementCount(x);
  const result =
    open === 1 ? shape.map((size) => (size === -1 ? total / elementCount(known) : size)) : [...shape];
  if (
    open > 1 ||
    result.some((size) => !Number.isInteger(size) || size < 1) ||
    elementCount(result) !== total
  )
    throw new ShapeError(
      `reshape must keep the ${total} elements of ${shapeText(x)}, got ${shapeText(shape)}`,
    );
  return result;
}

export function transposeShape(x: Shape, permutation: readonly number[]): Shape {
  if (
    permutation.length !== x.length ||
    new Set(permutation).size !== x.length ||
    permutation.some((axis) => x[axis] === undefined)
  )
    throw new ShapeError(
      `permutation must name each axis of ${shapeText(x)} once, got ${shapeText(permutation)}`,
    );
  return permutation.map((axis) => x[axis]!);
}

export function concatShape(shapes: readonly Shape[], axis: number): Shape {
  const first = shapes[0];
  if (first === undefined) throw new ShapeError('concat needs at least one tensor, got none');
  const along = resolveAxis(first, axis);
  for (const shape of shapes) {
    if (
      shape.length !== first.length ||
      shape.some((size, index) => index !== along && size !== first[index])
    )
      throw new ShapeError(
        `concat along axis ${along} needs shapes equal elsewhere, got ${shapes.map(shapeText).join(' and ')}`,
      );
  }
  return first.map((size, index) =>
    index === along ? shapes.reduce((sum, shape) => sum + shape[along]!, 0) : size,
  );
}

export function sliceShape(x: Shape, begin: readonly number[], size: readonly number[]): Shape {
  if (begin.length !== x.length || size.length !== x.length)
    throw new ShapeError(
      `slice needs a begin and a size per axis of ${shapeText(x)}, ` +
        `got ${shapeText(begin)} and ${shapeText(size)}`,
    );
  return x.map((length, axis) => {
    const taken = size[axis] === -1 ? length - begin[axis]! : size[axis]!;
    if (begin[axis]! < 0 || taken < 1 || begin[axis]! + taken > length)
      throw new ShapeError(
        `slice must lie inside ${shapeText(x)}, got begin ${shapeText(begin)} and size ${shapeText(size)}`,
      );
    return taken;
  });
}

export function padShape(x: Shape, paddings: readonly (readonly [number, number])[]): Shape {
  if (paddings.length !== x.length || paddings.some(([before, after]) => before < 0 || after < 0))
    throw new ShapeError(
      `pad needs two non-negative counts per axis of ${shapeText(x)}, got ${JSON.stringify(paddings)}`,
    );
  return x.map((length, axis) => length + paddings[axis]![0] + paddings[axis]![1]);
}

export function reduceShape(x: Shape, axes: readonly number[], keepDims: boolean): Shape {
  const gone = new Set(axes.map((axis) => resolveAxis(x, axis)));
  return keepDims
    ? x.map((length, axis) => (gone.has(axis) ? 1 : length))
    : x.filter((_, axis) => !gone.has(axis));
}
