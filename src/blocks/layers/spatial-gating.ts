/**
 * MAXIM's linear layers over positions, along the two axes of multi-axis attention: inside blocks of
 * neighbouring pixels, and over a grid of pixels spread over the map. https://arxiv.org/abs/2201.02973
 */
import type { TensorOps } from '../../tensor/tensor-ops.js';
import { type Violation, violation } from '../../util/params.js';
import { linear, outputInit } from './linear-layer.js';
import { layerNorm } from './norm-layers.js';
import { fromGrid, fromWindows, toGrid, toWindows } from './windows.js';

export type Axis = 'block' | 'grid';

/**
 * Applies `change` to sets of `side`² pixels `[sets,side²,c]` of x `[b,h,w,c]`, whose sides are multiples of
 * `side`.
 */
export function mapPixelSets<T>(
  ops: TensorOps<T>,
  x: T,
  axis: Axis,
  side: number,
  change: (sets: T) => T,
): T {
  const [, height, width] = ops.shape(x) as [number, number, number, number];
  const square = { height: side, width: side };
  return axis === 'block'
    ? fromWindows(ops, change(toWindows(ops, x, square)), square, height, width)
    : fromGrid(ops, change(toGrid(ops, x, square)), square, height, width);
}

/** Linear layer over the n positions of each set, shared by all channels; x `[sets,n,c]`. */
export function linearOverPositions<T>(ops: TensorOps<T>, x: T, name: string): T {
  const count = ops.shape(x)[1]!;
  return ops.transpose(
    linear(ops, ops.transpose(x, [0, 2, 1]), name, count, { init: outputInit }),
    [0, 2, 1],
  );
}

/** Splits the last axis into two equal halves. */
export function splitChannels<T>(ops: TensorOps<T>, x: T): [T, T] {
  const shape = ops.shape(x);
  const half = shape.at(-1)! / 2;
  return [0, half].map((from) =>
    ops.slice(
      x,
      shape.map((_, axis) => (axis === shape.length - 1 ? from : 0)),
      shape.map((_, axis) => (axis === shape.length - 1 ? half : -1)),
    ),
  ) as [T, T];
}

/**
 * Spatial gating unit: u ⊙ (W·LN(v) + 1) of the halves u, v of x `[sets,n,2c]` → `[sets,n,c]`, W over
 * positions.
 */
export function spatialGate<T>(ops: TensorOps<T>, x: T, name: string): T {
  return ops.scope(name, () => {
    const [u, v] = splitChannels(ops, x);
    return ops.binary(
      u,
      ops.scale(linearOverPositions(ops, layerNorm(ops, v, 'norm'), 'positions'), 1, 1),
      'mul',
    );
  });
}

/** The violation where blocks or grid do not divide the map. */
export function sidesProblem(
  sides: Readonly<Record<Axis, number>>,
  map: { readonly height: number; readonly width: number },
): Violation | undefined {
  const wrong = (['block', 'grid'] as const).find(
    (axis) => map.height % sides[axis] !== 0 || map.width % sides[axis] !== 0,
  );
  return wrong === undefined
    ? undefined
    : violation([wrong], `${wrong} must divide the map of ${map.height}×${map.width}, got ${sides[wrong]}`);
}
