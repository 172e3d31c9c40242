/**
 * A network's weights on the device, and who holds their newest values: the engine's variables, or a compiled
 * training step.
 */
import type { Architecture } from '../../architecture/architecture.js';
import { forwardNetwork } from '../../network/forward-network.js';
import type { SparsityMasks } from '../../network/sparsity-masks.js';
import type {
  Examination,
  ExamineRequest,
  Execution,
  Inference,
  InferenceOptions,
  Model,
  Precision,
  Training,
  TrainingOptions,
  WeightSet,
} from '../runtime.js';
import { examine } from './examine.js';
import { TfjsInference } from './inference.js';
import { runPass, weightStream } from './pass.js';
import type { Platform } from './platform.js';
import { StateStore } from './state.js';
import { TfjsTraining } from './training.js';

export class TfjsModel implements Model {
  readonly store: StateStore;
  /** Grows with every change of the weights; whoever keeps copies compares it. */
  version = 0;
  /** Set while newer values than the engine's are in a compiled step; copies them back. */
  private holder: (() => void) | undefined;
  private activeTraining: TfjsTraining | undefined;

  constructor(
    readonly platform: Platform,
    readonly architecture: Architecture,
    seed: number,
    private readonly precisions: Readonly<Record<Execution, readonly Precision[]>>,
    readonly masks?: SparsityMasks,
  ) {
    this.store = new StateStore(platform.createVariable);
    const { height, width, channels } = architecture.input;
    platform.tf.tidy(() => {
      // a first pass declares every weight
      runPass(platform, this.store, { training: false, initial: weightStream(seed) }, (ops) =>
        forwardNetwork(ops, architecture, platform.tf.zeros([1, height, width, channels]), { masks }),
      );
    });
  }

  get parameterCount(): number {
    return this.store
      .trainable()
      .reduce((sum, { shape }) => sum + shape.reduce((product, dim) => product * dim, 1), 0);
  }

  /**
   * Says that a compiled step has moved the weights; `pull` brings them to the engine's variables when they
   * are needed.
   */
  moved(pull?: () => void): void {
    this.version++;
    this.holder = pull;
  }

  /** Makes the engine's variables current. */
  settle(): void {
    const pull = this.holder;
    this.holder = undefined;
    pull?.();
  }

  readWeights(): Promise<WeightSet> {
    this.settle();
    return Promise.resolve(readStore(this.store));
  }

  writeWeights(weights: WeightSet): void {
    this.settle(); // a running step's slots are not touched by new weights
    writeStore(this.store, weights, 'writeWeights');
    this.moved();
  }

  inference(options: InferenceOptions): Inference {
    return new TfjsInference(this, { ...options, precision: this.checkExecution('inference', options) });
  }

  training(options: TrainingOptions): Training {
    const precision = this.checkExecution('training', options);
    if (this.activeTraining)
      throw new Error('model.training: one training at a time per model; dispose of the other first');
    this.activeTraining = new TfjsTraining(this, { ...options, precision }, () => {
      this.activeTraining = undefined;
    });
    return this.activeTraining;
  }

  examine(request: ExamineRequest): Promise<Examination> {
    return examine(this, request);
  }

  /** The precision to compute in: what is asked for, else the first that is supported. */
  private checkExecution(
    where: string,
    { execution, precision }: { readonly execution: Execution; readonly precision?: Precision },
  ): Precision {
    if (execution === 'compiled' && !this.platform.native)
      throw new Error(
        `${where}: the ${this.platform.id} runtime has no compiled execution; ask runtime.supports.compiled`,
      );
    const able = this.precisions[execution];
    if (precision && !able.includes(precision))
      throw new Error(
        `${where}: ${execution} execution on this device computes in ${able.join(', ')}, got ${JSON.stringify(precision)}`,
      );
    return precision ?? able[0]!;
  }

  dispose(): void {
    this.activeTraining?.dispose();
    this.store.dispose();
  }
}

export function readStore(store: StateStore): WeightSet {
  return new Map(
    store
      .all()
      .map((variable) => [
        variable.path,
        { shape: variable.shape, values: variable.values(), trainable: variable.trainable },
      ]),
  );
}

/** @throws where a path is missing, unknown or of another shape; nothing is written then */
export function writeStore(store: StateStore, weights: WeightSet, where: string): void {
  const missing = store.all().find(({ path }) => !weights.has(path));
  if (missing)
    throw new Error(
      `${where}: a value for every path is needed, got none for ${JSON.stringify(missing.path)}`,
    );
  for (const [path, { shape }] of weights) {
    const variable = store.get(path);
    if (!variable) throw new Error(`${where}: path must exist in this network, got ${JSON.stringify(path)}`);
    if (variable.shape.join() !== shape.join())
      throw new Error(
        `${where}: ${JSON.stringify(path)} must have shape [${variable.shape.join()}], got [${shape.join()}]`,
      );
  }
  for (const [path, { values }] of weights) store.get(path)!.load(values);
}
