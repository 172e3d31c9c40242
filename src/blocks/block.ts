/**
 * What a block, stem, downsampling layer or head is: a name, declared parameters, one `forward`.
 * Adding one = its file, one line in the table of its kind (`blocks/block-table.ts`), one line of documentation;
 * the contract tests loop over the tables.
 */
import type { TensorOps } from '../tensor/tensor-ops.js';
import type { ParamsOf, ParamTable, Violation } from '../util/params.js';

/** A feature map without its batch: `[height, width, channels]`. */
export interface MapSize {
  readonly height: number;
  readonly width: number;
  readonly channels: number;
}

/** Sizes of a condition (time, class, text): its vector, and its tokens where there are some. */
export interface ConditionSize {
  readonly width: number;
  readonly tokens: number;
  readonly tokenWidth: number;
}

/** What reaches a part, in sizes: its map, and what earlier parts left for later ones. */
export interface InputSizes extends MapSize {
  /** Outputs of earlier stages that a later part takes, by stage from 1. */
  readonly stageOutputs?: Readonly<Record<number, MapSize>>;
  /** Stage whose kept output is this very map. */
  readonly currentStage?: number;
  /** Map that entered the part before. */
  readonly previous?: MapSize;
  readonly condition?: ConditionSize;
}

/** The same as tensors. */
export interface SideInputs<T> {
  /** Stage from 1 → its output `[b,h,w,c]`. */
  readonly stageOutputs?: ReadonlyMap<number, T>;
  readonly previous?: T;
  /** vector `[b,width]`, tokens `[b,n,tokenWidth]`. */
  readonly condition?: { readonly vector: T; readonly tokens?: T };
}

/** What a part takes besides its map. */
export interface SideInputNeeds {
  readonly stages?: readonly number[] | 'all';
  readonly previous?: boolean;
  readonly condition?: boolean;
}

/**
 * Conditions as given from outside: times `[b]`, class shares `[b,labels]` (one 1, or all 0: unconditional),
 * tokens `[b,n,c]`.
 */
export interface ConditionInputs<T> {
  readonly time?: T;
  readonly labels?: T;
  readonly tokens?: T;
}

export interface PartDefinition<P extends ParamTable> {
  /** Its name in space files, kebab-case. */
  readonly name: string;
  readonly summary: string;
  /** Paper URL, and the implementation it follows, if any. */
  readonly source: string;
  readonly params: P;
  /** What it takes besides its map; absent: nothing. */
  needs?(params: ParamsOf<P>): SideInputNeeds;
}

export interface BlockContext {
  /** Output channels of the block. */
  readonly width: number;
  /** 1, or 2 where the block itself reduces the resolution. */
  readonly stride: 1 | 2;
  /** Position from 0 within its stage, stage from 1; for blocks that alternate (window shift). */
  readonly index: number;
  readonly stage: number;
  /**
   * Stochastic-depth rate of this block's residual branches, from the training recipe; 0 outside training.
   */
  readonly dropPath: number;
}

/** One residual unit of a stage. */
export interface Block<P extends ParamTable = ParamTable> extends PartDefinition<P> {
  /** The letter suggested for it in layouts. */
  readonly letter: string;
  /** Whether it may halve the resolution or change the channel count itself. */
  readonly reduces: boolean;
  /**
   * Why these parameters cannot stand at this place, as `rule, got value`; undefined when they can. Pure,
   * cheap.
   */
  problem?(params: ParamsOf<P>, input: InputSizes, context: BlockContext): Violation | undefined;
  /**
   * What to say where parameters can stand but do not mean what they say, e.g. a window that is cut to the
   * map; a warning.
   */
  warning?(params: ParamsOf<P>, input: InputSizes, context: BlockContext): Violation | undefined;
  /** Whether the block after it is given this one's `previous` map as its own (NASNet's reductions). */
  passesPrevious?(params: ParamsOf<P>): boolean;
  /** x `[b,h,w,c]` → `[b,h/stride,w/stride,width]`. */
  forward<T>(
    ops: TensorOps<T>,
    x: T,
    params: ParamsOf<P>,
    context: BlockContext,
    sideInputs?: SideInputs<T>,
  ): T;
}

/** Image to first feature map, or map to map between stages. */
export interface StemOrDownsample<P extends ParamTable = ParamTable> extends PartDefinition<P> {
  problem?(params: ParamsOf<P>, input: InputSizes, width: number): Violation | undefined;
  /** x `[b,h,w,c]` → `[b,h',w',width]`. */
  forward<T>(ops: TensorOps<T>, x: T, params: ParamsOf<P>, width: number, sideInputs?: SideInputs<T>): T;
  /** Of stems: the condition that reaches every later part; its weights are the stem's. */
  condition?: {
    size(params: ParamsOf<P>, width: number): ConditionSize;
    /** x: the image, for its batch; what is not given is time 0, no class, tokens of 0. */
    forward<T>(
      ops: TensorOps<T>,
      x: T,
      params: ParamsOf<P>,
      width: number,
      given: ConditionInputs<T>,
    ): { readonly vector: T; readonly tokens?: T };
  };
}

/** Last feature map to the task's output. */
export interface Head<P extends ParamTable = ParamTable> extends PartDefinition<P> {
  /** What comes out: one logit per class of the image (default), of each pixel, or an image. */
  readonly output?: 'pixel-logits' | 'image';
  problem?(params: ParamsOf<P>, input: InputSizes, classes: number): Violation | undefined;
  /**
   * x `[b,h,w,c]` → logits `[b,classes]`, or by `output` `[b,h',w',classes]` or an image
   * `[b,h',w',channels]`.
   */
  forward<T>(ops: TensorOps<T>, x: T, params: ParamsOf<P>, classes: number, sideInputs?: SideInputs<T>): T;
}
