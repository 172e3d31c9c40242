/**
 * A modifier changes any block: it is an optional parameter (`with-…`) that every block has beside its own.
 * Absent, it does nothing and leaves no trace in the architecture. Adding one = its file, one line in
 * `modifiers/table.ts`, one line of documentation.
 */
import type { TensorOps } from '../../tensor/tensor-ops.js';
import type { ParamSpec, ParamValue, Violation } from '../../util/params.js';
import type { BlockContext, MapSize } from '../block.js';

/** A block as a function of its map under operations and a place. */
export type BlockForward<T> = (ops: TensorOps<T>, x: T, context: BlockContext) => T;

export interface Modifier<V extends ParamValue = ParamValue> {
  /** Parameter name in space files, `with-…`. */
  readonly name: string;
  readonly summary: string;
  /** Paper URL, and the implementation it follows, if any. */
  readonly source: string;
  /** Values allowed; without default, since absent is off. */
  readonly spec: ParamSpec;
  /** Why it cannot change a block at this place, as `rule, got value`. */
  problem?(value: V, input: MapSize, context: BlockContext): Violation | undefined;
  /** The changed block. Weights of its own go under its name. */
  wrap<T>(run: BlockForward<T>, value: V): BlockForward<T>;
}

/** A place where the block keeps shape and width. */
export const keepsShape = (input: MapSize, context: BlockContext): boolean =>
  context.stride === 1 && input.channels === context.width;
