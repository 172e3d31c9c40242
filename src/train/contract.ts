/** Data sets, recipe and what a training leaves. */
import type { Architecture } from '../architecture/architecture.js';
import type { ImageStream } from '../data/stream.js';
import type { ComputeOptions } from '../runtime/compute.js';
import type { DeviceKey, Execution, OptimizerSpec, RuntimeId } from '../runtime/contract.js';
import type { InheritMode } from './inherit/inherit.js';

/** A labelled image set in memory; pixels are 8-bit, row-major `[count, height, width, channels]`. */
export interface ImageSet {
  readonly count: number;
  readonly height: number;
  readonly width: number;
  readonly channels: number;
  readonly pixels: Uint8Array;
  /** Class of each image, 0-based; where there are masks, all 0. */
  readonly labels: Uint16Array;
  /** Class of each pixel, `[count, height, width]`; `unlabelled` takes no part. Only of segmentation sets. */
  readonly masks?: Uint8Array;
  /** Where the images lie that are read when they are wanted; `pixels` is empty then. */
  readonly stream?: ImageStream;
}

/** Mask value of pixels that belong to no class: they count neither in the loss nor in the score. */
export const unlabelled = 255;

export type SplitName = 'train' | 'validation' | 'test';
export interface SplitRecord {
  readonly split: SplitName;
  readonly count: number;
  /** SHA-256 over shape, pixels, labels and masks of this split. */
  readonly hash: string;
}

export interface Dataset {
  /** Canonical description, e.g. `motif(train: 4000, test: 1000, seed: 1)`. */
  readonly name: string;
  readonly classes: readonly string[];
  readonly train: ImageSet;
  /** Scored after each epoch; search and fronts select on it. */
  readonly validation: ImageSet;
  /** Per channel, of the training split, pixels as fractions. */
  readonly mean: readonly number[];
  readonly std: readonly number[];
  /** SHA-256 over pixels and labels of training and validation split: recorded with every score. */
  readonly hash: string;
  /** The split that no search sees, loaded when it is asked for; absent where the call leaves none. */
  readonly test?: () => Promise<ImageSet>;
}

/** How images are changed while training; every field absent is off. */
export interface AugmentationRecipe {
  /** Mirror each image left to right with probability one half. */
  readonly flip: boolean;
  /** Pixels of padding for random crops; 0 for none. */
  readonly crop: number;
  /**
   * Smallest area, as a fraction, of a random crop that is resized to the whole (Inception-style, aspect 3/4
   * to 4/3).
   */
  readonly resizedCrop?: number;
  /**
   * RandAugment (https://arxiv.org/abs/1909.13719): operations an image, and their magnitude (10: full
   * strength).
   */
  readonly randaugment?: { readonly operations: number; readonly magnitude: number };
  /** Largest relative change of brightness, contrast and saturation. */
  readonly jitter?: number;
  /** Probability of random erasing (https://arxiv.org/abs/1708.04896), filled with normal noise. */
  readonly erase?: number;
  /**
   * Beta parameter of mixup (https://arxiv.org/abs/1710.09412), of CutMix (https://arxiv.org/abs/1905.04899);
   * both: one of them a batch.
   */
  readonly mixup?: number;
  readonly cutmix?: number;
}

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
  readonly dataset?: {
    readonly name: string;
    readonly args: Readonly<Record<string, number | string | boolean>>;
  };
}

export interface TrainRequest extends ComputeOptions {
  readonly architecture: Architecture;
  /** Data set call as written in the experiment: name and arguments, resolved by the data table. */
  readonly dataset: {
    readonly name: string;
    readonly args: Readonly<Record<string, number | string | boolean>>;
    readonly baseFolder: string;
  };
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
