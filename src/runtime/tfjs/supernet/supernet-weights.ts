/** The shared weights of a supernet on the device, and passes of members on slices of them. */
import type { Architecture } from '../../../architecture/architecture.js';
import { forwardNetwork } from '../../../network/forward-network.js';
import type { SupernetPlan } from '../../../network/supernet/supernet-plan.js';
import { sliceValues, type WeightSlice } from '../../../network/supernet/weight-slice.js';
import { taskOf } from '../../../network/task.js';
import { seededRandom } from '../../../util/random.js';
import type { SupernetOptions } from '../../runtime.js';
import { initialValues } from '../model/initial-values.js';
import { runPass, weightStream } from '../model/run-pass.js';
import { StateStore } from '../model/state-store.js';
import { atImageSize } from '../model/task-loss.js';
import type { Tensor } from '../native-engine.js';
import type { Platform } from '../platform.js';

/** Architectures whose slices are kept: a member is drawn again soon in a small space. */
const KEPT_SLICES = 256;

export class SupernetWeights {
  readonly store: StateStore;
  /** Increases with every change of the weights. */
  version = 0;
  private readonly slices = new Map<string, ReadonlyMap<string, WeightSlice>>();

  constructor(
    readonly platform: Platform,
    private readonly plan: SupernetPlan,
    readonly options: SupernetOptions,
  ) {
    this.store = new StateStore(platform.createVariable);
    const stream = weightStream(options.seed);
    for (const [path, { shape, init }] of plan.weights)
      this.store.declare(path, shape, true, () => initialValues(init, shape, stream.fork(path)));
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
}
