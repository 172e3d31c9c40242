/** A training recipe as a value: what a training does, complete. */
import type { AugmentationRecipe } from '../../data/augment/augmentation-recipe.js';
import type { DatasetCall } from '../../data/dataset.js';
import type { TicketUnit } from '../../network/structured-masks.js';
import type { OptimizerSpec } from '../../runtime/runtime.js';

/**
 * Complete settings of a training. An absent optional field is off, so that a recipe without it keeps the
 * hash from before the field existed.
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
  /** Fraction of the training images to train on, the same ones for every seed: a cheaper fidelity. */
  readonly fraction?: number;
  /** Micro-batches of one optimizer step; divides `batch`. */
  readonly accumulate?: number;
  /**
   * Variance of normal noise on the gradient, divided by (1 + t)^0.55 at step t
   * (https://arxiv.org/abs/1511.06807).
   */
  readonly gradientNoise?: number;
  /** Decay of the exponential moving average of the weights, which is then evaluated and saved. */
  readonly ema?: number;
  /**
   * Draws the maps of the stages towards those of the request's guide network: `weight` · mean of 1 − CKA
   * (https://arxiv.org/abs/2410.20035). The guide is trained for `epochs` before, default 0: untrained.
   */
  readonly guidance?: { readonly weight: number; readonly epochs?: number };
  /**
   * Trains the network, prunes `share` of its blocks, heads or hidden channels, and trains what is left
   * again: a lottery ticket that is a sub-architecture (https://arxiv.org/abs/1803.03635). `start: fresh`:
   * from other initial weights than the ticket's own; `choice: random`: units drawn at random.
   */
  readonly ticket?: {
    readonly of: TicketUnit;
    readonly share: number;
    readonly start?: 'fresh';
    readonly choice?: 'random';
  };
  /**
   * Seeds in place of the trial's: two trainings with one order seed see the images in the same order,
   * whatever their own seeds.
   */
  readonly fixedSeeds?: {
    readonly weights?: number;
    readonly order?: number;
    readonly augmentation?: number;
  };
  /** Stages run in order, in place of a single one; each overrides the fields that it has. */
  readonly stages?: readonly RecipeStage[];
}

/**
 * One stage of a multi-stage training: resolution, data and learning rate, as in AsCAN's text-to-image
 * schedule (https://arxiv.org/abs/2411.04967).
 */
export interface RecipeStage {
  readonly epochs: number;
  /** Pixels a side of images and network input; position tables are resampled. */
  readonly resolution?: number;
  readonly learningRate?: number;
  readonly finalLearningRate?: number;
  readonly warmupFraction?: number;
  readonly dropPath?: number;
  readonly dataset?: DatasetCall;
}
