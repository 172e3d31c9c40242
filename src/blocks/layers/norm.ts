/** Norms with their affine weights `name/gamma` and `name/beta`. */
import type { TensorOps } from '../../tensor/tensor-ops.js';

export interface NormOptions {
  readonly epsilon?: number;
  /** Start of gamma; below 1 it damps a residual branch at the start of training. */
  readonly gain?: number; // 1
}

function affine<T>(ops: TensorOps<T>, channels: number, gain: number): { gamma: T; beta: T } {
  return { gamma: ops.weight('gamma', [channels], { kind: 'constant', value: gain }), beta: ops.weight('beta', [channels], { kind: 'zeros' }) };
}

/** Over batch and space, per channel. */
export function batchNorm<T>(ops: TensorOps<T>, x: T, name: string, { epsilon = 1e-5, gain = 1 }: NormOptions = {}): T {
  return ops.scope(name, () => ops.batchNorm(x, affine(ops, ops.shape(x).at(-1)!, gain), { epsilon }));
}

/** Over the channels of each position. */
export function layerNorm<T>(ops: TensorOps<T>, x: T, name: string, { epsilon = 1e-6, gain = 1 }: NormOptions = {}): T {
  return ops.scope(name, () => ops.layerNorm(x, affine(ops, ops.shape(x).at(-1)!, gain), { epsilon }));
}
