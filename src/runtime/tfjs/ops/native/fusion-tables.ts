/**
 * How an op that has been recorded can be recorded again with the op after it folded in. The first version
 * has no reader then and never runs. One pair of tables per pass.
 */
import type { Tensor } from '../../native-engine.js';

/**
 * By a convolution's output: the same convolution with a factor and a shift per output channel. A graph with
 * frozen weights folds batch norm into them.
 */
export type FoldableConvolutions = WeakMap<Tensor, (factor: Tensor, shift: Tensor) => Tensor>;

/** By an op's output: the same op with an activation, numbered as in `kernel-ops.ts`. */
export type FusableActivations = WeakMap<Tensor, (activation: number) => Tensor>;
