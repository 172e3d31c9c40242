/** Training steps, eager or as one compiled graph with weights, optimizer state and running statistics on the device. */
import type { StepResult, Training, TrainingOptions, WeightSet } from '../contract.js';
import { CompiledGraph, precisionOf } from './compiled.js';
import { readStore, writeStore, type TfjsModel } from './model.js';
import type { Tensor } from './native-engine.js';
import type { StepScalars } from './platform.js';
import { StateStore } from './state.js';
import { declareSlots, scalarNames, scalarValues, trainStep } from './train-step.js';

export class TfjsTraining implements Training {
  readonly buildMs: number;
  private firstRun = 0;
  private readonly slots: StateStore;
  private readonly graph: CompiledGraph | undefined;
  private readonly imageShape: readonly [number, number, number, number];
  private stepsDone = 0;
  /** Version of the model's weights that the graph holds. */
  private graphVersion: number;
  /** True when the graph's slots are newer than the engine's. */
  private ahead = false;
  private disposed = false;

  constructor(private readonly model: TfjsModel, private readonly options: TrainingOptions, private readonly onDispose: () => void) {
    const start = performance.now();
    const { platform, architecture, store } = model;
    const { height, width, channels } = architecture.input;
    this.imageShape = [options.batch, height, width, channels];
    model.settle();
    this.slots = new StateStore(platform.createVariable);
    declareSlots(store, this.slots, options.optimizer);
    if (options.execution === 'compiled') {
      this.graph = new CompiledGraph(platform.native!, {
        step: {
          inputs: [
            { shape: this.imageShape, dtype: 'float32' }, { shape: [options.batch], dtype: 'int32' },
            ...scalarNames.map((name) => ({ shape: [], dtype: name === 'step' ? 'int32' as const : 'float32' as const })),
          ],
          body: ([images, labels, ...scalars]) => [this.computation(images!, labels!, scalars)],
        },
      }, precisionOf(options));
    }
    this.graphVersion = model.version;
    this.buildMs = performance.now() - start;
  }

  /** Milliseconds of the first step; 0 before it. */
  get firstRunMs(): number { return this.firstRun; }

  step(images: Float32Array, labels: Int32Array, { learningRate }: { readonly learningRate: number }): Promise<StepResult> {
    if (this.disposed) throw new Error('training.step: this training was disposed of');
    const size = this.imageShape.reduce((product, dim) => product * dim, 1);
    if (images.length !== size) throw new Error(`training.step: images must fill [${this.imageShape.join()}] (${size} values), got ${images.length}`);
    if (labels.length !== this.options.batch) throw new Error(`training.step: one label per image is needed (${this.options.batch}), got ${labels.length}`);
    const start = performance.now();
    const values = scalarValues(this.options.optimizer, this.stepsDone, learningRate);
    const [loss, correct, gradientNorm] = this.graph ? this.compiledStep(images, labels, values) : this.eagerStep(images, labels, values);
    this.stepsDone++;
    if (this.firstRun === 0) this.firstRun = performance.now() - start;
    return Promise.resolve({ loss: loss!, correct: Math.round(correct!), gradientNorm: gradientNorm! });
  }

  readState(): Promise<{ step: number; slots: WeightSet }> {
    this.model.settle();
    return Promise.resolve({ step: this.stepsDone, slots: readStore(this.slots) });
  }

  writeState(state: { readonly step: number; readonly slots: WeightSet }): void {
    this.model.settle();
    writeStore(this.slots, state.slots, 'writeState');
    this.stepsDone = state.step;
    this.graphVersion = -1; // the graph takes weights and slots anew
  }

  dispose(): void {
    if (this.disposed) return;
    this.model.settle();
    this.disposed = true;
    this.graph?.dispose();
    this.slots.dispose();
    this.onDispose();
  }

  private computation(images: Tensor, labels: Tensor, scalars: readonly Tensor[]): Tensor {
    const named = Object.fromEntries(scalarNames.map((name, index) => [name, scalars[index]!])) as unknown as StepScalars;
    return trainStep(this.model.platform, this.model.architecture, this.model.store, this.slots, this.options, images, labels, named);
  }

  private compiledStep(images: Float32Array, labels: Int32Array, values: ReturnType<typeof scalarValues>): Float32Array {
    const { model } = this;
    if (this.graphVersion !== model.version) {
      model.settle();
      this.graph!.writeVariables();
    }
    const scalars = scalarNames.map((name) => (name === 'step' ? Int32Array.of(values[name]) : Float32Array.of(values[name])));
    const [result] = this.graph!.run('step', [images, labels, ...scalars]);
    this.ahead = true;
    model.moved(() => this.pull());
    this.graphVersion = model.version;
    return result as Float32Array;
  }

  private eagerStep(images: Float32Array, labels: Int32Array, values: ReturnType<typeof scalarValues>): Float32Array {
    const { tf } = this.model.platform;
    const result = tf.tidy(() => this.computation(
      tf.tensor(images.slice(), [...this.imageShape], 'float32'), tf.tensor1d(labels.slice(), 'int32'),
      scalarNames.map((name) => tf.scalar(values[name], name === 'step' ? 'int32' : 'float32')),
    ).dataSync() as Float32Array);
    this.model.moved();
    return result;
  }

  private pull(): void {
    if (!this.ahead) return;
    this.ahead = false;
    this.graph!.readVariables();
  }
}
