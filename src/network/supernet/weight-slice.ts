/** Slices of shared weights: which entries of each axis a member of a supernet uses. */
import type { Shape } from '../../tensor/tensor-ops.js';

/** Pieces of a shared axis, concatenated in order. */
export type AxisSlice = readonly { readonly begin: number; readonly size: number }[];

/** One weight of a member as a part of a shared weight. */
export interface WeightSlice {
  /** Path of the shared weight. */
  readonly shared: string;
  /** Of the member's weight. */
  readonly shape: Shape;
  readonly axes: readonly AxisSlice[];
}

/** Whether the slice takes the whole of an axis of `size` entries. */
export const isWholeAxis = (axis: AxisSlice, size: number): boolean =>
  axis.reduce((sum, piece) => sum + piece.size, 0) === size;

/** Adjacent pieces become one. */
export function joinedPieces(pieces: AxisSlice): AxisSlice {
  const joined: { begin: number; size: number }[] = [];
  for (const { begin, size } of pieces) {
    const last = joined.at(-1);
    if (last && last.begin + last.size === begin) last.size += size;
    else if (size > 0 || pieces.length === 1) joined.push({ begin, size });
  }
  return joined;
}

/** Shared index of each entry of the sliced axis. */
const indicesOf = (axis: AxisSlice): number[] =>
  axis.flatMap(({ begin, size }) => Array.from({ length: size }, (_, at) => begin + at));

/** The member's values, cut out of those of the shared weight of `sharedShape`. */
export function sliceValues(values: Float32Array, sharedShape: Shape, slice: WeightSlice): Float32Array {
  const axes = slice.axes.map(indicesOf);
  const sliced = new Float32Array(slice.shape.reduce((product, size) => product * size, 1));
  const copy = (axis: number, from: number, at: number): number => {
    if (axis === axes.length) {
      sliced[at] = values[from]!;
      return at + 1;
    }
    let next = at;
    for (const index of axes[axis]!) next = copy(axis + 1, from * sharedShape[axis]! + index, next);
    return next;
  };
  copy(0, 0, 0);
  return sliced;
}
