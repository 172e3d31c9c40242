/** A zero-cost measure: a score of an untrained network. As in the papers, higher is taken to be better. */
import type { Architecture } from '../../architecture/architecture.js';
import type { Model, WeightSet } from '../../runtime/runtime.js';
import type { Random } from '../../util/random.js';

/** Inputs of a measure. */
export interface ZeroCostInputs {
  readonly architecture: Architecture;
  /** With fresh weights at every call of a measure, which may overwrite them. */
  readonly model: Model;
  readonly weights: WeightSet;
  /** One batch of training images `[b,h,w,c]`, normalised, and their classes. */
  readonly images: Float32Array;
  readonly labels: Int32Array;
  readonly batch: number;
  readonly random: Random;
}

export interface ZeroCostMeasure {
  readonly summary: string;
  readonly source: string;
  /** False: computed from the architecture alone, without weights or data. */
  readonly needsModel: boolean;
  score(look: ZeroCostInputs): Promise<number>;
}
