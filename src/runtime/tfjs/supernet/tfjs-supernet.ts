/**
 * The shared weights of a supernet on the device. All passes are eager: a compiled graph holds one
 * architecture, and its first run costs as much as some fifty eager steps of a small network, more often than
 * a path is drawn.
 */
import type { Architecture } from '../../../architecture/architecture.js';
import { forwardNetwork } from '../../../network/forward-network.js';
import type { SupernetPlan } from '../../../network/supernet/supernet-plan.js';
import { sliceValues, type WeightSlice } from '../../../network/supernet/weight-slice.js';
import { taskOf } from '../../../network/task.js';
import { seededRandom } from '../../../util/random.js';
import type {
  Examination,
  Inference,
  InferenceOptions,
  SupernetMember,
  SupernetModel,
  SupernetOptions,
  Training,
  TrainingOptions,
  WeightSet,
} from '../../runtime.js';
import { initialValues } from '../model/initial-values.js';
import { runPass, weightStream } from '../model/run-pass.js';
import { readStore, StateStore, writeStore } from '../model/state-store.js';
import { atImageSize } from '../model/task-loss.js';
import type { Tensor } from '../native-engine.js';
import type { Platform } from '../platform.js';
import { CalibratedMember } from './calibrated-member.js';
import { SupernetTraining } from './supernet-training.js';

/** Architectures whose slices are kept: a member is drawn again soon in a small space. */
const KEPT_SLICES = 256;

export class TfjsSupernet implements SupernetModel {
  readonly store: StateStore;
  private readonly slices = new Map<string, ReadonlyMap<string, WeightSlice>>();
  private activeTraining: SupernetTraining | undefined;
  private version = 0;

  constructor(
    readonly platform: Platform,
    readonly plan: SupernetPlan,
    readonly options: SupernetOptions,
  ) {
    this.store = new StateStore(platform.createVariable);
    const stream = weightStream(options.seed);
    for (const [path, { shape, init }] of plan.weights)
      this.store.declare(path, shape, true, () => initialValues(init, shape, stream.fork(path)));
  }

  get architecture(): Architecture {
    return this.options.shown;
  }

  get parameterCount(): number {
    return this.store
      .all()
      .reduce((sum, { shape }) => sum + shape.reduce((product, size) => product * size, 1), 0);
  }

  /** @throws UserError where a block cannot be sliced */
  slicesOf(architecture: Architecture): ReadonlyMap<string, WeightSlice> {
    const key = JSON.stringify(architecture);
    let slices = this.slices.get(key);
    if (!slices) {
      slices = this.plan.slices(architecture);
      if (this.slices.size >= KEPT_SLICES) this.slices.delete(this.slices.keys().next().value!);
      this.slices.set(key, slices);
    }
    return slices;
  }

  readWeights(): Promise<WeightSet> {
    return Promise.resolve(readStore(this.store));
  }

  writeWeights(weights: WeightSet): void {
    writeStore(this.store, weights, 'writeWeights');
    this.markChanged();
  }

  markChanged(): void {
    this.version++;
  }

  async member(architecture: Architecture): Promise<SupernetMember> {
    return new CalibratedMember(this, architecture, this.options.calibration);
  }

  training(options: TrainingOptions): Training {
    if (this.activeTraining)
      throw new Error('supernet.training: one training at a time; dispose of the other first');
    this.activeTraining = new SupernetTraining(this, options, () => {
      this.activeTraining = undefined;
    });
    return this.activeTraining;
  }

  inference({ batch, execution }: InferenceOptions): Inference {
    if (execution !== 'eager')
      throw new Error(`supernet.inference: execution must be eager, got ${JSON.stringify(execution)}`);
    const untimed = (): never => {
      throw new Error('supernet.inference: only logits are computed; time a stand-alone model');
    };
    let shown: { readonly member: SupernetMember; readonly version: number } | undefined;
    return {
      buildMs: 0,
      firstRunMs: 0,
      enqueue: untimed,
      synchronise: untimed,
      logits: async (images) => {
        const { height, width, channels } = this.architecture.input;
        if (images.length !== batch * height * width * channels)
          throw new Error(`logits: images must be a batch of ${batch}, got ${images.length} values`);
        if (shown?.version !== this.version) {
          shown?.member.dispose();
          shown = { member: await this.member(this.architecture), version: this.version };
        }
        return shown.member.logits(images);
      },
      dispose: () => shown?.member.dispose(),
    };
  }

  examine(): Promise<Examination> {
    throw new Error('supernet.examine: examine a stand-alone model');
  }

  /**
   * One forward pass of a member. images `[b,h,w,c]` → logits
   * @param training norms use the batch's statistics, and `statistics` receives these
   */
  forward(
    architecture: Architecture,
    images: Tensor,
    weights: ReadonlyMap<string, Tensor>,
    statistics: Pick<StateStore, 'declare'>,
    training: boolean,
  ): Tensor {
    const pass = { training, initial: seededRandom(0), weights, ...(training && { momentum: 1 }) };
    const random = { seed: 0, step: this.platform.tf.scalar(0, 'int32') };
    return runPass(this.platform, statistics, { ...pass, ...(training && { random }) }, (ops) => {
      const y = forwardNetwork(ops, architecture, images);
      return taskOf(architecture) === 'dense' ? atImageSize(ops, y, architecture) : y;
    });
  }

  /** The member's weights on the host. */
  slicedValues(architecture: Architecture): Map<string, { shape: readonly number[]; values: Float32Array }> {
    return new Map(
      [...this.slicesOf(architecture)].map(([path, slice]) => {
        const variable = this.store.get(slice.shared)!;
        return [path, { shape: slice.shape, values: sliceValues(variable.values(), variable.shape, slice) }];
      }),
    );
  }

  dispose(): void {
    this.activeTraining?.dispose();
    this.store.dispose();
  }
}
