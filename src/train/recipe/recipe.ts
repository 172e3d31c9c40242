/** A training recipe as a value: what a training does, complete. */
import type { AugmentationRecipe } from '../../data/augment/augmentation-recipe.js';
import type { DatasetCall } from '../../data/dataset.js';
import type { OptimizerSpec } from '../../runtime/runtime.js';

/**
 * What a training does, complete. Optional fields that are absent are off: a recipe without them says, and
 * hashes to, what it did before they existed.
 */
export interface Recipe extends AugmentationRecipe {
  readonly epochs: number;
  /** Images of one optimizer step. */
  readonly batch: number;
  readonly optimizer: OptimizerSpec;
  /**
   * Peak learning rate; linear warm-up over `warmupFraction` of the steps, then cosine to
   * `finalLearningRate`.
   */
  readonly learningRate: number;
  readonly finalLearningRate: number;
  readonly warmupFraction: number;
  readonly labelSmoothing: number;
  readonly clipNorm: number;
  readonly dropPath: number;
  /**
   * `linear`: the rate grows from 0 over the training (NASNet's scheduled drop-path,
   * https://arxiv.org/abs/1707.07012).
   */
  readonly dropPathSchedule?: 'linear';
  /** `all`: weight decay on norms, biases and position tables too. */
  readonly decay?: 'all';
  /** Of the training images, the same ones whatever the seed: a cheaper fidelity. */
  readonly fraction?: number;
  /** Micro-batches that a step is made of; they divide `batch`. */
  readonly accumulate?: number;
  /**
   * Variance of normal noise on the gradient, divided by (1 + t)^0.55 at step t
   * (https://arxiv.org/abs/1511.06807).
   */
  readonly gradientNoise?: number;
  /** Decay of the exponential moving average of the weights, which is what is scored and kept. */
  readonly ema?: number;
  /**
   * Seeds that do not follow the trial's: two trainings with one order seed see the images in one order,
   * whatever their seeds.
   */
  readonly fixedSeeds?: {
    readonly weights?: number;
    readonly order?: number;
    readonly augmentation?: number;
  };
  /** Stages one after the other, in place of one of `epochs`; each may change what it names. */
  readonly stages?: readonly RecipeStage[];
}

/**
 * One stage of a multi-stage training, in the manner of AsCAN's text-to-image schedule (resolution, data,
 * rate per stage).
 */
export interface RecipeStage {
  readonly epochs: number;
  /** Pixels a side; the networks take their input at it, position tables are resampled. */
  readonly resolution?: number;
  readonly learningRate?: number;
  readonly finalLearningRate?: number;
  readonly warmupFraction?: number;
  readonly dropPath?: number;
  readonly dataset?: DatasetCall;
}
