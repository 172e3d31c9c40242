/** The operations of a block as rows for a reader. Views, and operations on weights alone, are left out. */
import type { Operation } from '../tensor/infer/infer.js';

export interface OperationRow {
  /** Scope inside the block, e.g. `attention/qkv`; empty at the top. */
  readonly scope: string;
  /** Operation, e.g. `matmul`. */
  readonly kind: string;
  readonly shape: readonly number[];
  readonly macs: number;
  /** Rows whose results it reads, from 1; 0 is the block's input. Empty where only weights are multiplied. */
  readonly from: readonly number[];
}

const views = new Set(['reshape', 'transpose', 'slice', 'concat']);

/**
 * Rows in order. Consecutive operations that only move data become one `rearrange` row if nothing else reads
 * the results between them. A bias belongs to the row of its product.
 * @param inputs numbers of the input tensors, the block's input first
 */
export function operationRows(operations: readonly Operation[], inputs: readonly number[]): OperationRow[] {
  const steps: { scope: string; kind: string; shape: readonly number[]; macs: number; from: number[] }[] = [];
  const madeBy = new Map<number, number>(inputs.map((tensor) => [tensor, 0]));
  const readers = new Map<number, number>();
  for (const { inputs: read } of operations)
    for (const tensor of read) readers.set(tensor, (readers.get(tensor) ?? 0) + 1);
  for (const { kind, scope, inputs: read, output, shape, macs } of operations) {
    const from = [...new Set(read.flatMap((tensor) => (madeBy.has(tensor) ? [madeBy.get(tensor)!] : [])))];
    if (from.length === 0 && macs === 0) continue; // an operation on weights alone; their products are listed
    const last = steps.at(-1);
    const continues =
      from.length === 1 &&
      from[0] === steps.length &&
      last !== undefined &&
      read.every((tensor) => !madeBy.has(tensor) || readers.get(tensor) === 1);
    const isBias = continues && kind === 'add' && last.macs > 0 && last.scope === scope;
    const moves = continues && views.has(kind) && (last.kind === 'rearrange' || kind === 'reshape');
    if (isBias || moves) {
      if (last.kind === 'rearrange') last.shape = shape;
    } else if (kind === 'reshape') {
      madeBy.set(output, from[0]!);
      continue;
    } else
      steps.push({
        scope,
        kind: views.has(kind) && kind !== 'concat' ? 'rearrange' : kind,
        shape,
        macs,
        from,
      });
    madeBy.set(output, steps.length);
  }
  return steps;
}
