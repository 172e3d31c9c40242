/**
 * The weights of one network on the device. Their newest values are in the engine's variables or in a
 * compiled training step, which copies them back on demand.
 */
import type { Architecture } from '../../../architecture/architecture.js';
import type { SparsityMasks } from '../../../network/sparsity-masks.js';
import type { WeightSet } from '../../runtime.js';
import type { Platform } from '../platform.js';
import { declareWeights } from './declare-weights.js';
import { readStore, StateStore, writeStore } from './state-store.js';

export class NetworkWeights {
  readonly store: StateStore;
  private currentVersion = 0;
  /** Copies newer values out of a compiled step; undefined while the engine's variables are current. */
  private pull: (() => void) | undefined;

  constructor(
    readonly platform: Platform,
    readonly architecture: Architecture,
    seed: number,
    readonly masks?: SparsityMasks,
  ) {
    this.store = new StateStore(platform.createVariable);
    declareWeights(this.store, architecture, seed, masks);
  }

  /** Increases with every change of the weights; holders of copies compare it. */
  get version(): number {
    return this.currentVersion;
  }

  get parameterCount(): number {
    return this.store
      .trainable()
      .reduce((sum, { shape }) => sum + shape.reduce((product, dim) => product * dim, 1), 0);
  }

  /** Records that the weights have changed; `pull` copies them to the engine's variables when needed. */
  markChanged(pull?: () => void): void {
    this.currentVersion++;
    this.pull = pull;
  }

  /** Records that a compiled step holds the values; `pull` brings them back when they are needed. */
  moveTo(pull: () => void): void {
    this.pull = pull;
  }

  /** Makes the engine's variables current. */
  settle(): void {
    const { pull } = this;
    this.pull = undefined;
    pull?.();
  }

  read(): WeightSet {
    this.settle();
    return readStore(this.store);
  }

  /** @throws Error where a path is missing, unknown or of another shape; nothing is written then */
  write(weights: WeightSet): void {
    this.settle(); // a running step keeps its slots
    writeStore(this.store, weights, 'writeWeights');
    this.markChanged();
  }

  dispose(): void {
    this.store.dispose();
  }
}
