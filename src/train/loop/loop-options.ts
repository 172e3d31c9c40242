/** What the training loop takes, reports while it runs, and returns. */
import type { BatchSource } from '../../data/batches/batch-source.js';
import type { Dataset } from '../../data/dataset.js';
import type { Task } from '../../network/task.js';
import type { Execution, Model, WeightSet } from '../../runtime/runtime.js';
import type { Evaluation } from '../evaluate/evaluate-set.js';
import type { Recipe } from '../recipe/recipe.js';
import type { EpochRow } from '../train-result.js';
import type { Checkpoint } from './checkpoint.js';

/** Everything needed to continue a training at the same step. */
export type LoopState = Omit<Checkpoint, 'request'>;

/** Totals of the finished stages of a multi-stage training. */
export interface PreviousStages {
  /** How many stages are finished. */
  readonly stage: number;
  readonly epochs: readonly EpochRow[];
  readonly steps: number;
  readonly seconds: number;
  readonly firstStepMs: number;
}

export interface LoopOptions {
  readonly model: Model;
  readonly dataset: Dataset;
  /** Recipe of one stage. */
  readonly recipe: Recipe;
  readonly execution: Execution;
  /** The network that the recipe's guidance aligns with; its weights stay. */
  readonly guide?: Model;
  /** Default: classification. */
  readonly task?: Task;
  /** Classes that a denoising network is conditioned on; default 0: unconditional. */
  readonly conditionClasses?: number;
  readonly seed: number;
  /** State to resume from; absent: starts from the model's weights. */
  readonly resumeFrom?: LoopState;
  /** Absent: this is the first stage. */
  readonly previousStages?: PreviousStages;
  /** Epochs of the stages to come; default 0. */
  readonly laterEpochs?: number;
  /** Supplies batches and is closed by the caller; absent: this thread makes them. */
  readonly source?: BatchSource;
  /** Monotonic clock, in milliseconds. */
  now(): number;
  /** Yields to other events of the process; called after every step. */
  pause(): Promise<void>;
  /** Peak memory so far, in bytes. */
  peakBytes?(): number;
  onStep?(progress: StepProgress): void;
  /** Called after each epoch, before the next begins. An error thrown here ends the training. */
  onEpoch?(row: EpochRow, state: LoopState): void;
  /** Saves the state within an epoch once `everyMs` milliseconds have passed since the last state. */
  onState?: { readonly everyMs: number; keep(state: LoopState): void };
}

export interface StepProgress {
  readonly epoch: number; // from 1
  readonly epochs: number;
  readonly step: number; // of the whole training, from 1
  readonly steps: number;
  readonly loss: number;
  readonly imagesPerSecond: number;
  /** Estimate for the rest of the training, evaluation passes included. */
  readonly secondsLeft: number;
}

export interface LoopResult {
  /** Why the training ended early; undefined where it ran to its end. */
  readonly diverged: string | undefined;
  readonly epochs: readonly EpochRow[];
  /** Optimizer steps of all stages so far. */
  readonly steps: number;
  readonly seconds: number;
  /** From the start of building the training graph to the end of its first step. */
  readonly firstStepMs: number;
  /** The last evaluation on the validation split. */
  readonly score?: Evaluation;
  /** The weights that were evaluated last: the moving averages where the recipe keeps them. */
  readonly weights?: WeightSet;
}
