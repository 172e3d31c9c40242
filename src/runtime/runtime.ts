/**
 * What executes a network. One contract, several runtimes: tfjs on native TensorFlow (eager and compiled),
 * tfjs on wasm, later others. Capabilities are asked (`supports`), never caught. Everything here is per
 * process: one candidate, one child.
 */
import type { Architecture } from '../architecture/architecture.js';
import type { SparsityMasks } from '../network/sparsity-masks.js';

export type RuntimeId = 'tensorflow' | 'wasm';
export type Execution = 'eager' | 'compiled';
/**
 * What products and convolutions compute in. `float32`: exactly that. `tf32`: float32 with a GPU's 10-bit
 * mantissa multipliers. `bfloat16`, `float16`: products and activations in 16 bits with float32 accumulation;
 * weights, sums, norms' statistics, optimizer and loss in float32. Float16 leaves exponentials, squares and
 * softmax in float32, too, and trains with a scaled loss. On a CPU its products are float32's on rounded
 * inputs, and the engine's own kernels (activations, norms, softmax) stay float32.
 */
export type Precision = 'float32' | 'tf32' | 'bfloat16' | 'float16';

/**
 * Everything that must agree before two measurements may be ranked together (measurement standard, point 14).
 */
export interface DeviceKey {
  /** GPU UUID and name, or CPU model. */
  readonly device: string;
  readonly kind: 'cpu' | 'gpu';
  /** Threads that the runtime may use (0 where it does not apply). */
  readonly threads: number;
  /** GPU driver version; '' on a CPU. */
  readonly driver: string;
  readonly runtime: RuntimeId;
  /** Package and engine versions, e.g. `tfjs-node-gpu 4.22.0, TensorFlow 2.21.0`. */
  readonly runtimeVersion: string;
  readonly execution: Execution;
  readonly precision: Precision;
  readonly xla: boolean;
  readonly layout: 'NHWC';
}

export interface Runtime {
  readonly id: RuntimeId;
  readonly supports: {
    readonly compiled: boolean;
    readonly training: boolean;
    /** Whether device memory in use can be read; else the process's high-water mark stands in. */
    readonly deviceMemory: boolean;
    /**
     * What compiled execution can compute in here, what the runtime was opened with first; eager execution
     * computes in the device's own.
     */
    readonly precisions: readonly Precision[];
  };
  /**
   * The key of rows measured in this process under `execution`; `precision` by default what that execution
   * computes in.
   */
  deviceKey(execution: Execution, precision?: Precision): DeviceKey;
  /** Creates the network's weights on the device. Same seed, same weights, on every runtime. */
  instantiate(
    architecture: Architecture,
    options: {
      readonly seed: number /** Pruned entries of weights: they count as 0 and get no gradient. */;
      readonly masks?: SparsityMasks;
    },
  ): Model;
  /** Bytes of device memory in use at its highest since start; undefined where not supported. */
  peakDeviceBytes(): number | undefined;
  /**
   * Multiply-accumulates per second of the best of several large matrix products, in about half a second:
   * what this process could reach at most, against which a network's rate is judged.
   */
  matmulMacsPerSecond(): number;
  /**
   * Bytes read and written per second by the best of several element-wise copies, small ones that stay in a
   * cache included.
   */
  copyBytesPerSecond(): number;
}

/** Weights and running statistics by path, e.g. `stage2/block1/expand/filter`. */
export type WeightSet = ReadonlyMap<
  string,
  { readonly shape: readonly number[]; readonly values: Float32Array; readonly trainable: boolean }
>;

export interface Model {
  readonly architecture: Architecture;
  /** Parameters counted from the weights that exist on the device. */
  readonly parameterCount: number;
  readWeights(): Promise<WeightSet>;
  /** @throws where a path is missing, unknown or of another shape. */
  writeWeights(weights: WeightSet): void;
  inference(options: InferenceOptions): Inference;
  /** The step owns optimizer state; one at a time per model. */
  training(options: TrainingOptions): Training;
  /**
   * One differentiated look at the network as it is; eager, float32, nothing moves. For scores of untrained
   * networks.
   */
  examine(request: ExamineRequest): Promise<Examination>;
  dispose(): void;
}

export type Examined =
  | 'weight-gradients'
  | 'image-gradients'
  | 'nonlinearities'
  | 'linear-outputs'
  | 'features'
  | 'norm-deviations';

export interface ExamineRequest {
  /** `[b,h,w,c]` as the network takes them. */
  readonly images: Float32Array;
  /** Class of each image; for cross-entropy. */
  readonly labels?: Int32Array;
  /** What is computed and differentiated: mean cross-entropy of the batch, or the sum of all logits. */
  readonly of: 'cross-entropy' | 'sum';
  readonly wants: readonly Examined[];
  /** Norms use the batch's statistics, as in training; false: the running ones. Default true. */
  readonly batchStatistics?: boolean;
  /**
   * Norms scale and shift without normalising, and activation functions but for gates pass their input: what
   * positive signals meet.
   */
  readonly linearised?: boolean;
}

export interface ExaminedTensor {
  readonly path: string;
  readonly shape: readonly number[];
  readonly values: Float32Array;
  readonly gradient?: Float32Array;
}

export interface Examination {
  readonly value: number;
  readonly weightGradients?: WeightSet;
  /** `[b,h,w,c]` */
  readonly imageGradients?: Float32Array;
  /** What each activation function was given, in order of execution. */
  readonly nonlinearities?: readonly ExaminedTensor[];
  /** What each convolution and each product with a weight gave, with its gradient. */
  readonly linearOutputs?: readonly ExaminedTensor[];
  /** The map that the head was given. */
  readonly features?: ExaminedTensor;
  /** Of each batch norm's input, over the batch: the root of its channels' mean variance. */
  readonly normDeviations?: readonly number[];
}

export interface InferenceOptions {
  readonly batch: number;
  readonly execution: Execution;
  /** By default, compiled, the first of `runtime.supports.precisions`. */
  readonly precision?: Precision;
}

export interface Inference {
  /**
   * Milliseconds of tracing and building, and of the first run (compile and autotune); columns of their own.
   */
  readonly buildMs: number;
  readonly firstRunMs: number;
  /** Starts one pass over a random, non-zero batch that lives on the device. Returns without waiting. */
  enqueue(): void;
  /**
   * Waits by reading one scalar that depends on every output enqueued since the last call; returns it.
   * With nothing enqueued since, it reads the last one again: what that takes is the cost of the read-back
   * alone.
   */
  synchronise(): Promise<number>;
  /**
   * Logits `[batch, classes]`, or of a dense task `[batch, height, width, classes]`, of images `[batch,
   * height, width, channels]`.
   */
  logits(images: Float32Array): Promise<Float32Array>;
  /**
   * The noise that a denoising network tells in images `[batch, h, w, c]` at times `[batch]` (steps, 0 to
   * 999), given shares of classes `[batch, classes]` (one 1, or all 0: unconditional) where it takes them.
   */
  denoise?(images: Float32Array, times: Float32Array, classShares?: Float32Array): Promise<Float32Array>;
  dispose(): void;
}

export type OptimizerSpec =
  | {
      readonly kind: 'adamw';
      readonly beta1: number;
      readonly beta2: number;
      readonly epsilon: number;
      readonly weightDecay: number;
    }
  | {
      readonly kind: 'sgd';
      readonly momentum: number;
      readonly nesterov: boolean;
      readonly weightDecay: number;
    }
  | {
      readonly kind: 'lamb';
      readonly beta1: number;
      readonly beta2: number;
      readonly epsilon: number;
      readonly weightDecay: number;
    };

export interface TrainingOptions {
  readonly batch: number;
  readonly execution: Execution;
  /** By default, compiled, the first of `runtime.supports.precisions`. */
  readonly precision?: Precision;
  readonly optimizer: OptimizerSpec;
  /** 0..1 */
  readonly labelSmoothing: number;
  /** Global L2 norm to clip to; 0 for none. */
  readonly clipNorm: number;
  /** Highest stochastic-depth rate, rising linearly over the blocks; 0 for none. */
  readonly dropPath: number;
  /** Seed of in-graph randomness. */
  readonly seed: number;
  /**
   * By default weight decay is not applied to vectors (norms, biases) and position tables; `all`: to every
   * weight.
   */
  readonly decay?: 'all';
  /**
   * Micro-batches of `batch` images whose mean gradient makes one step; default 1. All but the last go to
   * `accumulate`.
   */
  readonly accumulate?: number;
  /** The step's `dropPathShare` scales every drop-path rate. */
  readonly scheduledDropPath?: boolean;
  /**
   * The step's `gradientNoise` is the standard deviation of normal noise on each gradient, before clipping.
   */
  readonly noisyGradients?: boolean;
  /**
   * Keeps a moving average of weights and running statistics in slots `PATH/average`; the step's
   * `averageDecay` moves it.
   */
  readonly averages?: boolean;
  /**
   * Of float16 alone: the loss is scaled by `initial` (a power of two, default 32768), doubled after
   * `growthSteps` good steps in a row (default 2000), halved where the gradient is not finite, which skips
   * the step. The scale and its counts are slots.
   */
  readonly lossScale?: { readonly initial?: number; readonly growthSteps?: number };
  /** A step's labels are mixed with others: `StepSettings.mixed` comes with every batch. */
  readonly mixesLabels?: boolean;
}

/**
 * What changes from step to step: fed, never frozen. What is absent stays 1 (share), 0 (noise) and 0 (decay).
 */
export interface StepSettings {
  readonly learningRate: number;
  readonly dropPathShare?: number;
  readonly gradientNoise?: number;
  readonly averageDecay?: number;
  /** Second labels `[batch]` and the share of the first, of mixup and CutMix. */
  readonly mixed?: { readonly labels: Int32Array; readonly share: number };
}

export interface StepResult {
  readonly loss: number;
  /** Examples of the batch whose arg-max was the label. */
  readonly correct: number;
  /** Global L2 norm of the gradient before clipping. */
  readonly gradientNorm: number;
  /**
   * Of float16: what the next step's loss is multiplied by, and whether this step moved nothing since its
   * gradient was not finite.
   */
  readonly lossScale?: number;
  readonly skipped?: boolean;
}

export interface Training {
  readonly buildMs: number;
  readonly firstRunMs: number;
  /**
   * One step. `images` `[batch, h, w, c]`, `labels` `[batch]`, or of a dense task `[batch·h·w]` (255:
   * unlabelled).
   */
  step(images: Float32Array, labels: Int32Array, settings: StepSettings): Promise<StepResult>;
  /**
   * A micro-batch before the step's last: its gradient is kept, nothing moves; `gradientNorm` is 0. Only with
   * `accumulate` above 1.
   */
  accumulate?(images: Float32Array, labels: Int32Array, settings: StepSettings): Promise<StepResult>;
  /**
   * Optimizer state by path and the step counter, for checkpoints; with the model's weights it resumes bit
   * for bit.
   */
  readState(): Promise<{ readonly step: number; readonly slots: WeightSet }>;
  writeState(state: { readonly step: number; readonly slots: WeightSet }): void;
  dispose(): void;
}
