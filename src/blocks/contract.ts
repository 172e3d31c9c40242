/**
 * What a block, stem, downsampling layer or head is: a name, declared parameters, one `forward`.
 * Adding one = its file, one line in the table of its kind (`blocks/table.ts`), one line of documentation; the contract tests
 * loop over the tables.
 */
import type { TensorOps } from '../tensor/tensor-ops.js';
import type { ParamTable, ParamsOf } from '../util/params.js';

/** A feature map without its batch: `[height, width, channels]`. */
export interface MapSize { readonly height: number; readonly width: number; readonly channels: number }

export interface Described<P extends ParamTable> {
  /** Its name in space files, kebab-case. */
  readonly name: string;
  readonly summary: string;
  /** Paper URL, and the implementation it follows, if any. */
  readonly source: string;
  readonly params: P;
}

export interface BlockPlace {
  /** Output channels of the block. */
  readonly width: number;
  /** 1, or 2 where the block itself reduces the resolution. */
  readonly stride: 1 | 2;
  /** Position from 0 within its stage, stage from 1; for blocks that alternate (window shift). */
  readonly index: number;
  readonly stage: number;
  /** Stochastic-depth rate of this block's residual branches, from the training recipe; 0 outside training. */
  readonly dropPath: number;
}

/** One residual unit of a stage. */
export interface Block<P extends ParamTable = ParamTable> extends Described<P> {
  /** The letter suggested for it in layouts. */
  readonly letter: string;
  /** Whether it may halve the resolution or change the channel count itself. */
  readonly reduces: boolean;
  /** Why these parameters cannot stand at this place, as `rule, got value`; undefined when they can. Pure, cheap. */
  problem?(params: ParamsOf<P>, input: MapSize, place: BlockPlace): string | undefined;
  /** x `[b,h,w,c]` → `[b,h/stride,w/stride,width]`. */
  forward<T>(ops: TensorOps<T>, x: T, params: ParamsOf<P>, place: BlockPlace): T;
}

/** Image to first feature map, or map to map between stages. */
export interface Layer<P extends ParamTable = ParamTable> extends Described<P> {
  problem?(params: ParamsOf<P>, input: MapSize, width: number): string | undefined;
  /** x `[b,h,w,c]` → `[b,h',w',width]`. */
  forward<T>(ops: TensorOps<T>, x: T, params: ParamsOf<P>, width: number): T;
}

/** Last feature map to the task's output. */
export interface Head<P extends ParamTable = ParamTable> extends Described<P> {
  problem?(params: ParamsOf<P>, input: MapSize, classes: number): string | undefined;
  /** x `[b,h,w,c]` → logits `[b,classes]`. */
  forward<T>(ops: TensorOps<T>, x: T, params: ParamsOf<P>, classes: number): T;
}
