/**
 * Scores of untrained networks. Higher is taken to be better, as the papers have it; whether it is, the lab's
 * own results say.
 */
import type { Architecture } from '../../architecture/architecture.js';
import type { Model, WeightSet } from '../../runtime/runtime.js';
import type { Random } from '../../util/random.js';

/** What a measure may look at. */
export interface ZeroCostInputs {
  readonly architecture: Architecture;
  /** Fresh weights at every call of a measure; a measure may overwrite them. */
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
