/**
 * Symbolic analysis of one block that finds the weights which make it the identity when they are zero: the
 * last weights of its residual branches. For each tensor it derives three facts. Which zero weights make it
 * zero; which make it a rearrangement of the block's input; and whether it is non-negative, so that a ReLU
 * after the sum changes nothing.
 */

import type { BlockSpec } from '../../../architecture/architecture.js';
import type { BlockContext, MapSize } from '../../../blocks/block.js';
import { forwardPart } from '../../../network/forward-network.js';
import { definitionOf, type NetworkPart } from '../../../network/network-parts.js';
import { elementCount, resolveAxis } from '../../../tensor/infer/shape-rules.js';
import { SymbolicOps, type SymbolicTensor } from '../../../tensor/infer/symbolic-ops.js';
import type {
  Activation,
  Binary,
  Conv2dOptions,
  Init,
  NormAffine,
  Padding,
  Reduction,
  Shape,
  Unary,
} from '../../../tensor/tensor-ops.js';

type WeightPaths = ReadonlySet<string>;
/** A tensor as a rearrangement of the block's input: source index of each value, -1 for zero. */
interface InputRearrangement {
  readonly from: Int32Array;
  readonly zeroed: WeightPaths;
}

const strides = (shape: Shape): number[] => shape.map((_, axis) => elementCount(shape.slice(axis + 1)));

/** Places of a tensor in row-major order, each computed from its coordinates. */
function places(shape: Shape, place: (at: readonly number[]) => number): Int32Array {
  const at = shape.map(() => 0);
  return Int32Array.from({ length: elementCount(shape) }, () => {
    const value = place(at);
    for (let axis = shape.length - 1; axis >= 0 && ++at[axis]! === shape[axis]; axis--) at[axis] = 0;
    return value;
  });
}

const union = (a: WeightPaths, b: WeightPaths): WeightPaths => new Set([...a, ...b]);
/** The one with fewer weights; the second where they are as many, since it is the weight of a product. */
function fewer(a: WeightPaths | undefined, b: WeightPaths | undefined): WeightPaths | undefined {
  if (!a || !b) return b ?? a;
  return a.size < b.size ? a : b;
}

const keepsZero: ReadonlySet<string> = new Set<Activation | Unary>([
  'relu',
  'relu6',
  'gelu',
  'silu',
  'hard-swish',
  'tanh',
  'leaky-relu',
  'sqrt',
  'square',
  'neg',
  'abs',
  'sin',
]);

class IdentityOps extends SymbolicOps {
  /** Tensor → weights that, all zero, make it zero. */
  private readonly zeros = new Map<number, WeightPaths>();
  private readonly rearrangements = new Map<number, InputRearrangement>();
  private readonly nonNegative = new Set<number>();

  input(shape: Shape, nonNegative: boolean): SymbolicTensor {
    const x = this.tensor(shape, true);
    this.rearrangements.set(x.id, { from: places(shape, () => 0).map((_, at) => at), zeroed: new Set() });
    if (nonNegative) this.nonNegative.add(x.id);
    return x;
  }

  /** Weights that make this tensor equal the input when they are zero; undefined where none do. */
  identityWeights(y: SymbolicTensor): WeightPaths | undefined {
    const moved = this.rearrangements.get(y.id);
    return moved?.from.every((from, at) => from === at) ? moved.zeroed : undefined;
  }

  isNonNegative(y: SymbolicTensor): boolean {
    return this.nonNegative.has(y.id);
  }

  /** y rearranges x: place of y by coordinates → place of x, -1 for zero. */
  private rearranges(
    y: SymbolicTensor,
    x: SymbolicTensor,
    place: (at: readonly number[]) => number,
  ): SymbolicTensor {
    const moved = this.rearrangements.get(x.id);
    if (moved) {
      this.rearrangements.set(y.id, {
        zeroed: moved.zeroed,
        from: places(y.shape, (at) => {
          const from = place(at);
          return from < 0 ? -1 : moved.from[from]!;
        }),
      });
    }
    if (this.nonNegative.has(x.id)) this.nonNegative.add(y.id);
    return this.passesZero(y, x);
  }

  private zero(y: SymbolicTensor, zeroed: WeightPaths | undefined): SymbolicTensor {
    if (zeroed) this.zeros.set(y.id, zeroed);
    return y;
  }
  private passesZero(y: SymbolicTensor, x: SymbolicTensor): SymbolicTensor {
    return this.zero(y, this.zeros.get(x.id));
  }
  private product(y: SymbolicTensor, a: SymbolicTensor, b: SymbolicTensor): SymbolicTensor {
    return this.zero(y, fewer(this.zeros.get(a.id), this.zeros.get(b.id)));
  }

  override weight(name: string, shape: Shape, init: Init): SymbolicTensor {
    return this.zero(super.weight(name, shape, init), new Set([this.pathOf(name)]));
  }
  override conv2d(x: SymbolicTensor, filter: SymbolicTensor, options?: Conv2dOptions): SymbolicTensor {
    return this.product(super.conv2d(x, filter, options), x, filter);
  }
  override depthwiseConv2d(
    x: SymbolicTensor,
    filter: SymbolicTensor,
    options?: Omit<Conv2dOptions, 'groups'>,
  ): SymbolicTensor {
    return this.product(super.depthwiseConv2d(x, filter, options), x, filter);
  }
  override conv2dTranspose(
    x: SymbolicTensor,
    filter: SymbolicTensor,
    options: { readonly stride: number },
  ): SymbolicTensor {
    return this.product(super.conv2dTranspose(x, filter, options), x, filter);
  }
  override matmul(
    a: SymbolicTensor,
    b: SymbolicTensor,
    options?: { readonly transposeA?: boolean; readonly transposeB?: boolean },
  ): SymbolicTensor {
    return this.product(super.matmul(a, b, options), a, b);
  }
  protected override normalised(
    kind: string,
    x: SymbolicTensor,
    affine: NormAffine<SymbolicTensor>,
  ): SymbolicTensor {
    return this.zero(
      super.normalised(kind, x, affine),
      union(this.zeros.get(affine.gamma.id)!, this.zeros.get(affine.beta.id)!),
    );
  }
  override activation(x: SymbolicTensor, kind: Activation): SymbolicTensor {
    const y = super.activation(x, kind);
    if (kind === 'relu' && this.nonNegative.has(x.id) && this.rearrangements.has(x.id))
      this.rearrangements.set(y.id, this.rearrangements.get(x.id)!);
    if (['relu', 'relu6', 'sigmoid', 'hard-sigmoid'].includes(kind)) this.nonNegative.add(y.id);
    return keepsZero.has(kind) ? this.passesZero(y, x) : y;
  }
  override unary(x: SymbolicTensor, kind: Unary): SymbolicTensor {
    const y = super.unary(x, kind);
    return keepsZero.has(kind) ? this.passesZero(y, x) : y;
  }
  override scale(x: SymbolicTensor, factor = 1, offset = 0): SymbolicTensor {
    const y = super.scale(x, factor, offset);
    return offset === 0 ? this.passesZero(y, x) : y;
  }
  override binary(a: SymbolicTensor, b: SymbolicTensor, kind: Binary): SymbolicTensor {
    const y = super.binary(a, b, kind);
    const [zeroA, zeroB] = [this.zeros.get(a.id), this.zeros.get(b.id)];
    if (kind === 'mul') return this.product(y, a, b);
    if (kind === 'div') return this.zero(y, zeroA);
    if (zeroA && zeroB) this.zero(y, union(zeroA, zeroB));
    const keeps = (x: SymbolicTensor, zeroed: WeightPaths | undefined): boolean => {
      const moved = this.rearrangements.get(x.id);
      if (!moved || !zeroed || elementCount(y.shape) !== elementCount(x.shape)) return false;
      this.rearrangements.set(y.id, { from: moved.from, zeroed: union(moved.zeroed, zeroed) });
      if (this.nonNegative.has(x.id)) this.nonNegative.add(y.id); // once the other is zero
      return true;
    };
    if (kind === 'add') keeps(a, zeroB) || keeps(b, zeroA);
    if (kind === 'sub') keeps(a, zeroB);
    return y;
  }
  override reduce(
    x: SymbolicTensor,
    kind: Reduction,
    axes: readonly number[],
    options?: { readonly keepDims?: boolean },
  ): SymbolicTensor {
    return this.passesZero(super.reduce(x, kind, axes, options), x);
  }
  override maxPool(
    x: SymbolicTensor,
    options: { readonly window: number; readonly stride: number; readonly padding: Padding },
  ): SymbolicTensor {
    return this.passesZero(super.maxPool(x, options), x);
  }
  override avgPool(
    x: SymbolicTensor,
    options: { readonly window: number; readonly stride: number; readonly padding: Padding },
  ): SymbolicTensor {
    return this.passesZero(super.avgPool(x, options), x);
  }
  override resize(
    x: SymbolicTensor,
    height: number,
    width: number,
    kind: 'nearest' | 'bilinear' = 'nearest',
  ): SymbolicTensor {
    return this.passesZero(super.resize(x, height, width, kind), x);
  }
  override reshape(x: SymbolicTensor, shape: Shape): SymbolicTensor {
    const y = super.reshape(x, shape);
    if (this.rearrangements.has(x.id)) this.rearrangements.set(y.id, this.rearrangements.get(x.id)!);
    if (this.nonNegative.has(x.id)) this.nonNegative.add(y.id);
    return this.passesZero(y, x);
  }
  override transpose(x: SymbolicTensor, permutation: readonly number[]): SymbolicTensor {
    const steps = strides(x.shape);
    return this.rearranges(super.transpose(x, permutation), x, (at) =>
      at.reduce((sum, place, axis) => sum + place * steps[permutation[axis]!]!, 0),
    );
  }
  override slice(x: SymbolicTensor, begin: readonly number[], size: readonly number[]): SymbolicTensor {
    const steps = strides(x.shape);
    return this.rearranges(super.slice(x, begin, size), x, (at) =>
      at.reduce((sum, place, axis) => sum + (place + begin[axis]!) * steps[axis]!, 0),
    );
  }
  override pad(
    x: SymbolicTensor,
    paddings: readonly (readonly [number, number])[],
    value = 0,
  ): SymbolicTensor {
    const y = super.pad(x, paddings, value);
    if (value !== 0) return y;
    const steps = strides(x.shape);
    return this.rearranges(y, x, (at) =>
      at.some((place, axis) => place < paddings[axis]![0] || place >= paddings[axis]![0] + x.shape[axis]!)
        ? -1
        : at.reduce((sum, place, axis) => sum + (place - paddings[axis]![0]) * steps[axis]!, 0),
    );
  }
  override gather(x: SymbolicTensor, indices: Int32Array, axis: number): SymbolicTensor {
    const [steps, along] = [strides(x.shape), resolveAxis(x.shape, axis)];
    return this.rearranges(super.gather(x, indices, axis), x, (at) =>
      at.reduce((sum, place, index) => sum + (index === along ? indices[place]! : place) * steps[index]!, 0),
    );
  }
  override concat(xs: readonly SymbolicTensor[], axis: number): SymbolicTensor {
    const y = super.concat(xs, axis);
    const zeros = xs.map((x) => this.zeros.get(x.id));
    if (zeros.every((zeroed) => zeroed !== undefined)) this.zero(y, zeros.reduce(union));
    const moved = xs.map((x) => this.rearrangements.get(x.id));
    if (moved.every((part) => part !== undefined)) {
      const along = resolveAxis(y.shape, axis);
      const starts = xs.map((_, index) => xs.slice(0, index).reduce((sum, x) => sum + x.shape[along]!, 0));
      const from = places(y.shape, (at) => {
        const part = starts.findLastIndex((start) => start <= at[along]!);
        const steps = strides(xs[part]!.shape);
        return moved[part]!.from[
          at.reduce(
            (sum, place, index) => sum + (index === along ? place - starts[part]! : place) * steps[index]!,
            0,
          )
        ]!;
      });
      this.rearrangements.set(y.id, { from, zeroed: moved.map(({ zeroed }) => zeroed).reduce(union) });
    }
    return y;
  }
}

const asInput = ({ height, width, channels }: MapSize): Shape => [1, height, width, channels];

/**
 * Weights, by path within the block, that make it the identity when they are zero; undefined where none do (a
 * block without a residual sum, or one that reduces or changes its channels here).
 * @param nonNegative whether the block is only given values of at least 0
 */
export function identityZeroWeights(
  block: BlockSpec,
  place: BlockContext,
  input: MapSize,
  nonNegative = false,
): WeightPaths | undefined {
  if (place.stride !== 1 || place.width !== input.channels) return undefined;
  const ops = new IdentityOps();
  return ops.identityWeights(
    definitionOf('block', block.type).forward(
      ops,
      ops.input(asInput(input), nonNegative),
      block.params as never,
      place,
    ),
  );
}

/** Whether a part's output is non-negative for all weights. */
export function isOutputNonNegative(part: NetworkPart, input: MapSize, nonNegative: boolean): boolean {
  const ops = new IdentityOps();
  return ops.isNonNegative(forwardPart(ops, ops.input(asInput(input), nonNegative), part));
}
