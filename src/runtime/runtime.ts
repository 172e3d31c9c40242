/**
 * The contract of runtimes, which execute networks: tfjs on native TensorFlow (eager and compiled) and on
 * wasm, PyTorch and ONNX Runtime in a Python process. Callers check capabilities in `supports` instead of
 * catching errors. A process has one runtime, so each candidate gets a child process.
 */
import type { Architecture } from '../architecture/architecture.js';
import type { SparsityMasks } from '../network/sparsity-masks.js';
import type { SupernetPlan } from '../network/supernet/supernet-plan.js';

export const runtimeIds = ['tensorflow', 'wasm', 'pytorch', 'onnxruntime'] as const;
export type RuntimeId = (typeof runtimeIds)[number];
export type Execution = 'eager' | 'compiled';
/**
 * Precision of products and convolutions. `tf32`: float32 with a GPU's 10-bit mantissa multipliers.
 * `bfloat16`, `float16`: products and activations in 16 bits with float32 accumulation; weights, sums, norms'
 * statistics, optimizer and loss in float32. `float16` also keeps exponentials, squares and softmax in
 * float32, and trains with a scaled loss. On a CPU its products are float32 on rounded inputs, and the
 * engine's own kernels (activations, norms, softmax) stay float32.
 */
export type Precision = 'float32' | 'tf32' | 'bfloat16' | 'float16';

/** Everything that must be equal before two measurements may be ranked together. */
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
  /** Order of images and maps in memory; `channels-last`: PyTorch's name of NHWC. */
  readonly layout: 'NHWC' | 'NCHW' | 'channels-last';
  /** PyTorch only: compiled passes replay CUDA graphs. Absent: they do not. */
  readonly graphs?: 'cuda';
  /** PyTorch only: processes that train together. Absent: one. */
  readonly ranks?: number;
  /**
   * The engine's own kernels that are on, by name, or `off`: TensorFlow's ops alone. Absent on GPUs and wasm,
   * and in rows of earlier versions, where it is unknown. `runtimeVersion` names the binary.
   */
  readonly kernels?: string;
  /** Variables that change which code runs on the CPU or GPU, as `NAME=value`; absent: none is set. */
  readonly limits?: string;
}

export interface Runtime {
  readonly id: RuntimeId;
  readonly supports: {
    readonly compiled: boolean;
    readonly training: boolean;
    /** Whether device memory in use can be read; else the process's peak memory is reported. */
    readonly deviceMemory: boolean;
    /**
     * Precisions of compiled execution, the one that the runtime was opened with first. Eager execution uses
     * the device's own; PyTorch's has all.
     */
    readonly precisions: readonly Precision[];
  };
  /** Execution where none is requested; default: compiled where it is supported. */
  readonly usualExecution?: Execution;
  /** The process that computes, where it is not this one. */
  readonly worker?: WorkerProcess;
  /** The key of rows measured in this process; `precision` defaults to that of the execution. */
  deviceKey(execution: Execution, precision?: Precision): DeviceKey;
  /** Creates the network's weights on the device. Same seed, same weights, on every runtime. */
  instantiate(
    architecture: Architecture,
    options: {
      readonly seed: number;
      /** Pruned entries of weights: they are 0 and get no gradient. */
      readonly masks?: SparsityMasks;
    },
  ): Model;
  /**
   * Creates the shared weights of a supernet. Same seed, same weights. Its passes are eager, since a graph
   * holds one architecture.
   */
  instantiateSupernet(plan: SupernetPlan, options: SupernetOptions): SupernetModel;
  /** Peak of device memory in use since start, bytes; undefined where not supported. */
  peakDeviceBytes(): number | undefined;
  /**
   * Highest rate of large matrix products, multiply-accumulates per second: an upper bound for networks.
   * Takes about half a second.
   */
  matmulMacsPerSecond(): number;
  /** Highest rate of element-wise copies, bytes read and written per second; includes copies in the cache. */
  copyBytesPerSecond(): number;
  /**
   * Milliseconds between two operations of a compiled pass that are too small to keep the device busy: the
   * cost of a launch. Absent where passes are not launched by this process. Takes a tenth of a second.
   */
  launchMs?(): number;
}

/** Another process that computes for this one. */
export interface WorkerProcess {
  readonly pid: number;
  usage(): ProcessUsage;
  /** Lets the peaks begin anew, where the system allows it. */
  resetPeak(): void;
}

/** Running totals of a process. */
export interface ProcessUsage {
  /** Processor time of all threads. */
  readonly cpuMs: number;
  /** Time that threads waited for a processor; null where the system does not say. */
  readonly waitMs: number | null;
  /** Resident memory now, and its peak since start or the last reset. */
  readonly residentBytes: number;
  readonly peakBytes: number;
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
  /** Differentiates the network once, for scores of untrained networks; eager, float32, changes nothing. */
  examine(request: ExamineRequest): Promise<Examination>;
  dispose(): void;
}

export interface SupernetOptions {
  readonly seed: number;
  /** Member whose logits are those of the model's `inference`. */
  readonly shown: Architecture;
  /** Batches `[b,h,w,c]` of training images, at least one, from which running statistics are calibrated. */
  readonly calibration: readonly Float32Array[];
  /** The member that trains in a micro-batch; steps and micro-batches count from 0. */
  path(step: number, microBatch: number): Architecture;
}

/**
 * Weights that all members of a space share. As a model: `training` runs the member that `path` names in each
 * micro-batch, and a step moves only the weights that its members use; `inference` runs the shown member.
 * Weights are those shared; running statistics belong to members and are calibrated anew.
 */
export interface SupernetModel extends Model {
  /**
   * A member with the present weights, its running statistics calibrated.
   * @throws UserError naming the block and parameter that cannot be sliced
   */
  member(architecture: Architecture): Promise<SupernetMember>;
}

export interface SupernetMember {
  readonly architecture: Architecture;
  /** Of images `[b,h,w,c]`, any number. */
  logits(images: Float32Array): Promise<Float32Array>;
  /** What a stand-alone model of this architecture takes to compute the same. */
  readWeights(): WeightSet;
  dispose(): void;
}

/** Results of an examination, to select in `ExamineRequest.wants`. */
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
  /** The function to differentiate: mean cross-entropy of the batch, or the sum of all logits. */
  readonly of: 'cross-entropy' | 'sum';
  readonly wants: readonly Examined[];
  /** Norms use the batch's statistics, as in training (default), or the running ones. */
  readonly batchStatistics?: boolean;
  /**
   * Norms scale and shift without normalising, and activation functions except gates pass their input: the
   * network that positive signals see.
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
  /** Input of each activation function, in order of execution. */
  readonly nonlinearities?: readonly ExaminedTensor[];
  /** Output of each convolution and each product with a weight, with its gradient. */
  readonly linearOutputs?: readonly ExaminedTensor[];
  /** Input of the head. */
  readonly features?: ExaminedTensor;
  /** By batch norm: root of the mean variance of its input's channels over the batch. */
  readonly normDeviations?: readonly number[];
}

export interface InferenceOptions {
  readonly batch: number;
  readonly execution: Execution;
  /** Default: the device's own; compiled, the first of `runtime.supports.precisions`. */
  readonly precision?: Precision;
}

export interface Inference {
  /** Milliseconds of tracing and building, and of the first run, which compiles and autotunes. */
  readonly buildMs: number;
  readonly firstRunMs: number;
  /**
   * Operations that a compiled pass launches, before the engine fuses some; absent where unknown, as under
   * XLA.
   */
  readonly launches?: number | undefined;
  /** Builds what the passes need, without running one; otherwise the first pass does. */
  build?(): void;
  /** Starts one pass over a random, non-zero batch on the device. Returns without waiting. */
  enqueue(): void;
  /**
   * Waits for all passes by reading one scalar that depends on every output enqueued since the last call.
   * With nothing enqueued since, it reads the last scalar again: the cost of the read-back alone.
   */
  synchronise(): Promise<number>;
  /**
   * Where another process computes: runs passes and waits for them by the read-back, and gives their time by
   * the clock of that process, without the way there. 0 passes: the cost of the read-back alone.
   */
  timePasses?(passes: number): Promise<PassTime>;
  /**
   * Logits of images `[batch, height, width, channels]`: `[batch, classes]`, for dense tasks
   * `[batch, height, width, classes]`.
   */
  logits(images: Float32Array): Promise<Float32Array>;
  /**
   * Predicts the noise in `images` `[batch, h, w, c]` at diffusion steps `times` `[batch]` (0 to 999).
   * `classShares` `[batch, classes]` of a class-conditional network are one-hot, or all 0: unconditional.
   */
  denoise?(images: Float32Array, times: Float32Array, classShares?: Float32Array): Promise<Float32Array>;
  dispose(): void;
}

export interface PassTime {
  /** From the start of the first pass to the end of the read-back. */
  readonly totalMs: number;
  /** Until the last pass was enqueued. */
  readonly enqueueMs: number;
  /** Of the device alone by its own events, where it has them. */
  readonly deviceMs?: number;
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
      /** Coupled, as PyTorch's: added to the gradient, so that momentum accumulates it. */
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
  /** Default: the device's own; compiled, the first of `runtime.supports.precisions`. */
  readonly precision?: Precision;
  readonly optimizer: OptimizerSpec;
  /** 0..1 */
  readonly labelSmoothing: number;
  /** Global L2 norm to clip to; 0 for none. */
  readonly clipNorm: number;
  /** Highest stochastic-depth rate, rising linearly over the blocks; 0 for none. */
  readonly dropPath: number;
  /** Seed of dropout, drop path and noise. */
  readonly seed: number;
  /** `all`: weight decay on every weight. Default: not on vectors (norms, biases) and position tables. */
  readonly decay?: 'all';
  /** Micro-batches of `batch` images per step; default 1. Pass all but the last to `accumulate`. */
  readonly accumulate?: number;
  /** The step's `dropPathShare` scales every drop-path rate. */
  readonly scheduledDropPath?: boolean;
  /** Adds normal noise to gradients before clipping; the step's `gradientNoise` is its standard deviation. */
  readonly noisyGradients?: boolean;
  /**
   * Keeps moving averages of weights and statistics in slots `PATH/average`, by the step's `averageDecay`.
   */
  readonly averages?: boolean;
  /**
   * float16 only. The loss scale starts at `initial` (a power of two, default 32768). It doubles after
   * `growthSteps` good steps in a row (default 2000) and halves where the gradient is not finite; such a step
   * is skipped. The scale and its counts are slots.
   */
  readonly lossScale?: { readonly initial?: number; readonly growthSteps?: number };
  /** Every step gets `StepSettings.mixed`. */
  readonly mixesLabels?: boolean;
  /**
   * Adds `weight` · mean of 1 − CKA between the stages' maps and those of a guide of the same runtime, whose
   * weights stay as they are (https://arxiv.org/abs/2410.20035). Part of the step's loss.
   */
  readonly guidance?: { readonly guide: Model; readonly weight: number };
}

/** Values that change from step to step. Defaults: 1 (shares), 0 (noise), 0 (average's decay). */
export interface StepSettings {
  readonly learningRate: number;
  readonly dropPathShare?: number;
  readonly gradientNoise?: number;
  readonly averageDecay?: number;
  /** Of mixup and CutMix: second labels `[batch]` and the share of the first. */
  readonly mixed?: { readonly labels: Int32Array; readonly share: number };
}

export interface StepResult {
  readonly loss: number;
  /** Examples of the batch whose arg-max is the label. */
  readonly correct: number;
  /** Global L2 norm of the gradient before clipping. */
  readonly gradientNorm: number;
  /** float16 only: the next step's loss scale, and whether this step was skipped. */
  readonly lossScale?: number;
  readonly skipped?: boolean;
}

export interface Training {
  readonly buildMs: number;
  readonly firstRunMs: number;
  /**
   * One step. `images` `[batch, h, w, c]`; `labels` `[batch]`, for dense tasks `[batch·h·w]` (255:
   * unlabelled).
   */
  step(images: Float32Array, labels: Int32Array, settings: StepSettings): Promise<StepResult>;
  /**
   * A micro-batch before the step's last: adds its gradient, changes no weight; `gradientNorm` is 0. Only
   * with `accumulate` above 1.
   */
  accumulate?(images: Float32Array, labels: Int32Array, settings: StepSettings): Promise<StepResult>;
  /** Optimizer state by path and the step counter: with the weights a training resumes bit for bit. */
  readState(): Promise<{ readonly step: number; readonly slots: WeightSet }>;
  writeState(state: { readonly step: number; readonly slots: WeightSet }): void;
  dispose(): void;
}
