/**
 * A modifier wraps any block. It is an optional parameter (`with-…`) that every block has in addition to its
 * own. An absent modifier leaves no trace in the architecture. To add one, write its file and add its line to
 * `modifier-table.ts`.
 */
import type { TensorOps } from '../../tensor/tensor-ops.js';
import type { ParamSpec, ParamValue, Violation } from '../../util/params.js';
import type { BlockContext, MapSize } from '../block.js';

/** The forward pass of one block with its parameters bound: x `[b,h,w,c]` → `[b,h',w',width]`. */
export type BlockForward<T> = (ops: TensorOps<T>, x: T, context: BlockContext) => T;

export interface Modifier<V extends ParamValue = ParamValue> {
  /** Parameter name in space files, `with-…`. */
  readonly name: string;
  readonly summary: string;
  /** Paper URL. */
  readonly source: string;
  /** Allowed values. It has no default: an absent modifier is off. */
  readonly spec: ParamSpec;
  /** The constraint that this value violates; undefined when the block can be wrapped. */
  problem?(value: V, input: MapSize, context: BlockContext): Violation | undefined;
  /** The wrapped forward pass. Weights that it adds are named after it. */
  wrap<T>(run: BlockForward<T>, value: V): BlockForward<T>;
}

/** Whether the block keeps resolution and channels. */
export const keepsShape = (input: MapSize, context: BlockContext): boolean =>
  context.stride === 1 && input.channels === context.width;
