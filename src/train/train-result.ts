/** What a training leaves: a row for each epoch, and the result. */
import type { SplitRecord } from '../data/dataset.js';
import type { DeviceKey } from '../runtime/runtime.js';

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
