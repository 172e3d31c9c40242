/** Batch, layer, group and RMS norms with their affine weights `name/gamma` and `name/beta`. */
import type { TensorOps } from '../../tensor/tensor-ops.js';
import type { ChoiceParam } from '../../util/params.js';

export interface NormOptions {
  readonly epsilon?: number;
  /** Initial gamma; below 1 it damps a residual branch early in training. */
  readonly gain?: number; // 1
}

function affine<T>(ops: TensorOps<T>, channels: number, gain: number): { gamma: T; beta: T } {
  return {
    gamma: ops.weight('gamma', [channels], { kind: 'constant', value: gain }),
    beta: ops.weight('beta', [channels], { kind: 'zeros' }),
  };
}

/** Batch norm: per channel, over batch and space; x `[…,c]`. */
export function batchNorm<T>(
  ops: TensorOps<T>,
  x: T,
  name: string,
  { epsilon = 1e-5, gain = 1 }: NormOptions = {},
): T {
  return ops.scope(name, () => ops.batchNorm(x, affine(ops, ops.shape(x).at(-1)!, gain), { epsilon }));
}

/** Layer norm: per position, over the channels; x `[…,c]`. */
export function layerNorm<T>(
  ops: TensorOps<T>,
  x: T,
  name: string,
  { epsilon = 1e-6, gain = 1 }: NormOptions = {},
): T {
  return ops.scope(name, () => ops.layerNorm(x, affine(ops, ops.shape(x).at(-1)!, gain), { epsilon }));
}

/**
 * Group norm: per image, over space and the channels of each of `groups` groups; x `[b,h,w,c]`.
 * https://arxiv.org/abs/1803.08494
 */
export function groupNorm<T>(
  ops: TensorOps<T>,
  x: T,
  name: string,
  groups: number,
  { epsilon = 1e-5, gain = 1 }: NormOptions = {},
): T {
  const [batch, height, width, channels] = ops.shape(x) as [number, number, number, number];
  const split = ops.reshape(x, [batch, height * width, groups, channels / groups]);
  const centred = ops.binary(split, ops.reduce(split, 'mean', [1, 3], { keepDims: true }), 'sub');
  const variance = ops.reduce(ops.unary(centred, 'square'), 'mean', [1, 3], { keepDims: true });
  const unit = ops.reshape(ops.binary(centred, ops.unary(ops.scale(variance, 1, epsilon), 'rsqrt'), 'mul'), [
    batch,
    height,
    width,
    channels,
  ]);
  return ops.scope(name, () => {
    const { gamma, beta } = affine(ops, channels, gain);
    return ops.binary(ops.binary(unit, gamma, 'mul'), beta, 'add');
  });
}

/** RMS norm: over the last axis, without centring or offset; x `[…,c]`. https://arxiv.org/abs/1910.07467 */
export function rmsNorm<T>(ops: TensorOps<T>, x: T, name: string, { epsilon = 1e-6 }: NormOptions = {}): T {
  const mean = ops.reduce(ops.unary(x, 'square'), 'mean', [-1], { keepDims: true });
  const unit = ops.binary(x, ops.unary(ops.scale(mean, 1, epsilon), 'rsqrt'), 'mul');
  return ops.scope(name, () =>
    ops.binary(unit, ops.weight('gamma', [ops.shape(x).at(-1)!], { kind: 'ones' }), 'mul'),
  );
}

export const normParam = (
  fallback: 'batch' | 'layer' | 'none',
): ChoiceParam & { readonly default: string } => ({
  kind: 'choice',
  oneOf: ['batch', 'layer', 'none'],
  default: fallback,
  doc: 'norm',
});

/** Applies the norm of a validated parameter; `none` returns x. */
export function applyNorm<T>(
  ops: TensorOps<T>,
  x: T,
  name: string,
  kind: string,
  options: NormOptions = {},
): T {
  return kind === 'none' ? x : (kind === 'layer' ? layerNorm : batchNorm)(ops, x, name, options);
}
