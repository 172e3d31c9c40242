/**
 * What differs between the ways to run tfjs: the module, the variables, the ops, the optimizer's update and
 * the loss.
 */

import type { Shape, TensorOps } from '../../tensor/tensor-ops.js';
import type { OptimizerSpec, RuntimeId } from '../runtime.js';
import type { CreateVariable, StateVariable } from './model/state-store.js';
import type { NativeEngine, Tensor, Tf } from './native-engine.js';
import type { OpsContext } from './ops/ops-context.js';

/** Scalars that change from step to step: fed, never frozen. All float32 but the step. */
export interface StepScalars {
  /** Steps before this one; int32. */
  readonly step: Tensor;
  readonly learningRate: Tensor;
  /** learningRate · weightDecay. */
  readonly decay: Tensor;
  /** beta1^t and beta2^t, t from 1. */
  readonly beta1Power: Tensor;
  readonly beta2Power: Tensor;
  /** epsilon · sqrt(1 - beta2^t): makes TensorFlow's Adam divide as the paper and PyTorch do. */
  readonly epsilon: Tensor;
  /**
   * Scales drop-path rates; standard deviation of noise on gradients; decay of the weights' average; share of
   * the first labels.
   */
  readonly dropPathShare: Tensor;
  readonly gradientNoise: Tensor;
  readonly averageDecay: Tensor;
  readonly share: Tensor;
  /** Counts micro-batches: the step counter of random numbers; int32. */
  readonly draw: Tensor;
}

/**
 * One weight's part of a step; `decays` says whether weight decay applies, `slots` come in the order of
 * `slotNames`.
 */
export interface WeightUpdate {
  readonly weight: StateVariable;
  readonly value: Tensor;
  readonly slots: readonly StateVariable[];
  readonly gradient: Tensor;
  readonly decays: boolean;
}

export interface Platform {
  readonly id: RuntimeId;
  readonly tf: Tf;
  /** Present where functions can be compiled to TensorFlow graphs. */
  readonly native?: NativeEngine;
  readonly createVariable: CreateVariable;
  ops(context: OpsContext): TensorOps<Tensor>;
  /** Uniform [0, 1) numbers, a function of key and step alone. */
  uniform(shape: Shape, key: number, step: Tensor): Tensor;
  /** Mean softmax cross-entropy of logits `[b,c]` against target distributions `[b,c]`. */
  crossEntropy(logits: Tensor, targets: Tensor): Tensor;
  /** Ops that `body` runs stay float32 where the rest is compiled to mixed precision. */
  inFloat32<R>(body: () => R): R;
  /**
   * All weights at once, gradients clipped on the way; returns the gradients' norm. Absent: one weight after
   * the other.
   */
  readonly updateTogether?: (
    optimizer: OptimizerSpec,
    updates: readonly WeightUpdate[],
    scalars: StepScalars,
    clipNorm: number,
  ) => Tensor | undefined;
  /** Sum of squares of all gradients. */
  squaredNorm(gradients: readonly Tensor[]): Tensor;
  /** Moves one weight; `slots` in the order of `slotNames`; `decays` says whether weight decay applies. */
  update(
    optimizer: OptimizerSpec,
    weight: StateVariable,
    value: Tensor,
    slots: readonly StateVariable[],
    gradient: Tensor,
    scalars: StepScalars,
    decays: boolean,
  ): void;
}

/** State that an optimizer keeps per weight. */
export const slotNames = {
  adamw: ['first-moment', 'second-moment'],
  sgd: ['momentum'],
  lamb: ['first-moment', 'second-moment'],
} as const satisfies Record<OptimizerSpec['kind'], readonly string[]>;
