/** What a training child is asked to do. */
import type { Architecture } from '../architecture/architecture.js';
import type { ResolvedDatasetCall } from '../data/dataset.js';
import type { ComputeOptions } from '../runtime/compute.js';
import type { Execution, RuntimeId } from '../runtime/runtime.js';
import type { Recipe } from './recipe/recipe.js';
import type { SupernetRequest } from './supernet/supernet-request.js';
import type { InitialWeights } from './weights/inherit/initial-weights.js';

export interface TrainRequest extends ComputeOptions {
  /** Of a supernet the member with the most MACs, which the curve shows. */
  readonly architecture: Architecture;
  readonly dataset: ResolvedDatasetCall;
  readonly recipe: Recipe;
  readonly runtime: RuntimeId;
  readonly execution: Execution;
  readonly threads: number;
  /** Seeds initial weights, data order and augmentation, each a stream of its own. */
  readonly seed: number;
  /**
   * Checkpoint of this trial: resumed where its request hash fits, replaced atomically after each epoch and
   * every `checkpointEveryMs` within one.
   */
  readonly checkpointFile: string;
  /** The network that the recipe's guidance aligns with. */
  readonly guide?: Architecture;
  /** Weights to inherit; absent: fresh ones. */
  readonly initial?: InitialWeights;
  /** Safetensors file to write the final weights to; absent: they are not written. */
  readonly weightsFile?: string;
  /**
   * Trains the weights that all members of a space share: each micro-batch of a step runs another member.
   * Execution must be eager; the weights file then holds the shared weights. Absent: trains `architecture`.
   */
  readonly supernet?: SupernetRequest;
  /** Hash that the data must have, from the start of the run; absent: not checked. */
  readonly expectedHash?: string;
  /** Milliseconds between checkpoints within an epoch; default 60,000. */
  readonly checkpointEveryMs?: number;
  /**
   * Worker threads that make batches ahead; 0: the training's own thread makes them; default 1. Affects speed
   * only, not results.
   */
  readonly loaders?: number;
}
