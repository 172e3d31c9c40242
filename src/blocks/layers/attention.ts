/**
 * Multi-head self-attention over tokens, with an optional learned relative position bias.
 * https://arxiv.org/abs/1706.03762; the bias table as in Swin, https://arxiv.org/abs/2103.14030
 */
import type { TensorOps } from '../../tensor/tensor-ops.js';
import { linear, outputInit } from './linear.js';

export interface AttentionOptions<T> {
  readonly heads: number;
  /** Grid of the tokens where a relative position bias is wanted; its height · width = tokens. */
  readonly biasGrid?: { readonly height: number; readonly width: number };
  /** Added to the logits, broadcasting to `[b,heads,n,n]` (window masks). */
  readonly mask?: T;
  readonly qkvBias?: boolean; // true
}

/** For each ordered pair of grid positions, the row of its offset in a table of `(2h-1)(2w-1)` rows. */
export function relativeOffsets(height: number, width: number): Int32Array {
  const count = height * width;
  const rows = new Int32Array(count * count);
  for (let query = 0; query < count; query++) {
    for (let key = 0; key < count; key++) {
      const dy = Math.floor(query / width) - Math.floor(key / width) + height - 1;
      const dx = (query % width) - (key % width) + width - 1;
      rows[query * count + key] = dy * (2 * width - 1) + dx;
    }
  }
  return rows;
}

/** Learned bias per head and offset → `[1,heads,n,n]`; weight `bias-table` `[(2h-1)(2w-1),heads]`. */
export function relativeBias<T>(ops: TensorOps<T>, heads: number, grid: { readonly height: number; readonly width: number }): T {
  const count = grid.height * grid.width;
  const table = ops.weight('bias-table', [(2 * grid.height - 1) * (2 * grid.width - 1), heads], { kind: 'truncated-normal', std: 0.02 });
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

/** softmax(q·kᵀ/√d + bias)·v; q `[b,heads,n,d]`, k and v `[b,heads,m,d]`, each bias broadcasting to `[b,heads,n,m]`. */
export function attend<T>(ops: TensorOps<T>, q: T, k: T, v: T, biases: readonly T[] = []): T {
  const scaled = ops.scale(q, 1 / Math.sqrt(ops.shape(q).at(-1)!));
  const logits = biases.reduce((sum, bias) => ops.binary(sum, bias, 'add'), ops.matmul(scaled, k, { transposeB: true }));
  return ops.matmul(ops.softmax(logits), v);
}

/** x `[b,n,c]` → `[b,n,c]`: one product for q, k and v, attention, output projection. */
export function selfAttention<T>(ops: TensorOps<T>, x: T, name: string, options: AttentionOptions<T>): T {
  const channels = ops.shape(x).at(-1)!;
  return ops.scope(name, () => {
    const qkv = linear(ops, x, 'qkv', 3 * channels, { bias: options.qkvBias ?? true }); // [b,n,3c]
    const [q, k, v] = [0, 1, 2].map((part) => splitHeads(ops, ops.slice(qkv, [0, 0, part * channels], [-1, -1, channels]), options.heads)) as [T, T, T];
    const biases = [options.biasGrid && relativeBias(ops, options.heads, options.biasGrid), options.mask].filter((bias) => bias !== undefined);
    return linear(ops, joinHeads(ops, attend(ops, q, k, v, biases)), 'project', channels, { init: outputInit });
  });
}
