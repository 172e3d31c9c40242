/** Windows and grids of a feature map as batches of token sets, and their inverses. */
import type { TensorOps } from '../../tensor/tensor-ops.js';

export interface WindowSize {
  readonly height: number;
  readonly width: number;
}

/**
 * Partitions into windows: x `[b,h,w,c]` → `[b·windows,wh·ww,c]`, row by row; h and w are multiples of the
 * window.
 */
export function toWindows<T>(ops: TensorOps<T>, x: T, window: WindowSize): T {
  const [batch, height, width, channels] = ops.shape(x) as [number, number, number, number];
  const split = ops.reshape(x, [
    batch,
    height / window.height,
    window.height,
    width / window.width,
    window.width * channels,
  ]);
  const gathered = ops.transpose(split, [0, 1, 3, 2, 4]); // [b,rows,columns,wh,ww·c]
  return ops.reshape(gathered, [-1, window.height * window.width, channels]);
}

/** Inverse of `toWindows` for a map of `height`×`width`. */
export function fromWindows<T>(
  ops: TensorOps<T>,
  x: T,
  window: WindowSize,
  height: number,
  width: number,
): T {
  const channels = ops.shape(x).at(-1)!;
  const split = ops.reshape(x, [
    -1,
    height / window.height,
    width / window.width,
    window.height,
    window.width * channels,
  ]);
  return ops.reshape(ops.transpose(split, [0, 1, 3, 2, 4]), [-1, height, width, channels]);
}

/**
 * Partitions by a grid: x `[b,h,w,c]` → `[b·cells,gh·gw,c]`. Each set holds one pixel of every cell of a
 * gh×gw grid over the whole map.
 */
export function toGrid<T>(ops: TensorOps<T>, x: T, grid: WindowSize): T {
  const [batch, height, width, channels] = ops.shape(x) as [number, number, number, number];
  const split = ops.reshape(x, [
    batch,
    grid.height,
    height / grid.height,
    grid.width,
    width / grid.width,
    channels,
  ]);
  return ops.reshape(ops.transpose(split, [0, 2, 4, 1, 3, 5]), [-1, grid.height * grid.width, channels]);
}

/** Inverse of `toGrid`. */
export function fromGrid<T>(ops: TensorOps<T>, x: T, grid: WindowSize, height: number, width: number): T {
  const channels = ops.shape(x).at(-1)!;
  const split = ops.reshape(x, [
    -1,
    height / grid.height,
    width / grid.width,
    grid.height,
    grid.width,
    channels,
  ]);
  return ops.reshape(ops.transpose(split, [0, 3, 1, 4, 2, 5]), [-1, height, width, channels]);
}

/** Cyclic shift of a map by whole pixels; positive shifts go up and to the left. */
export function roll<T>(ops: TensorOps<T>, x: T, rows: number, columns: number): T {
  let y = x;
  for (const [axis, shift] of [
    [1, rows],
    [2, columns],
  ] as const) {
    const size = ops.shape(y)[axis]!;
    const by = ((shift % size) + size) % size;
    if (by === 0) continue;
    const begin = (from: number): number[] => [0, 0, 0, 0].map((_, each) => (each === axis ? from : 0));
    const length = (count: number): number[] =>
      [-1, -1, -1, -1].map((_, each) => (each === axis ? count : -1));
    y = ops.concat([ops.slice(y, begin(by), length(size - by)), ops.slice(y, begin(0), length(by))], axis);
  }
  return y;
}

/** Pads with zeros at the bottom and right to multiples of the window. */
export function padToWindows<T>(ops: TensorOps<T>, x: T, window: WindowSize): T {
  const [, height, width] = ops.shape(x) as [number, number, number, number];
  const bottom = Math.ceil(height / window.height) * window.height - height;
  const right = Math.ceil(width / window.width) * window.width - width;
  return bottom + right === 0
    ? x
    : ops.pad(x, [
        [0, 0],
        [0, bottom],
        [0, right],
        [0, 0],
      ]);
}
