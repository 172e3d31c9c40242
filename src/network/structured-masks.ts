/**
 * Masks that are sub-architectures: whole blocks, attention heads or hidden channels are pruned, so that what
 * is left is a smaller network of the same kind. Lottery tickets: Frankle and Carbin 2019,
 * https://arxiv.org/abs/1803.03635; structured units: Chen et al. 2022, https://arxiv.org/abs/2202.04736.
 */
import type { Architecture } from '../architecture/architecture.js';
import type { SparsityMasks } from './sparsity-masks.js';

export type TicketUnit = 'blocks' | 'heads' | 'channels';

interface Weight {
  readonly shape: readonly number[];
  readonly values: Float32Array;
  readonly trainable: boolean;
}
type Weights = ReadonlyMap<string, Weight>;

/** Indices of one weight along one axis. */
interface Slice {
  readonly path: string;
  readonly axis: number;
  readonly indices: readonly number[];
}

/** What is pruned together. */
interface Unit {
  /** Units of one group compete. */
  readonly group: string;
  readonly slices: readonly Slice[];
}

/** Residual blocks that pass their input where all their weights are 0. */
const residualTypes: ReadonlySet<string> = new Set(['fused-mbconv', 'mbconv', 'convnext', 'transformer']);

const range = (count: number, from = 0): number[] =>
  Array.from({ length: count }, (_, index) => from + index);

/** Whether the block keeps the shape of its map, and so may be left out. */
function keepsShape({ stem, stages }: Architecture, stage: number, block: number): boolean {
  const { downsample, firstStride, width, blocks } = stages[stage]!;
  if (!residualTypes.has(blocks[block]!.type)) return false;
  if (block > 0 || downsample !== null) return true;
  return firstStride === 1 && width === (stages[stage - 1]?.width ?? stem.width);
}

/** All weights of each block that may be left out; blocks of the whole network compete. */
function blockUnits(architecture: Architecture, weights: Weights): Unit[] {
  return architecture.stages.flatMap(({ blocks }, stage) =>
    blocks.flatMap((_, block) => {
      if (!keepsShape(architecture, stage, block)) return [];
      const prefix = `stage${stage + 1}/block${block + 1}/`;
      const slices = [...weights].flatMap(([path, { shape, trainable }]) =>
        trainable && path.startsWith(prefix) ? [{ path, axis: 0, indices: range(shape[0]!) }] : [],
      );
      return [{ group: 'network', slices }];
    }),
  );
}

/** Columns of queries, keys and values, rows of the projection, and biases; heads of a block compete. */
function headUnits(architecture: Architecture, weights: Weights): Unit[] {
  return architecture.stages.flatMap(({ blocks }, stage) =>
    blocks.flatMap(({ type, params }, block) => {
      const name = `stage${stage + 1}/block${block + 1}/attention`;
      const width = (weights.get(`${name}/qkv/kernel`)?.shape[1] ?? 0) / 3;
      const dim = Number(params['head-dim']);
      if (type !== 'transformer' || !(width > 0)) return [];
      return range(width / dim).map((head): Unit => {
        const columns = range(3).flatMap((part) => range(dim, part * width + head * dim));
        const slices = [
          { path: `${name}/qkv/kernel`, axis: 1, indices: columns },
          { path: `${name}/qkv/bias`, axis: 0, indices: columns },
          { path: `${name}/bias-table`, axis: 1, indices: [head] },
          { path: `${name}/project/kernel`, axis: 0, indices: range(dim, head * dim) },
        ];
        return { group: name, slices: slices.filter(({ path }) => weights.has(path)) };
      });
    }),
  );
}

const hiddenPair = /^(stage\d+\/block\d+\/(?:mlp\/)?)expand\/(filter|kernel)$/;

/** Other weights of a hidden channel, with the axis of the channels. */
const hiddenWeights = [
  ['expand/bias', 0],
  ['expand-norm/gamma', 0],
  ['expand-norm/beta', 0],
  ['depthwise/filter', 2],
  ['depthwise-norm/gamma', 0],
  ['depthwise-norm/beta', 0],
  ['se/reduce/kernel', 0],
  ['se/expand/kernel', 1],
  ['se/expand/bias', 0],
] as const;

/** Hidden channels between `expand` and `project`; those of a block compete. */
function channelUnits(weights: Weights): Unit[] {
  return [...weights].flatMap(([path, { shape }]) => {
    const [, prefix, kind] = hiddenPair.exec(path) ?? [];
    if (prefix === undefined) return [];
    const project = `${prefix}project/${kind}`;
    const inputs = kind === 'filter' ? 2 : 0;
    if (weights.get(project)?.shape[inputs] !== shape.at(-1)) return [];
    return range(shape.at(-1)!).map(
      (channel): Unit => ({
        group: prefix,
        slices: [
          { path, axis: shape.length - 1, indices: [channel] },
          ...hiddenWeights
            .map(([name, axis]) => ({ path: `${prefix}${name}`, axis, indices: [channel] }))
            .filter((slice) => weights.get(slice.path)?.shape[slice.axis] === shape.at(-1)),
          { path: project, axis: inputs, indices: [channel] },
        ],
      }),
    );
  });
}

/** Positions of a slice in the weight's values. */
function positions({ shape }: Weight, { axis, indices }: Slice): number[] {
  const inner = shape.slice(axis + 1).reduce((product, dim) => product * dim, 1);
  const outer = shape.slice(0, axis).reduce((product, dim) => product * dim, 1);
  return range(outer).flatMap((before) =>
    indices.flatMap((index) => range(inner, (before * shape[axis]! + index) * inner)),
  );
}

/** Growth of a unit's matrices: root of the sum of squares after training over that before. */
function growth({ slices }: Unit, trained: Weights, initial: Weights): number {
  const norm = (weights: Weights): number =>
    slices.reduce((sum, slice) => {
      const weight = weights.get(slice.path)!;
      if (weight.shape.length < 2) return sum; // biases begin at 0
      return sum + positions(weight, slice).reduce((part, at) => part + weight.values[at]! ** 2, 0);
    }, 0);
  return Math.sqrt(norm(trained) / Math.max(norm(initial), 1e-30));
}

export interface TicketOptions {
  readonly architecture: Architecture;
  readonly unit: TicketUnit;
  /** Share of the units of each group that is pruned, 0..1; at least one unit of a block's is left. */
  readonly share: number;
  readonly trained: Weights;
  readonly initial: Weights;
  /** Order in which the units are pruned; default: the smallest growth of their weights first. */
  readonly rank?: (unit: number) => number;
}

/**
 * Masks of the units that are pruned: 1 kept, 0 pruned.
 * @throws RangeError where the network has no such unit
 */
export function ticketMasks(options: TicketOptions): SparsityMasks {
  const { architecture, unit, share, trained, initial } = options;
  const units = {
    blocks: () => blockUnits(architecture, trained),
    heads: () => headUnits(architecture, trained),
    channels: () => channelUnits(trained),
  }[unit]();
  if (units.length === 0)
    throw new RangeError(`ticketMasks: the network must have ${unit} to prune, got none`);
  const rank = options.rank ?? ((index: number) => growth(units[index]!, trained, initial));
  const groups = new Map<string, number[]>();
  units.forEach(({ group }, index) => {
    groups.set(group, [...(groups.get(group) ?? []), index]);
  });
  const masks = new Map<string, Uint8Array>();
  for (const members of groups.values()) {
    const most = unit === 'blocks' ? members.length : members.length - 1;
    const pruned = [...members]
      .map((index) => ({ index, rank: rank(index) }))
      .sort((a, b) => a.rank - b.rank || a.index - b.index)
      .slice(0, Math.min(most, Math.round(share * members.length)));
    for (const { index } of pruned)
      for (const slice of units[index]!.slices) {
        const weight = trained.get(slice.path)!;
        const mask = masks.get(slice.path) ?? new Uint8Array(weight.values.length).fill(1);
        for (const at of positions(weight, slice)) mask[at] = 0;
        masks.set(slice.path, mask);
      }
  }
  return masks;
}
