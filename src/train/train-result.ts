/** Result of a training, with a row for each epoch. */
import type { SplitRecord } from '../data/dataset.js';
import type { DeviceKey } from '../runtime/runtime.js';

export interface EpochRow {
  readonly epoch: number; // from 1
  readonly trainLoss: number;
  readonly trainTop1?: number; // fraction; absent for denoising
  readonly validationLoss: number;
  readonly validationTop1?: number; // fraction; absent for denoising
  readonly learningRate: number; // at the epoch's end
  readonly gradientNorm: number; // mean over the epoch
  readonly imagesPerSecond: number; // training, data included
  readonly seconds: number;
  /** Fraction; where there are more than five classes. */
  readonly validationTop5?: number;
  /** Mean intersection over union; of segmentation, where top-1 is the accuracy of pixels. */
  readonly validationMiou?: number;
  /** Fraction of the training time spent waiting for batches. */
  readonly dataShare?: number;
  /** Peak memory so far: of the device where it can be read, else of the process. */
  readonly peakBytes?: number;
  /**
   * With float16: steps skipped because the scaled gradient was not finite. They change no weight and count
   * in no mean. For log lines; not stored.
   */
  readonly skippedSteps?: number;
}

/** Confusion of classes in the last evaluation. */
export interface ClassReport {
  readonly classes: readonly string[];
  /** Images (or pixels) by true class and predicted class, `[classes][classes]`. */
  readonly confusion: readonly (readonly number[])[];
}

export interface TrainResult {
  /** `stopped`: ended early by the caller's stopping rule. */
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
  /** Of the last epoch's evaluation. */
  readonly classReport?: ClassReport;
  /** Of denoising: PNG beside the weights with samples of the final network, one row a class. */
  readonly samplesFile?: string;
  /** The file of the final weights and the SHA-256 of its bytes. */
  readonly weights?: { readonly file: string; readonly sha256: string };
}
