/**
 * The interfaces of blocks, stems, downsampling layers and heads. Together these are the parts of a network.
 *
 * A part is one object: a name, declared parameters, and one `forward`. `forward` is written against
 * `TensorOps` and never names an engine. The same code therefore runs on every runtime, and the symbolic
 * interpreter (`tensor/infer`) reads its output shape, parameters, MACs and memory. No cost is written by
 * hand.
 *
 * To add a block, copy `conv/plain-conv.ts` and add a line to `block-table.ts`. Rules:
 *   Layout    Feature maps are NHWC: `[batch, height, width, channels]`, in comments `[b,h,w,c]`.
 *             `ops.shape(x)` gives concrete sizes. Batch sizes differ between calls, so store none.
 *   Weights   `ops.weight(name, shape, init)` declares a weight under the current scope. In the second block
 *             of stage 1, `conv(ops, x, 'expand', …)` makes `stage1/block2/expand/filter`. Names are
 *             kebab-case and unique within the block; `ops.scope` adds a level. Stored weights refer to
 *             them: never rename one.
 *   Residual  Add a residual branch by `addBranch(ops, x, branch, context.dropPath)`.
 *   Costs     Convolutions and matrix products count as MACs. Norms, activations and biases do not.
 *   Errors    `problem` returns `violation([parameters], 'rule, got value')`. It must refuse every
 *             combination of allowed values that `forward` cannot build.
 * `test/blocks/contract.test.ts` and `test/blocks/every-runtime.test.ts` loop over the table. They draw
 * parameters and odd map sizes, compare costs with the built weights, and check gradients on every runtime.
 */
import type { TensorOps } from '../tensor/tensor-ops.js';
import type { ParamsOf, ParamTable, Violation } from '../util/params.js';

/** Size of a feature map without its batch: `[height, width, channels]`. */
export interface MapSize {
  readonly height: number;
  readonly width: number;
  readonly channels: number;
}

/** Size of a condition (time, class or text): a vector `[b,width]` and tokens `[b,tokens,tokenWidth]`. */
export interface ConditionSize {
  readonly width: number;
  /** 0 where the condition has no tokens. */
  readonly tokens: number;
  readonly tokenWidth: number;
}

/** Sizes of everything that enters a part: its feature map, and the side inputs that are kept so far. */
export interface InputSizes extends MapSize {
  /** Kept outputs of earlier stages (skip connections), by stage from 1. */
  readonly stageOutputs?: Readonly<Record<number, MapSize>>;
  /** Stage whose kept output is the feature map itself. */
  readonly currentStage?: number;
  /** Feature map that entered the preceding part. */
  readonly previous?: MapSize;
  readonly condition?: ConditionSize;
}

/** Tensors that a part may read besides its feature map; each is present only where `needs` asks for it. */
export interface SideInputs<T> {
  /** Stage, from 1, → its output `[b,h,w,c]`. */
  readonly stageOutputs?: ReadonlyMap<number, T>;
  /** Feature map that entered the preceding part; absent for the first part after the stem. */
  readonly previous?: T;
  /** vector `[b,width]`, tokens `[b,n,tokenWidth]`. */
  readonly condition?: { readonly vector: T; readonly tokens?: T };
}

/** Side inputs that a part reads; all others may be freed before it runs. */
export interface SideInputNeeds {
  /** Stages, from 1, whose outputs it reads. */
  readonly stages?: readonly number[] | 'all';
  readonly previous?: boolean;
  readonly condition?: boolean;
}

/** Condition tensors that the caller passes to a stem. */
export interface ConditionInputs<T> {
  /** Diffusion times `[b]`. */
  readonly time?: T;
  /** One-hot classes `[b,labels]`; a row of zeros is unconditional. */
  readonly labels?: T;
  /** Text tokens `[b,n,c]`. */
  readonly tokens?: T;
}

/** What blocks, stems, downsampling layers and heads have in common. */
export interface PartDefinition<P extends ParamTable> {
  /** Name in space files, kebab-case; equal to the key in the table. */
  readonly name: string;
  /** One line for `stagecraft blocks`. */
  readonly summary: string;
  /** Paper URL. */
  readonly source: string;
  /** Parameters with kind, range, default and description. */
  readonly params: P;
  /** Side inputs that it reads; absent: none. */
  needs?(params: ParamsOf<P>): SideInputNeeds;
}

/** Where a block is in its network; passed to `forward` and to the checks. */
export interface BlockContext {
  /** Output channels of the block. */
  readonly width: number;
  /** 2 where the block itself must halve the resolution, otherwise 1. */
  readonly stride: 1 | 2;
  /** Index within the stage, from 0; for blocks that alternate, such as Swin's shifted windows. */
  readonly index: number;
  /** Stage, from 1. */
  readonly stage: number;
  /** Stochastic-depth rate of this block's residual branches, from the training recipe; 0 at inference. */
  readonly dropPath: number;
}

/** One unit of a stage, usually residual. */
export interface Block<P extends ParamTable = ParamTable> extends PartDefinition<P> {
  /** Suggested letter in layouts: one upper-case letter, C for convolution, T for transformer. */
  readonly letter: string;
  /** Whether it accepts stride 2 and an input of other channels than `width`. */
  readonly reduces: boolean;
  /** The constraint that parameters, input and context violate; undefined when `forward` can be built. */
  problem?(params: ParamsOf<P>, input: InputSizes, context: BlockContext): Violation | undefined;
  /** A lint warning for parameters that are valid but ineffective here, e.g. a window larger than the map. */
  warning?(params: ParamsOf<P>, input: InputSizes, context: BlockContext): Violation | undefined;
  /** Whether the next block receives this block's `previous` map in place of its input (NASNet). */
  passesPrevious?(params: ParamsOf<P>): boolean;
  /** x `[b,h,w,c]` → `[b,⌈h/stride⌉,⌈w/stride⌉,width]`. */
  forward<T>(
    ops: TensorOps<T>,
    x: T,
    params: ParamsOf<P>,
    context: BlockContext,
    sideInputs?: SideInputs<T>,
  ): T;
}

/** A stem (image → first feature map) or a downsampling layer between stages. */
export interface StemOrDownsample<P extends ParamTable = ParamTable> extends PartDefinition<P> {
  problem?(params: ParamsOf<P>, input: InputSizes, width: number): Violation | undefined;
  /** x `[b,h,w,c]` → `[b,h',w',width]`. */
  forward<T>(ops: TensorOps<T>, x: T, params: ParamsOf<P>, width: number, sideInputs?: SideInputs<T>): T;
  /** Stems only: computes the condition that every later part can read. Its weights belong to the stem. */
  condition?: {
    size(params: ParamsOf<P>, width: number): ConditionSize;
    /** x: the image, read for its batch size; an absent input counts as zeros. */
    forward<T>(
      ops: TensorOps<T>,
      x: T,
      params: ParamsOf<P>,
      width: number,
      given: ConditionInputs<T>,
    ): { readonly vector: T; readonly tokens?: T };
  };
}

/** Maps the last feature map to the task's output. */
export interface Head<P extends ParamTable = ParamTable> extends PartDefinition<P> {
  /** Absent: one logit per class and image. Otherwise one per class and pixel, or an image. */
  readonly output?: 'pixel-logits' | 'image';
  problem?(params: ParamsOf<P>, input: InputSizes, classes: number): Violation | undefined;
  /**
   * x `[b,h,w,c]` → logits `[b,classes]`, or by `output` `[b,h',w',classes]` or an image
   * `[b,h',w',channels]`.
   */
  forward<T>(ops: TensorOps<T>, x: T, params: ParamsOf<P>, classes: number, sideInputs?: SideInputs<T>): T;
}
