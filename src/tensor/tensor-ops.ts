/**
 * The operations that a network's definition may call, and the contract of everything that interprets them.
 *
 * Enters: a `forward`, written once against `TensorOps<T>`, which never names an engine. Leaves: whatever an
 * interpreter makes of it. Callers: `blocks` import types from here; `network`, `runtime` and `train` run
 * the interpreters:
 *   execute  (`runtime`)       T is a tensor of an engine
 *   infer    (`tensor/infer`)  T is a shape; parameters, MACs and memory are summed on the way
 * Layout is NHWC: images are `[batch, height, width, channels]`, tokens `[batch, tokens, channels]`. Shapes
 * are concrete numbers. A weight is declared where it is used (`ops.weight`), under the path of the current
 * `ops.scope`. The parameters of a network are therefore exactly the weights that its forward pass reads.
 */
export type Shape = readonly number[];
/**
 * `same` pads as TensorFlow does (asymmetric at stride 2); a number pads that many pixels on each side
 * (PyTorch's).
 */
export type Padding = 'same' | 'valid' | number;
export type Activation =
  | 'relu'
  | 'relu6'
  | 'gelu'
  | 'silu'
  | 'hard-swish'
  | 'hard-sigmoid'
  | 'sigmoid'
  | 'tanh'
  | 'leaky-relu';
export type Unary =
  | 'exp'
  | 'log'
  | 'sqrt'
  | 'rsqrt'
  | 'square'
  | 'neg'
  | 'abs'
  | 'sin'
  | 'cos'
  | 'softplus'
  | 'reciprocal';
export type Binary = 'add' | 'sub' | 'mul' | 'div' | 'maximum' | 'minimum';
export type Reduction = 'sum' | 'mean' | 'max' | 'min';

/** Initialiser of a weight. Fans are computed from the last two axes times the receptive field. */
export type Init =
  | { readonly kind: 'zeros' }
  | { readonly kind: 'ones' }
  | { readonly kind: 'constant'; readonly value: number }
  | { readonly kind: 'normal'; readonly std: number }
  | { readonly kind: 'truncated-normal'; readonly std: number }
  | { readonly kind: 'he-normal'; readonly fan: 'in' | 'out' }
  | { readonly kind: 'glorot-uniform' }
  | { readonly kind: 'values'; readonly values: Float32Array };

export interface Conv2dOptions {
  readonly stride?: number; // 1
  readonly padding?: Padding; // 'same'
  readonly dilation?: number; // 1
  readonly groups?: number; // 1; filter is [k, k, cin/groups, cout]
}

export interface NormAffine<T> {
  readonly gamma: T;
  readonly beta: T;
}

export interface TensorOps<T> {
  /** Whether a training step is built: batch norm uses batch statistics, dropout and drop-path are active. */
  readonly training: boolean;
  shape(x: T): Shape;

  // Parameters
  /** Runs `body` with `name` appended to the path of every weight declared inside; names join with `/`. */
  scope<R>(name: string, body: () => R): R;
  /** A trainable weight, created with `init` on first use. Reading a path again shares the weight. */
  weight(name: string, shape: Shape, init: Init): T;
  /** A constant tensor of the definition, not a parameter (masks, window shifts, wavelet filters). */
  constant(values: Float32Array, shape: Shape): T;

  // Linear maps (these carry the MACs)
  /** x `[b,h,w,cin]`, filter `[kh,kw,cin/groups,cout]` → `[b,h',w',cout]`. */
  conv2d(x: T, filter: T, options?: Conv2dOptions): T;
  /** x `[b,h,w,c]`, filter `[kh,kw,c,multiplier]` → `[b,h',w',c·multiplier]`. */
  depthwiseConv2d(x: T, filter: T, options?: Omit<Conv2dOptions, 'groups'>): T;
  /** x `[b,h,w,cin]`, filter `[kh,kw,cout,cin]` → `[b,h·stride,w·stride,cout]` (padding same). */
  conv2dTranspose(x: T, filter: T, options: { readonly stride: number }): T;
  /**
   * Batched product over the last two axes; leading axes equal or 1-broadcast. b may be `[k,n]` for a linear
   * layer.
   */
  matmul(a: T, b: T, options?: { readonly transposeA?: boolean; readonly transposeB?: boolean }): T;

  // Normalisation (whole ops, so that a runtime may use its fused kernels)
  /**
   * Over all axes but the last. Declares running mean and variance under the scope; they are state, not
   * parameters.
   */
  batchNorm(
    x: T,
    affine: NormAffine<T>,
    options?: { readonly epsilon?: number; readonly momentum?: number },
  ): T; // 1e-5, 0.1
  /** Over the last axis. */
  layerNorm(x: T, affine: NormAffine<T>, options?: { readonly epsilon?: number }): T; // 1e-6
  softmax(x: T): T; // last axis

  // Pointwise, reductions
  activation(x: T, kind: Activation): T;
  /**
   * GELU's tanh approximation as one operation, where an interpreter has it; elsewhere it is composed, and
   * costs count its parts.
   */
  geluTanh?: ((x: T) => T) | undefined;
  unary(x: T, kind: Unary): T;
  binary(a: T, b: T, kind: Binary): T; // numpy broadcasting
  scale(x: T, factor: number, offset?: number): T; // x·factor + offset
  reduce(x: T, kind: Reduction, axes: readonly number[], options?: { readonly keepDims?: boolean }): T;
  /** Index of the maximum along an axis, as float values; no gradient flows. */
  argMax(x: T, axis: number): T;

  // Pooling and sampling
  maxPool(x: T, options: { readonly window: number; readonly stride: number; readonly padding: Padding }): T;
  /** Padding is left out of the mean, as in TensorFlow and in PyTorch's count_include_pad=False. */
  avgPool(x: T, options: { readonly window: number; readonly stride: number; readonly padding: Padding }): T;
  resize(x: T, height: number, width: number, kind: 'nearest' | 'bilinear'): T;

  // Shape
  reshape(x: T, shape: Shape): T; // one entry may be -1
  transpose(x: T, permutation: readonly number[]): T;
  concat(xs: readonly T[], axis: number): T;
  slice(x: T, begin: readonly number[], size: readonly number[]): T; // size -1: to the end
  pad(x: T, paddings: readonly (readonly [number, number])[], value?: number): T; // 0
  /** Rows of `x` along `axis` at constant indices (relative position tables, permutations). */
  gather(x: T, indices: Int32Array, axis: number): T;

  // Randomness (training only; identity otherwise)
  /** Zeroes entries with probability `rate` and scales the rest by 1/(1-rate). */
  dropout(x: T, rate: number): T;
  /**
   * Drops whole examples of the batch (stochastic depth) with probability `rate`, survivors scaled by
   * 1/(1-rate).
   */
  dropPath(x: T, rate: number): T;
}
