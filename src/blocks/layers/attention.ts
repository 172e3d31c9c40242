/**
 * Multi-head self-attention over tokens, with optional relative position bias, window mask and rotary
 * positions. https://arxiv.org/abs/1706.03762; bias table as in Swin, https://arxiv.org/abs/2103.14030
 */
import { ShapeError } from '../../tensor/infer/shape-rules.js';
import type { TensorOps } from '../../tensor/tensor-ops.js';
import { linear, outputInit } from './linear-layer.js';
import { applyRotary } from './rotary-position.js';

export interface AttentionOptions<T> {
  readonly heads: number;
  /** Adds a relative position bias for tokens on this grid; height · width = tokens. */
  readonly biasGrid?: { readonly height: number; readonly width: number };
  /** Added to the logits: `[windows,n,n]`. The batch of x holds the windows of one image after the other. */
  readonly mask?: T;
  /** Applies rotary positions on this grid to queries and keys. */
  readonly rotaryGrid?: { readonly height: number; readonly width: number };
  readonly qkvBias?: boolean; // true
  /** Channels of q, k and v; default x's. */
  readonly width?: number;
  /** Channels of the output; default `width`. */
  readonly output?: number;
}

/** Largest map with a table of all pairs: 64×64 positions, whose table takes 64 MiB. */
const maxPositions = 4096;

/** @throws ShapeError where a map has too many positions for a bias of each pair */
export function assertPositionPairs(height: number, width: number): void {
  if (height * width > maxPositions)
    throw new ShapeError(
      `a position bias for each pair needs a map of at most ${maxPositions} positions, ` +
        `got ${height}×${width}; use position rotary or none, or windows`,
    );
}

/** For each ordered pair of grid positions, the row of its offset in a table of `(2h-1)(2w-1)` rows. */
export function relativeOffsets(height: number, width: number): Int32Array {
  assertPositionPairs(height, width);
  const key = `${height} ${width}`;
  let rows = offsets.get(key)?.deref();
  if (!rows) offsets.set(key, new WeakRef((rows = offsetsOf(height, width))));
  return rows;
}

/**
 * Tables in use. Blocks on maps of one size share a table, because that of a large map takes tens of
 * megabytes.
 */
const offsets = new Map<string, WeakRef<Int32Array>>();

function offsetsOf(height: number, width: number): Int32Array {
  const count = height * width;
  const rows = new Int32Array(count * count);
  const span = 2 * width - 1;
  let at = 0;
  for (let qy = 0; qy < height; qy++)
    for (let qx = 0; qx < width; qx++) {
      for (let ky = 0; ky < height; ky++) {
        const first = (qy - ky + height - 1) * span + qx + width - 1;
        for (let kx = 0; kx < width; kx++) rows[at++] = first - kx;
      }
    }
  return rows;
}

/** Learned bias per head and offset → `[1,heads,n,n]`; weight `bias-table` `[(2h-1)(2w-1),heads]`. */
export function relativeBias<T>(
  ops: TensorOps<T>,
  heads: number,
  grid: { readonly height: number; readonly width: number },
): T {
  const count = grid.height * grid.width;
  const table = ops.weight('bias-table', [(2 * grid.height - 1) * (2 * grid.width - 1), heads], {
    kind: 'truncated-normal',
    std: 0.02,
  });
  const rows = ops.gather(table, relativeOffsets(grid.height, grid.width), 0); // [n·n,heads]
  return ops.reshape(ops.transpose(rows, [1, 0]), [1, heads, count, count]);
}

/** x `[b,n,heads·d]` → `[b,heads,n,d]`. */
export function splitHeads<T>(ops: TensorOps<T>, x: T, heads: number): T {
  const [batch, tokens, channels] = ops.shape(x) as [number, number, number];
  return ops.transpose(ops.reshape(x, [batch, tokens, heads, channels / heads]), [0, 2, 1, 3]);
}

/** x `[b,heads,n,d]` → `[b,n,heads·d]`. */
export function joinHeads<T>(ops: TensorOps<T>, x: T): T {
  const [batch, heads, tokens, dim] = ops.shape(x) as [number, number, number, number];
  return ops.reshape(ops.transpose(x, [0, 2, 1, 3]), [batch, tokens, heads * dim]);
}

/** x `[…,3c]` → three `[…,c]`. */
export function splitQkv<T>(ops: TensorOps<T>, x: T): [T, T, T] {
  const shape = ops.shape(x);
  const width = shape.at(-1)! / 3;
  return [0, 1, 2].map((part) =>
    ops.slice(
      x,
      shape.map((_, axis) => (axis === shape.length - 1 ? part * width : 0)),
      shape.map((_, axis) => (axis === shape.length - 1 ? width : -1)),
    ),
  ) as [T, T, T];
}

/** Adds a mask `[windows,n,n]` to logits `[images·windows,heads,n,n]`. */
function addWindowMask<T>(ops: TensorOps<T>, logits: T, mask: T): T {
  const [batch, heads, rows, columns] = ops.shape(logits) as [number, number, number, number];
  const windows = ops.shape(mask)[0]!;
  const byImage = ops.reshape(logits, [batch / windows, windows, heads, rows, columns]);
  return ops.reshape(ops.binary(byImage, ops.reshape(mask, [1, windows, 1, rows, columns]), 'add'), [
    batch,
    heads,
    rows,
    columns,
  ]);
}

/**
 * softmax(q·kᵀ/√d + bias)·v; q `[b,heads,n,d]`, k and v `[b,heads,m,d]`, bias broadcasting to
 * `[b,heads,n,m]`, mask `[windows,n,m]`.
 */
export function scaledDotProductAttention<T>(
  ops: TensorOps<T>,
  q: T,
  k: T,
  v: T,
  { bias, mask }: { readonly bias?: T; readonly mask?: T } = {},
): T {
  let logits = ops.matmul(ops.scale(q, 1 / Math.sqrt(ops.shape(q).at(-1)!)), k, { transposeB: true });
  if (bias !== undefined) logits = ops.binary(logits, bias, 'add');
  if (mask !== undefined) logits = addWindowMask(ops, logits, mask);
  return ops.matmul(ops.softmax(logits), v);
}

/** Self-attention, x `[b,n,c]` → `[b,n,output]`; weights `name/qkv`, `name/bias-table`, `name/project`. */
export function selfAttention<T>(ops: TensorOps<T>, x: T, name: string, options: AttentionOptions<T>): T {
  const width = options.width ?? ops.shape(x).at(-1)!;
  return ops.scope(name, () => {
    const qkv = linear(ops, x, 'qkv', 3 * width, { bias: options.qkvBias ?? true }); // [b,n,3·width]
    const [q, k, v] = splitQkv(ops, qkv).map((part) => splitHeads(ops, part, options.heads)) as [T, T, T];
    const bias = options.biasGrid && relativeBias(ops, options.heads, options.biasGrid);
    const turned = (part: T): T =>
      options.rotaryGrid ? applyRotary(ops, part, options.rotaryGrid.height, options.rotaryGrid.width) : part;
    const attended = scaledDotProductAttention(ops, turned(q), turned(k), v, {
      ...(bias === undefined ? {} : { bias }),
      ...(options.mask === undefined ? {} : { mask: options.mask }),
    });
    return linear(ops, joinHeads(ops, attended), 'project', options.output ?? width, { init: outputInit });
  });
}
