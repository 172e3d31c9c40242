/** Data sets, recipe and what a training leaves. */
import type { Architecture } from '../architecture/architecture.js';
import type { DeviceKey, Execution, OptimizerSpec, RuntimeId } from '../runtime/contract.js';

/** A labelled image set in memory; pixels are 8-bit, row-major `[count, height, width, channels]`. */
export interface ImageSet {
  readonly count: number;
  readonly height: number;
  readonly width: number;
  readonly channels: number;
  readonly pixels: Uint8Array;
  /** Class of each image, 0-based. */
  readonly labels: Uint16Array;
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
  /** SHA-256 over pixels and labels of both splits: recorded with every score. */
  readonly hash: string;
}

export interface Recipe {
  readonly epochs: number;
  readonly batch: number;
  readonly optimizer: OptimizerSpec;
  /** Peak learning rate; linear warm-up over `warmupFraction` of the steps, then cosine to `finalLearningRate`. */
  readonly learningRate: number;
  readonly finalLearningRate: number;
  readonly warmupFraction: number;
  readonly labelSmoothing: number;
  readonly clipNorm: number;
  readonly dropPath: number;
  readonly flip: boolean;
  /** Pixels of padding for random crops; 0 for none. */
  readonly crop: number;
}

export interface TrainRequest {
  readonly architecture: Architecture;
  /** Data set call as written in the experiment: name and arguments, resolved by the data table. */
  readonly dataset: { readonly name: string; readonly args: Readonly<Record<string, number | string | boolean>>; readonly baseFolder: string };
  readonly recipe: Recipe;
  readonly runtime: RuntimeId;
  readonly execution: Execution;
  readonly threads: number;
  /** Drives initial weights, data order and augmentation through separate streams; pairs share the data order. */
  readonly seed: number;
  /** Where the checkpoint of this trial lives; resumed when it fits, replaced atomically after each epoch. */
  readonly checkpointFile: string;
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
}

export interface TrainResult {
  readonly status: 'ok' | 'diverged' | 'out-of-memory' | 'crashed' | 'timed-out' | 'failed';
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
}
