/**
 * The weights of a network as its PyTorch module has them: names of the state dict, and layouts. Filters
 * `[kh,kw,cin,cout]` become `[cout,cin,kh,kw]`, kernels `[cin,cout]` become `[cout,cin]`; all others stay.
 */
import type { Architecture } from '../../architecture/architecture.js';
import { forwardNetwork } from '../../network/forward-network.js';
import { networkParts } from '../../network/network-parts.js';
import { SymbolicOps, type SymbolicTensor } from '../../tensor/infer/symbolic-ops.js';
import type { Init, Shape } from '../../tensor/tensor-ops.js';
import type { ParamValues } from '../../util/params.js';
import { permuted } from '../permute.js';
import { locateInModifiers } from './parts/modifier-calls.js';
import { pythonName } from './python-text.js';

export interface WeightForm {
  /** The lab's path, e.g. `stage2/block1/expand/filter`, and shape. */
  readonly path: string;
  readonly shape: Shape;
  /** Name in the state dict, e.g. `stage2.0.expand.weight`, and shape there. */
  readonly name: string;
  readonly torchShape: Shape;
  /** The axes of `shape` in the order of `torchShape`, before the first two are joined for `depthwise`. */
  readonly permutation: readonly number[];
  readonly trainable: boolean;
  /** Initial values; absent for running statistics. */
  readonly init?: Init;
}

const leaves: Readonly<Record<string, string>> = {
  filter: 'weight',
  kernel: 'weight',
  gamma: 'weight',
  beta: 'bias',
  'running-mean': 'running_mean',
  'running-variance': 'running_var',
};

/** Prefix of a part's weights in the module, and the parameters of its modifiers. */
function partPrefixes(architecture: Architecture): Map<string, { prefix: string; params: ParamValues }> {
  return new Map(
    networkParts(architecture).map((part) => {
      const [stage, block] = part.name.split('/') as [string, string?];
      const number = stage.slice('stage'.length);
      if (part.kind === 'block')
        return [
          part.name,
          { prefix: `${stage}.${Number(block!.slice('block'.length)) - 1}.`, params: part.spec.params },
        ];
      return [
        part.name,
        { prefix: part.kind === 'downsample' ? `downsample${number}.` : `${part.kind}.`, params: {} },
      ];
    }),
  );
}

/** Notes the filters that depthwise convolutions read, whose layout differs. */
class WeightRecorder extends SymbolicOps {
  readonly depthwise = new Set<string>();
  private readonly pathByTensor = new Map<SymbolicTensor, string>();

  override weight(name: string, shape: Shape, init: Init): SymbolicTensor {
    const tensor = super.weight(name, shape, init);
    this.pathByTensor.set(tensor, this.pathOf(name));
    return tensor;
  }

  override depthwiseConv2d(
    ...[x, filter, options]: Parameters<SymbolicOps['depthwiseConv2d']>
  ): SymbolicTensor {
    const path = this.pathByTensor.get(filter);
    if (path !== undefined) this.depthwise.add(path);
    return super.depthwiseConv2d(x, filter, options);
  }
}

function layoutOf(
  leaf: string,
  shape: Shape,
  depthwise: boolean,
): Pick<WeightForm, 'permutation' | 'torchShape'> {
  const [a, b, c, d] = shape as [number, number, number, number];
  if (leaf === 'filter' && depthwise) return { permutation: [2, 3, 0, 1], torchShape: [c * d, 1, a, b] };
  if (leaf === 'filter') return { permutation: [3, 2, 0, 1], torchShape: [d, c, a, b] };
  if (leaf === 'kernel') return { permutation: [1, 0], torchShape: [b, a] };
  return { permutation: shape.map((_, axis) => axis), torchShape: shape };
}

/** Every weight and running statistic, in the order of declaration. */
export function weightForms(architecture: Architecture): WeightForm[] {
  const ops = new WeightRecorder();
  const { height, width, channels } = architecture.input;
  forwardNetwork(ops, architecture, ops.tensor([1, height, width, channels], true));
  const prefixes = partPrefixes(architecture);
  const form = (path: string, shape: Shape, init?: Init): WeightForm => {
    const levels = path.split('/');
    const part = prefixes.get(levels.slice(0, 2).join('/')) ?? prefixes.get(levels[0]!)!;
    const own = prefixes.has(levels.slice(0, 2).join('/')) ? levels.slice(2) : levels.slice(1);
    const { prefix, rest } = locateInModifiers(own, part.params);
    const leaf = rest.at(-1)!;
    const names = [...rest.slice(0, -1).map(pythonName), leaves[leaf] ?? pythonName(leaf)];
    return {
      path,
      shape,
      name: `${part.prefix}${prefix}${names.join('.')}`,
      ...layoutOf(leaf, shape, ops.depthwise.has(path)),
      trainable: init !== undefined,
      ...(init && { init }),
    };
  };
  return [
    ...[...ops.weights].map(([path, { shape, init }]) => form(path, shape, init)),
    ...[...ops.states].map(([path, shape]) => form(path, shape)),
  ];
}

/** The lab's values in PyTorch's layout. */
export const toTorch = (form: WeightForm, values: Float32Array): Float32Array =>
  permuted(values, form.shape, form.permutation);

/** PyTorch's values in the lab's layout. */
export function fromTorch(form: WeightForm, values: Float32Array): Float32Array {
  const sizes = form.permutation.map((axis) => form.shape[axis]!);
  return permuted(
    values,
    sizes,
    form.shape.map((_, axis) => form.permutation.indexOf(axis)),
  );
}
