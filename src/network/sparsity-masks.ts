/**
 * Sparsity masks and lottery-ticket rewinding. A mask says, weight by weight, which entries are alive; a
 * network read through `maskedOps` computes with the living alone, so that the others get no gradient and do
 * not matter, whatever an optimizer does to them. Iterated: train, `prunedMasks`, set the weights back with
 * `rewound`, train again. https://arxiv.org/abs/1803.03635
 */
import { overrideOps } from '../tensor/override-ops.js';
import type { TensorOps } from '../tensor/tensor-ops.js';

/** Path → one byte per entry: 1 alive, 0 pruned. Weights that are not named are whole. */
export type SparsityMasks = ReadonlyMap<string, Uint8Array>;

/** A weight as runtimes read and write it. */
interface Weight {
  readonly shape: readonly number[];
  readonly values: Float32Array;
  readonly trainable: boolean;
}

export interface PruneOptions {
  /** Share of the living entries that dies now, 0..1. */
  readonly fraction: number;
  /** Smallest magnitudes of the whole network, or of each weight; default network. */
  readonly within?: 'network' | 'weight';
  /** Masks so far; what is dead stays dead. */
  readonly masks?: SparsityMasks;
  /** Which weights may be pruned; default filters and kernels (norms, biases, positions stay whole). */
  readonly prunable?: (path: string, shape: readonly number[]) => boolean;
}

/** Order by UTF-16 code units, so that ties are pruned alike everywhere. */
function compareText(a: string, b: string): number {
  if (a === b) return 0;
  return a < b ? -1 : 1;
}

const filtersAndKernels = (path: string): boolean => /(^|\/)(filter|kernel)$/.test(path);

/**
 * Masks with the smallest living magnitudes dead as well.
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
 * Earlier weights (initial, or of an early step) with the pruned entries at 0: where a lottery ticket starts
 * again.
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

/** Share of the masked weights' entries that is dead. */
export function sparsityOf(masks: SparsityMasks): number {
  let [dead, all] = [0, 0];
  for (const mask of masks.values()) {
    all += mask.length;
    for (const alive of mask) dead += 1 - alive;
  }
  return all === 0 ? 0 : dead / all;
}

/** Operations whose weights are read through masks. */
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
