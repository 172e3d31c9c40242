/**
 * Training steps of a supernet. Each micro-batch runs one member; gradients add up on the shared weights, and
 * the optimizer moves those that some member of the step has used. Others keep value and optimizer state.
 */
import { taskOf } from '../../../network/task.js';
import type { StepResult, StepSettings, Training, TrainingOptions, WeightSet } from '../../runtime.js';
import { readStore, StateStore, writeStore } from '../model/state-store.js';
import {
  applyGradients,
  declareSlots,
  differentiatedLoss,
  isInteger,
  type StepContext,
  scalarNames,
  scalarValues,
} from '../model/train-step.js';
import type { Tensor } from '../native-engine.js';
import type { StepScalars } from '../platform.js';
import { passStatistics, slicedWeights } from './member-pass.js';
import type { SupernetWeights } from './supernet-weights.js';

export class SupernetTraining implements Training {
  readonly buildMs = 0;
  private firstRun = 0;
  private readonly slots: StateStore;
  private readonly options: TrainingOptions;
  private readonly microBatches: number;
  private stepsDone = 0;
  private microBatchesDone = 0;
  /** Summed gradients of the step by shared path; kept on the device. */
  private readonly sums = new Map<string, Tensor>();

  constructor(
    private readonly supernet: SupernetWeights,
    options: TrainingOptions,
    private readonly onDispose: () => void,
  ) {
    if (options.execution !== 'eager')
      throw new Error(`supernet.training: execution must be eager, got ${JSON.stringify(options.execution)}`);
    this.options = options;
    this.microBatches = options.accumulate ?? 1;
    this.slots = new StateStore(supernet.platform.createVariable);
    const { accumulate: _, ...unsummed } = options; // sums are not slots: a step ends without any
    declareSlots(supernet.store, this.slots, unsummed);
  }

  get firstRunMs(): number {
    return this.firstRun;
  }

  step(images: Float32Array, labels: Int32Array, settings: StepSettings): Promise<StepResult> {
    const result = this.compute(images, labels, settings, true);
    this.stepsDone++;
    this.microBatchesDone = 0;
    return Promise.resolve(result);
  }

  accumulate(images: Float32Array, labels: Int32Array, settings: StepSettings): Promise<StepResult> {
    if (this.microBatchesDone >= this.microBatches - 1)
      throw new Error(
        `training.accumulate: a step has ${this.microBatches} micro-batches and the last goes to step`,
      );
    const result = this.compute(images, labels, settings, false);
    this.microBatchesDone++;
    return Promise.resolve(result);
  }

  private compute(
    images: Float32Array,
    labels: Int32Array,
    settings: StepSettings,
    ends: boolean,
  ): StepResult {
    const start = performance.now();
    const { tf } = this.supernet.platform;
    const [loss, correct, gradientNorm] = tf.tidy(() => {
      const context = this.context(settings);
      const { loss, correct } = this.addGradients(context, images, labels, settings);
      const norm = ends ? this.apply(context) : tf.scalar(0);
      const values = tf.stack([loss, correct, norm] as Tensor[]).dataSync();
      correct.dispose();
      return values as never;
    }) as unknown as Float32Array;
    if (ends) this.supernet.version++;
    if (this.firstRun === 0) this.firstRun = performance.now() - start;
    return { loss: loss!, correct: Math.round(correct!), gradientNorm: gradientNorm! };
  }

  private context(settings: StepSettings): StepContext {
    const { supernet, options, stepsDone, microBatchesDone } = this;
    const { tf } = supernet.platform;
    const architecture = supernet.options.path(stepsDone, microBatchesDone);
    const slices = supernet.slicesOf(architecture);
    const draw = stepsDone * this.microBatches + microBatchesDone;
    const values = scalarValues(options.optimizer, stepsDone, settings, draw);
    const scalars = Object.fromEntries(
      scalarNames(options).map((name) => [
        name,
        tf.scalar(values[name], isInteger(name) ? 'int32' : 'float32'),
      ]),
    ) as unknown as StepScalars;
    return {
      platform: supernet.platform,
      architecture,
      weights: supernet.store,
      slots: this.slots,
      options,
      scalars,
      member: {
        sliced: (shared) => slicedWeights(tf, slices, shared),
        statistics: passStatistics(
          (_path, shape, initial) => tf.tensor(initial(), [...shape], 'float32') as Tensor,
        ),
      },
    };
  }

  /** Differentiates one member and adds its gradients to those of the step. */
  private addGradients(
    context: StepContext,
    images: Float32Array,
    labels: Int32Array,
    { mixed }: StepSettings,
  ): { readonly loss: Tensor; readonly correct: Tensor } {
    const { supernet, options } = this;
    const { tf } = supernet.platform;
    const { height, width, channels } = context.architecture.input;
    const count = options.batch * (taskOf(context.architecture) === 'dense' ? height * width : 1);
    const used = new Set([...supernet.slicesOf(context.architecture).values()].map(({ shared }) => shared));
    const touched = supernet.store.all().filter(({ path }) => used.has(path));
    const batch = {
      images: tf.tensor(images.slice(), [options.batch, height, width, channels], 'float32') as Tensor,
      labels: tf.tensor(labels.slice(), [count], 'int32') as Tensor,
      others: mixed && (tf.tensor(mixed.labels.slice(), [options.batch], 'int32') as Tensor),
    };
    const { loss, correct, gradients } = differentiatedLoss(
      context,
      batch,
      touched,
      touched.map((variable) => variable.read()),
    );
    touched.forEach(({ path }, index) => {
      const gradient = gradients[index];
      if (!gradient) return;
      const before = this.sums.get(path);
      this.sums.set(
        path,
        tf.keep((before ? tf.add(before, gradient) : tf.clone(gradient)) as never) as Tensor,
      );
      before?.dispose();
    });
    return { loss, correct };
  }

  /** One optimizer step on the mean gradients. @returns their norm before clipping */
  private apply(context: StepContext): Tensor {
    const { store, platform } = this.supernet;
    const touched = store.all().filter(({ path }) => this.sums.has(path)); // in a fixed order
    const gradients = touched.map(({ path }) => platform.tf.div(this.sums.get(path)!, this.microBatches));
    const norm = applyGradients(
      context,
      touched,
      touched.map((variable) => variable.read()),
      gradients as Tensor[],
    );
    this.clearSums();
    return norm;
  }

  private clearSums(): void {
    for (const sum of this.sums.values()) sum.dispose();
    this.sums.clear();
  }

  readState(): Promise<{ step: number; slots: WeightSet }> {
    return Promise.resolve({ step: this.stepsDone, slots: readStore(this.slots) });
  }

  writeState({ step, slots }: { readonly step: number; readonly slots: WeightSet }): void {
    writeStore(this.slots, slots, 'writeState');
    this.stepsDone = step;
    this.microBatchesDone = 0;
    this.clearSums();
  }

  dispose(): void {
    this.clearSums();
    this.slots.dispose();
    this.onDispose();
  }
}
