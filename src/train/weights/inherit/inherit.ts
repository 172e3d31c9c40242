/**
 * Initial weights from another network: a parent whose function is kept while blocks are put in, widths and
 * filters grow (EAS, https://arxiv.org/abs/1707.04873; Net2Net, https://arxiv.org/abs/1511.05641), a supernet
 * that the child is cut out of (once-for-all, https://arxiv.org/abs/1908.09791), or whatever fits by name.
 */
import type { Architecture } from '../../../architecture/architecture.js';
import { forwardNetwork, forwardPart } from '../../../network/forward-network.js';
import { keptOutputsOf } from '../../../network/input-sizes.js';
import { type NetworkPart, networkParts } from '../../../network/network-parts.js';
import { type WeightRole, weightRoles } from '../../../network/weight-roles.js';
import type { WeightSet } from '../../../runtime/runtime.js';
import { infer } from '../../../tensor/infer/infer.js';
import { UserError } from '../../../util/errors.js';
import { seededRandom } from '../../../util/random.js';
import { alignByName, alignCut, alignGrown, type PartMap } from './align.js';
import { identityZeroWeights, isOutputNonNegative } from './identity-weights.js';
import { resizeProblem, resizeWeight } from './resize-weight.js';

/**
 * `grow`: the child computes what its parent does; `cut`: the child is a part of its parent; `match`: equal
 * names and shapes.
 */
export const inheritModes = ['grow', 'cut', 'match'] as const;
export type InheritMode = (typeof inheritModes)[number];

export interface Inherited {
  readonly weights: WeightSet;
  /** Scalars that come from the parent, repetitions and shares included, and scalars that start fresh. */
  readonly inherited: number;
  readonly fresh: number;
}

/** Roles of all weights by path, from shapes alone. */
export const networkWeightRoles = (architecture: Architecture): ReadonlyMap<string, WeightRole> => {
  const { height, width, channels } = architecture.input;
  return weightRoles([1, height, width, channels], (ops, x) => forwardNetwork(ops, architecture, x));
};

const shapeProblem = (before: readonly number[], after: readonly number[]): string | undefined =>
  before.join() === after.join() ? undefined : 'another shape';

/** Name of the part that a weight belongs to. */
const partOf = (path: string, parts: PartMap): string => {
  const [stage, second] = path.split('/');
  const nested = `${stage}/${second}`;
  return parts.has(nested) ? nested : stage!;
};

/** Path of the parent's weight that the child's continues; undefined in a part that was put in. */
export function inheritedFrom(path: string, parts: PartMap): string | undefined {
  const name = partOf(path, parts);
  const from = parts.get(name);
  return from === undefined ? undefined : from + path.slice(name.length);
}

/**
 * Weights of inserted blocks that must be zero, by path. @throws UserError where a block cannot start as the
 * identity
 */
export function zeroInitialised(child: Architecture, parts: PartMap): ReadonlySet<string> {
  const zeroed = new Set<string>();
  const list = networkParts(child);
  const inserted = list.find((part) => part.kind === 'block' && parts.get(part.name) === undefined);
  if (!inserted) return zeroed;
  const needs = keptOutputsOf(list);
  if (needs.previous || needs.stages === 'all' || needs.stages.size > 0)
    throw new UserError(
      `inherit: ${inserted.name}: blocks are put into networks without skip connections only`,
      { fix: 'use mode match' },
    );
  let nonNegative = false;
  let map = [1, child.input.height, child.input.width, child.input.channels] as readonly number[];
  for (const part of list) {
    const input = { height: map[1]!, width: map[2]!, channels: map[3]! };
    if (part.kind === 'block' && parts.get(part.name) === undefined) {
      const closing = identityZeroWeights(part.spec, part.context, input, nonNegative);
      if (!closing)
        throw new UserError(
          `inherit: ${part.name}: ` +
            `a block that is put in must be able to start as the identity, got ${part.spec.type}`,
          { fix: 'use a block that adds a residual and keeps the channels, or mode match' },
        );
      closing.forEach((path) => zeroed.add(`${part.name}/${path}`));
    }
    nonNegative = isOutputNonNegative(part, input, nonNegative);
    if (part.kind !== 'head') map = outputOf(part, map);
  }
  return zeroed;
}

function outputOf(part: NetworkPart, input: readonly number[]): readonly number[] {
  // one part alone: its forward is what `forwardPart` runs, read for shapes
  return infer(input, (ops, x) => forwardPart(ops, x, part)).output;
}

/**
 * Weights for `child` from those of `parent`; `fresh` are the child's own initial weights, kept where nothing
 * is inherited.
 * @param seed draws the unequal shares of repeated inputs
 * @throws UserError naming the part or weight that cannot be inherited in this mode
 */
export function inheritWeights(
  parent: { readonly architecture: Architecture; readonly weights: WeightSet },
  child: Architecture,
  fresh: WeightSet,
  { mode, seed }: { readonly mode: InheritMode; readonly seed: number },
): Inherited {
  const parts = { grow: alignGrown, cut: alignCut, match: alignByName }[mode](parent.architecture, child);
  const [before, after] = [networkWeightRoles(parent.architecture), networkWeightRoles(child)];
  const zeroed = mode === 'grow' ? zeroInitialised(child, parts) : new Set<string>();
  const random = seededRandom(seed).fork('inherit');
  const weights = new Map<
    string,
    { readonly shape: readonly number[]; readonly values: Float32Array; readonly trainable: boolean }
  >();
  let inherited = 0;
  let kept = 0;
  for (const [path, own] of fresh) {
    const source = inheritedFrom(path, parts);
    const old = source === undefined ? undefined : parent.weights.get(source);
    const [roleBefore, roleAfter] = [source === undefined ? undefined : before.get(source), after.get(path)];
    if (!old || !roleBefore || !roleAfter) {
      if (mode !== 'match' && source !== undefined)
        throw new UserError(`inherit: ${path}: the parent must have this weight`, {
          fix: 'give the block the parent’s parameters, or use mode match',
        });
      weights.set(path, zeroed.has(path) ? { ...own, values: new Float32Array(own.values.length) } : own);
      kept += own.values.length;
      continue;
    }
    const problem =
      mode === 'match' ? shapeProblem(old.shape, own.shape) : resizeProblem(roleBefore, roleAfter, mode);
    if (problem !== undefined && mode !== 'match') throw new UserError(`inherit: ${path}: ${problem}`);
    weights.set(
      path,
      problem === undefined
        ? { ...own, values: resizeWeight(old.values, roleBefore, roleAfter, random.fork(path)) }
        : own,
    );
    if (problem === undefined) inherited += own.values.length;
    else kept += own.values.length;
  }
  return { weights, inherited, fresh: kept };
}
