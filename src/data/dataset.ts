/** A data set in memory: image sets, splits, their hashes. */
import type { ParamValue } from '../util/params.js';

/** A labelled image set in memory; pixels are 8-bit, row-major `[count, height, width, channels]`. */
export interface ImageSet {
  readonly count: number;
  readonly height: number;
  readonly width: number;
  readonly channels: number;
  readonly pixels: Uint8Array;
  /** Class of each image, 0-based; where there are masks, all 0. */
  readonly labels: Uint16Array;
  /** Class of each pixel, `[count, height, width]`; `unlabelled` is ignored. Of segmentation sets only. */
  readonly masks?: Uint8Array;
  /** Index of images that are read on demand; `pixels` is then empty. */
  readonly stream?: ImageStream;
}

/**
 * An index of images that are read from their files on demand; plain data, so that it can be sent to worker
 * threads.
 */
export interface ImageStream {
  readonly files: readonly string[];
  /** Size and time of change of each file when it was indexed. */
  readonly stamps: readonly string[];
  /** SHA-256 over all bytes of all files. */
  readonly contentHash: string;
  /** Per image: its file, its first byte there, how many bytes. */
  readonly shard: Uint32Array;
  readonly offset: Float64Array;
  readonly bytes: Uint32Array;
  /** Pixels a side after decoding. */
  readonly size: number;
}

/** Mask value of pixels without a class, which the loss and the scores ignore. */
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
  /** Evaluated after each epoch; search and fronts select on it. */
  readonly validation: ImageSet;
  /** Per channel, of the training split, pixels as fractions. */
  readonly mean: readonly number[];
  readonly std: readonly number[];
  /** SHA-256 over pixels and labels of the training and validation splits; recorded with every score. */
  readonly hash: string;
  /** Loads the test split, which no search uses; absent where the call leaves none. */
  readonly test?: () => Promise<ImageSet>;
}

/** A data set call as written in an experiment file. */
export interface DatasetCall {
  readonly name: string;
  readonly args: Readonly<Record<string, ParamValue>>;
}

/** A data set call with the absolute folder that paths among its arguments are relative to. */
export interface ResolvedDatasetCall extends DatasetCall {
  readonly baseFolder: string;
}
