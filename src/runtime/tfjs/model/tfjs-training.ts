/**
 * Training steps, eager or as one compiled graph with weights, optimizer state and running statistics on the
 * device.
 */

import type { StepResult, StepSettings, Training, TrainingOptions, WeightSet } from '../../runtime.js';
import {
  assertEarlierMicroBatch,
  assertLastMicroBatch,
  assertStepBatch,
  labelsOf,
} from '../../step-batch.js';
import { CompiledGraph, type FunctionSpec, precisionOf, type Values } from '../graph/compiled-graph.js';
import type { Tensor } from '../native-engine.js';
import type { StepScalars } from '../platform.js';
import type { GuideTerm } from './guidance-loss.js';
import { lossScaleSlots, scalesLoss } from './loss-scale.js';
import type { NetworkWeights } from './network-weights.js';
import { readStore, StateStore, writeStore } from './state-store.js';
import { declareSlots, isInteger, scalarNames, scalarValues, trainStep } from './train-step.js';

export class TfjsTraining implements Training {
  readonly buildMs: number;
  private firstRun = 0;
  private readonly slots: StateStore;
  private readonly graph: CompiledGraph | undefined;
  private readonly imageShape: readonly [number, number, number, number];
  private readonly microBatches: number;
  private readonly labelCount: number;
  private readonly scalars: ReturnType<typeof scalarNames>;
  /** Inputs of the graph: images, labels, second labels where they are mixed, scalars. */
  private readonly inputs: readonly { readonly shape: readonly number[]; readonly whole: boolean }[];
  private stepsDone = 0;
  /** Steps that were not skipped for a gradient that is not finite. */
  private stepsTaken = 0;
  /** Finished micro-batches of the present step. */
  private microBatchesDone = 0;
  /** Version of the weights in the graph. */
  private graphVersion: number;
  /** Whether the graph holds the values; the engine's variables are then empty. */
  private graphIsNewer = false;
  private disposed = false;

  constructor(
    private readonly weights: NetworkWeights,
    private readonly options: TrainingOptions,
    private readonly onDispose: () => void,
    private readonly guideTerm?: GuideTerm,
  ) {
    const start = performance.now();
    const { platform, architecture, store } = weights;
    const { height, width, channels } = architecture.input;
    this.imageShape = [options.batch, height, width, channels];
    weights.settle();
    this.slots = new StateStore(platform.createVariable);
    this.microBatches = options.accumulate ?? 1;
    this.labelCount = labelsOf(architecture, options);
    this.scalars = scalarNames(options);
    this.inputs = [
      { shape: this.imageShape, whole: false },
      { shape: [this.labelCount], whole: true },
      ...(options.mixesLabels ? [{ shape: [options.batch], whole: true }] : []),
      ...this.scalars.map((name) => ({ shape: [], whole: isInteger(name) })),
    ];
    declareSlots(store, this.slots, options);
    if (options.execution === 'compiled') {
      const spec = (keep: boolean): FunctionSpec => ({
        inputs: this.inputs.map(({ shape, whole }) => ({ shape, dtype: whole ? 'int32' : 'float32' })),
        body: (inputs) => [this.computation(inputs, keep)],
      });
      this.graph = new CompiledGraph(
        platform.native!,
        { step: spec(false), ...(this.microBatches > 1 && { accumulate: spec(true) }) },
        precisionOf(options),
      );
    }
    this.graphVersion = weights.version;
    this.buildMs = performance.now() - start;
  }

  /** Milliseconds of the first step; 0 before it. */
  get firstRunMs(): number {
    return this.firstRun;
  }

  step(images: Float32Array, labels: Int32Array, settings: StepSettings): Promise<StepResult> {
    assertLastMicroBatch(this.microBatchesDone, this.microBatches);
    const result = this.compute('step', images, labels, settings);
    this.stepsDone++;
    this.microBatchesDone = 0;
    return result;
  }

  accumulate(images: Float32Array, labels: Int32Array, settings: StepSettings): Promise<StepResult> {
    assertEarlierMicroBatch(this.microBatchesDone, this.microBatches);
    const result = this.compute('accumulate', images, labels, settings);
    this.microBatchesDone++;
    return result;
  }

  private compute(
    name: 'step' | 'accumulate',
    images: Float32Array,
    labels: Int32Array,
    settings: StepSettings,
  ): Promise<StepResult> {
    if (this.disposed) throw new Error('training.step: this training was disposed of');
    assertStepBatch(this.weights.architecture, this.options, { images, labels, mixed: settings.mixed });
    const start = performance.now();
    const values = scalarValues(
      this.options.optimizer,
      this.stepsDone,
      settings,
      this.stepsDone * this.microBatches + this.microBatchesDone,
      this.stepsTaken,
    );
    const inputs: Values[] = [
      images,
      labels,
      ...(this.options.mixesLabels ? [settings.mixed!.labels] : []),
      ...this.scalars.map((scalar) =>
        isInteger(scalar) ? Int32Array.of(values[scalar]) : Float32Array.of(values[scalar]),
      ),
    ];
    const [loss, correct, gradientNorm, lossScale, stepsTaken] = this.graph
      ? this.compiledStep(name, inputs)
      : this.eagerStep(name, inputs);
    if (this.firstRun === 0) this.firstRun = performance.now() - start;
    const skipped = name === 'step' && stepsTaken === this.stepsTaken;
    if (name === 'step') this.stepsTaken = stepsTaken ?? this.stepsTaken + 1;
    return Promise.resolve({
      loss: loss!,
      correct: Math.round(correct!),
      gradientNorm: gradientNorm!,
      ...(lossScale !== undefined && { lossScale, skipped }),
    });
  }

  readState(): Promise<{ step: number; slots: WeightSet }> {
    this.weights.settle();
    return Promise.resolve({ step: this.stepsDone, slots: readStore(this.slots) });
  }

  writeState(state: { readonly step: number; readonly slots: WeightSet }): void {
    this.weights.settle();
    writeStore(this.slots, state.slots, 'writeState');
    this.stepsDone = state.step;
    this.stepsTaken = scalesLoss(this.options)
      ? state.slots.get(lossScaleSlots.taken)!.values[0]!
      : state.step;
    this.microBatchesDone = 0;
    this.graphVersion = -1; // the next step copies weights and slots into the graph
  }

  dispose(): void {
    if (this.disposed) return;
    this.weights.settle();
    this.disposed = true;
    this.graph?.dispose();
    this.slots.dispose();
    this.onDispose();
  }

  private computation(inputs: readonly Tensor[], keep: boolean): Tensor {
    const { platform, architecture, store } = this.weights;
    const [images, labels, ...rest] = inputs as [Tensor, Tensor, ...Tensor[]];
    const others = this.options.mixesLabels ? rest.shift() : undefined;
    const named = Object.fromEntries(
      this.scalars.map((name, index) => [name, rest[index]!]),
    ) as unknown as StepScalars; // unfed ones are not read
    return trainStep(
      {
        platform,
        architecture,
        weights: store,
        slots: this.slots,
        options: { ...this.options, masks: this.weights.masks },
        scalars: named,
        guideTerm: this.guideTerm,
      },
      { images, labels, others },
      keep,
    );
  }

  private compiledStep(name: 'step' | 'accumulate', inputs: readonly Values[]): Float32Array {
    const { weights } = this;
    if (this.graphVersion !== weights.version) {
      weights.settle();
      this.graph!.writeVariables();
    }
    if (!this.graphIsNewer) {
      this.graphIsNewer = true;
      weights.moveTo(() => this.pull());
      this.graph!.releaseEngineCopies();
    }
    const [result] = this.graph!.run(name, inputs);
    weights.markChanged(() => this.pull());
    this.graphVersion = weights.version;
    return result as Float32Array;
  }

  private eagerStep(name: 'step' | 'accumulate', inputs: readonly Values[]): Float32Array {
    const { tf } = this.weights.platform;
    const result = tf.tidy(
      () =>
        this.computation(
          inputs.map((values, index) =>
            tf.tensor(
              values.slice(),
              [...this.inputs[index]!.shape],
              this.inputs[index]!.whole ? 'int32' : 'float32',
            ),
          ),
          name === 'accumulate',
        ).dataSync() as Float32Array,
    );
    this.weights.markChanged();
    return result;
  }

  private pull(): void {
    if (!this.graphIsNewer) return;
    this.graphIsNewer = false;
    this.graph!.readVariables();
  }
}
