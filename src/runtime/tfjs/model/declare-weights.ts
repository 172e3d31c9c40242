/** Declares a network's weights and running statistics from shapes alone: nothing is computed. */
import type { Architecture } from '../../../architecture/architecture.js';
import { forwardNetwork } from '../../../network/forward-network.js';
import type { SparsityMasks } from '../../../network/sparsity-masks.js';
import { SymbolicOps, type SymbolicTensor } from '../../../tensor/infer/symbolic-ops.js';
import type { Init, NormAffine, Shape } from '../../../tensor/tensor-ops.js';
import { meanName, varianceName } from '../ops/portable/norm-ops.js';
import { initialValues } from './initial-values.js';
import { weightStream } from './run-pass.js';
import type { StateStore } from './state-store.js';

/** Variables in the order in which a forward pass reads them; values drawn from `seed`. */
export function declareWeights(
  store: StateStore,
  architecture: Architecture,
  seed: number,
  masks: SparsityMasks | undefined,
): void {
  const ops = new DeclaringOps(store, seed);
  const { height, width, channels } = architecture.input;
  forwardNetwork(ops, architecture, ops.tensor([1, height, width, channels], true), { masks });
}

class DeclaringOps extends SymbolicOps {
  constructor(
    private readonly store: StateStore,
    private readonly seed: number,
  ) {
    super();
  }

  override weight(name: string, shape: Shape, init: Init): SymbolicTensor {
    const weight = super.weight(name, shape, init);
    const path = this.pathOf(name);
    this.store.declare(path, shape, true, () =>
      initialValues(init, shape, weightStream(this.seed).fork(path)),
    );
    return weight;
  }

  override batchNorm(x: SymbolicTensor, affine: NormAffine<SymbolicTensor>): SymbolicTensor {
    const channels = x.shape.at(-1)!;
    for (const [name, initial] of [
      [meanName, 0],
      [varianceName, 1],
    ] as const)
      this.store.declare(this.pathOf(name), [channels], false, () =>
        new Float32Array(channels).fill(initial),
      );
    return super.batchNorm(x, affine);
  }
}
