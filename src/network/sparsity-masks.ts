/**
 * Sparsity masks and rewinding for lottery tickets. https://arxiv.org/abs/1803.03635
 * A mask marks, entry by entry, which weights are kept. `maskedOps` multiplies each weight by its mask, so
 * that pruned entries get no gradient and have no effect. One round: train, `pruneByMagnitude`,
 * `rewindWeights`, train again.
 */
import { overrideOps } from '../tensor/override-ops.js';
import type { TensorOps } from '../tensor/tensor-ops.js';

/** Path → one byte per entry: 1 kept, 0 pruned. Weights without a mask are not pruned. */
export type SparsityMasks = ReadonlyMap<string, Uint8Array>;

/** A weight in the form that runtimes read and write. */
interface Weight {
  readonly shape: readonly number[];
  readonly values: Float32Array;
  readonly trainable: boolean;
}

export interface PruneOptions {
  /** Fraction of the kept entries to prune now, 0..1. */
  readonly fraction: number;
  /** Whether magnitudes are ranked over the whole network or within each weight; default network. */
  readonly within?: 'network' | 'weight';
  /** Masks of earlier rounds; pruned entries stay pruned. */
  readonly masks?: SparsityMasks;
  /** Weights that may be pruned; default filters and kernels, not norms, biases and positions. */
  readonly prunable?: (path: string, shape: readonly number[]) => boolean;
}

/** Order by UTF-16 code units, so that ties are pruned alike everywhere. */
function compareText(a: string, b: string): number {
  if (a === b) return 0;
  return a < b ? -1 : 1;
}

const filtersAndKernels = (path: string): boolean => /(^|\/)(filter|kernel)$/.test(path);

/**
 * Masks that also prune the kept entries of smallest magnitude.
 * @throws RangeError where the fraction does not lie in 0..1
 */
export function pruneByMagnitude(
  weights: ReadonlyMap<string, Weight>,
  { fraction, within = 'network', masks, prunable = filtersAndKernels }: PruneOptions,
): SparsityMasks {
  if (!(fraction >= 0 && fraction <= 1))
    throw new RangeError(`prunedMasks: fraction must lie in 0..1, got ${fraction}`);
  const groups = new Map<string, { path: string; index: number; magnitude: number }[]>();
  const result = new Map<string, Uint8Array>();
  for (const [path, { shape, values, trainable }] of weights) {
    if (!trainable || !prunable(path, shape)) continue;
    const mask = masks?.get(path)?.slice() ?? new Uint8Array(values.length).fill(1);
    result.set(path, mask);
    const key = within === 'network' ? '' : path;
    const group = groups.get(key) ?? [];
    values.forEach((value, index) => {
      if (mask[index] === 1) group.push({ path, index, magnitude: Math.abs(value) });
    });
    groups.set(key, group);
  }
  for (const group of groups.values()) {
    group.sort((a, b) => a.magnitude - b.magnitude || compareText(a.path, b.path) || a.index - b.index);
    for (const { path, index } of group.slice(0, Math.round(fraction * group.length)))
      result.get(path)![index] = 0;
  }
  return result;
}

/**
 * Earlier weights (initial, or of an early step) with pruned entries set to 0, from which a lottery ticket is
 * trained again.
 */
export function rewindWeights<W extends Weight>(
  earlier: ReadonlyMap<string, W>,
  masks: SparsityMasks,
): Map<string, W> {
  return new Map(
    [...earlier].map(([path, weight]) => {
      const mask = masks.get(path);
      return [
        path,
        mask
          ? { ...weight, values: weight.values.map((value, index) => (mask[index] === 1 ? value : 0)) }
          : weight,
      ];
    }),
  );
}

/** Fraction of the masked weights' entries that are pruned. */
export function sparsityOf(masks: SparsityMasks): number {
  let [dead, all] = [0, 0];
  for (const mask of masks.values()) {
    all += mask.length;
    for (const alive of mask) dead += 1 - alive;
  }
  return all === 0 ? 0 : dead / all;
}

/** Operations that multiply each weight by its mask. */
export function maskedOps<T>(ops: TensorOps<T>, masks: SparsityMasks): TensorOps<T> {
  let path = '';
  return overrideOps(ops, {
    scope(name, body) {
      const outer = path;
      path = outer === '' ? name : `${outer}/${name}`;
      try {
        return ops.scope(name, body);
      } finally {
        path = outer;
      }
    },
    weight(name, shape, init) {
      const weight = ops.weight(name, shape, init);
      const mask = masks.get(path === '' ? name : `${path}/${name}`);
      if (!mask) return weight;
      const size = shape.reduce((product, dim) => product * dim, 1);
      if (mask.length !== size)
        throw new RangeError(`masks: ${path}/${name} must have ${size} entries, got ${mask.length}`);
      return ops.binary(weight, ops.constant(Float32Array.from(mask), shape), 'mul');
    },
  });
}
