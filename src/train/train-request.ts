/** What a training child is asked to do. */
import type { Architecture } from '../architecture/architecture.js';
import type { ResolvedDatasetCall } from '../data/dataset.js';
import type { ComputeOptions } from '../runtime/compute.js';
import type { Execution, RuntimeId } from '../runtime/runtime.js';
import type { Recipe } from './recipe/recipe.js';
import type { InheritMode } from './weights/inherit/inherit.js';

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
