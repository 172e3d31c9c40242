/** What a training is asked, and what it leaves. */
import type { Architecture } from '../architecture/architecture.js';
import type { AugmentationRecipe } from '../data/augment/augmentation-recipe.js';
import type { DatasetCall, ResolvedDatasetCall, SplitRecord } from '../data/dataset.js';
import type { ComputeOptions } from '../runtime/compute.js';
import type { DeviceKey, Execution, OptimizerSpec, RuntimeId } from '../runtime/runtime.js';
import type { InheritMode } from './inherit/inherit.js';

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

export interface TrainRequest extends ComputeOptions {
  readonly architecture: Architecture;
  readonly dataset: ResolvedDatasetCall;
  readonly recipe: Recipe;
  readonly runtime: RuntimeId;
  readonly execution: Execution;
  readonly threads: number;
  /**
   * Drives initial weights, data order and augmentation through separate streams; pairs share the data order.
   */
  readonly seed: number;
  /**
   * Where the checkpoint of this trial lives; resumed when it fits, replaced atomically after each epoch and
   * every minute between.
   */
  readonly checkpointFile: string;
  /** Weights to start from in place of fresh ones; see `inherit/inherit`. */
  readonly initial?: {
    readonly file: string /** Of the file's bytes. */;
    readonly sha256: string;
    readonly mode: InheritMode;
  };
  /** Where the final weights go, as safetensors; absent: nowhere. */
  readonly weightsFile?: string;
  /** What the data must hash to: what it was when the run began; absent: anything. */
  readonly expectedHash?: string;
  /** Milliseconds between checkpoints within an epoch: what a kill may cost; default 60,000. */
  readonly checkpointEveryMs?: number;
  /**
   * Worker threads that make batches ahead; 0: the training's own thread makes them; default 1. Decides
   * speed, not results.
   */
  readonly loaders?: number;
}

export interface EpochRow {
  readonly epoch: number; // from 1
  readonly trainLoss: number;
  readonly trainTop1: number; // fraction
  readonly validationLoss: number;
  readonly validationTop1: number; // fraction
  readonly learningRate: number; // at the epoch's end
  readonly gradientNorm: number; // mean over the epoch
  readonly imagesPerSecond: number; // training, data included
  readonly seconds: number;
  /** Fraction; where there are more than five classes. */
  readonly validationTop5?: number;
  /** Mean intersection over union; of segmentation, where top-1 is the accuracy of pixels. */
  readonly validationMiou?: number;
  /** Share of the training time spent waiting for batches. */
  readonly dataShare?: number;
  /** Highest memory so far: of the device where it can be read, else of the process. */
  readonly peakBytes?: number;
  /**
   * Of float16: steps whose gradient was not finite at the loss scale of the time; they moved nothing and
   * count in no mean. Of log lines, not stored.
   */
  readonly skippedSteps?: number;
}

/** What the last scoring pass says class by class. */
export interface ClassReport {
  readonly classes: readonly string[];
  /** Images (or pixels) by true class and predicted class, `[classes][classes]`. */
  readonly confusion: readonly (readonly number[])[];
}

export interface TrainResult {
  /** `stopped`: ended early by the caller's rule. */
  readonly status: 'ok' | 'stopped' | 'diverged' | 'out-of-memory' | 'crashed' | 'timed-out' | 'failed';
  readonly reason: string;
  readonly deviceKey: DeviceKey;
  readonly datasetHash: string;
  readonly epochs: readonly EpochRow[];
  readonly validationTop1?: number;
  readonly validationLoss?: number;
  readonly validationCount?: number;
  readonly steps: number;
  readonly seconds: number;
  readonly resumedFromEpoch: number; // 0: from the start
  readonly firstStepMs: number;
  readonly validationTop5?: number;
  readonly validationMiou?: number;
  readonly splits?: readonly SplitRecord[];
  /** Of the last epoch's scoring. */
  readonly classReport?: ClassReport;
  /** Of denoising: images drawn with the final weights, a row a class, as a PNG beside the weights. */
  readonly samplesFile?: string;
  /** The file of the final weights and the SHA-256 of its bytes. */
  readonly weights?: { readonly file: string; readonly sha256: string };
}
