/** The interface over the ways to run tfjs: module, variables, ops, optimizer updates and loss. */

import type { Shape, TensorOps } from '../../tensor/tensor-ops.js';
import type { OptimizerSpec, RuntimeId } from '../runtime.js';
import type { CreateVariable, StateVariable } from './model/state-store.js';
import type { NativeEngine, Tensor, Tf } from './native-engine.js';
import type { OpsContext } from './ops/ops-context.js';

/** Scalars that change from step to step, so a graph takes them as inputs. float32 unless stated. */
export interface StepScalars {
  /** Steps before this one; int32. */
  readonly step: Tensor;
  readonly learningRate: Tensor;
  /** learningRate · weightDecay, of decoupled decay. */
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

/** One weight's part of a step. */
export interface WeightUpdate {
  readonly weight: StateVariable;
  readonly value: Tensor;
  /** The optimizer's state of the weight, in the order of `slotNames`. */
  readonly slots: readonly StateVariable[];
  readonly gradient: Tensor;
  /** Whether weight decay applies. */
  readonly decays: boolean;
}

export interface Platform {
  readonly id: RuntimeId;
  readonly tf: Tf;
  /** Present where functions can be compiled to TensorFlow graphs. */
  readonly native?: NativeEngine;
  readonly createVariable: CreateVariable;
  ops(context: OpsContext): TensorOps<Tensor>;
  /** Uniform [0, 1) numbers, a function of key and step. */
  uniform(shape: Shape, key: number, step: Tensor): Tensor;
  /** Mean softmax cross-entropy of logits `[b,c]` against target distributions `[b,c]`. */
  crossEntropy(logits: Tensor, targets: Tensor): Tensor;
  /** Keeps the ops that `body` runs in float32 in a mixed-precision graph. */
  inFloat32<R>(body: () => R): R;
  /**
   * Clips the gradients and updates all weights at once; returns the gradients' norm. Absent, or undefined:
   * the caller updates one weight after the other.
   */
  readonly updateTogether?: (
    optimizer: OptimizerSpec,
    updates: readonly WeightUpdate[],
    scalars: StepScalars,
    clipNorm: number,
  ) => Tensor | undefined;
  /** Sum of squares of all gradients. */
  squaredNorm(gradients: readonly Tensor[]): Tensor;
  /** Updates one weight and its slots. */
  update(optimizer: OptimizerSpec, update: WeightUpdate, scalars: StepScalars): void;
}

/** State that an optimizer keeps per weight. */
export const slotNames = {
  adamw: ['first-moment', 'second-moment'],
  sgd: ['momentum'],
  lamb: ['first-moment', 'second-moment'],
} as const satisfies Record<OptimizerSpec['kind'], readonly string[]>;
