/**
 * Symbolic analysis of a forward pass that finds the role of each weight's axes: summed over (`in`), indexing
 * the outputs (`out`), following the channels that they scale or shift (`each`), or pixels of a filter
 * (`space`). Growing a network needs these roles.
 */

import { SymbolicOps, type SymbolicTensor } from '../tensor/infer/symbolic-ops.js';
import type { Conv2dOptions, Init, NormAffine, Shape } from '../tensor/tensor-ops.js';

export type AxisRole = 'in' | 'out' | 'each' | 'space';

export interface WeightRole {
  readonly shape: Shape;
  readonly axes: readonly AxisRole[];
  /**
   * Where the last axis that names outputs is cut apart later on (queries, keys and values of one product);
   * always 0 and the size.
   */
  readonly segmentBounds: readonly number[];
  /** Absent for running statistics. */
  readonly init?: Init;
  /** Filter of a convolution in groups. */
  readonly grouped?: true;
}

/** Runs as `infer` does, and remembers weights by the tensors they become. */
class RoleOps extends SymbolicOps {
  readonly roles = new Map<
    string,
    { shape: Shape; axes: readonly AxisRole[] | undefined; cuts: Set<number>; init: Init; grouped?: true }
  >();
  private readonly paths = new Map<number, string>();
  /** Weights whose outputs a tensor's last axis is, unchanged in order. */
  private readonly outputs = new Map<number, readonly string[]>();

  override weight(name: string, shape: Shape, init: Init): SymbolicTensor {
    const made = super.weight(name, shape, init);
    const path = this.pathOf(name);
    this.paths.set(made.id, path);
    if (!this.roles.has(path))
      this.roles.set(path, { shape, axes: undefined, cuts: new Set([0, shape.at(-1) ?? 1]), init });
    return made;
  }

  private used(
    weight: SymbolicTensor,
    axes: readonly AxisRole[],
    y: SymbolicTensor,
    x?: SymbolicTensor,
  ): SymbolicTensor {
    const path = this.paths.get(weight.id);
    if (path === undefined) return this.passed(y, x);
    const role = this.roles.get(path)!;
    role.axes ??= axes;
    this.outputs.set(y.id, [...(axes.includes('out') ? [] : (this.outputs.get(x?.id ?? -1) ?? [])), path]);
    return y;
  }

  private passed(y: SymbolicTensor, x: SymbolicTensor | undefined): SymbolicTensor {
    const outputs = x && this.outputs.get(x.id);
    if (outputs && x.shape.at(-1) === y.shape.at(-1)) this.outputs.set(y.id, outputs);
    return y;
  }

  override conv2d(x: SymbolicTensor, filter: SymbolicTensor, options?: Conv2dOptions): SymbolicTensor {
    const path = this.paths.get(filter.id);
    if (path !== undefined && (options?.groups ?? 1) > 1) this.roles.get(path)!.grouped = true;
    return this.used(filter, ['space', 'space', 'in', 'out'], super.conv2d(x, filter, options));
  }

  override depthwiseConv2d(
    x: SymbolicTensor,
    filter: SymbolicTensor,
    options?: Omit<Conv2dOptions, 'groups'>,
  ): SymbolicTensor {
    return this.used(
      filter,
      ['space', 'space', 'each', 'each'],
      super.depthwiseConv2d(x, filter, options),
      x,
    );
  }

  override conv2dTranspose(
    x: SymbolicTensor,
    filter: SymbolicTensor,
    options: { readonly stride: number },
  ): SymbolicTensor {
    return this.used(filter, ['space', 'space', 'out', 'in'], super.conv2dTranspose(x, filter, options));
  }

  override matmul(
    a: SymbolicTensor,
    b: SymbolicTensor,
    options: { readonly transposeA?: boolean; readonly transposeB?: boolean } = {},
  ): SymbolicTensor {
    const leading = b.shape.slice(2).map(() => 'each' as const);
    return this.used(
      b,
      [...leading, ...(options.transposeB ? (['out', 'in'] as const) : (['in', 'out'] as const))],
      super.matmul(a, b, options),
    );
  }

  protected override normalised(
    kind: string,
    x: SymbolicTensor,
    affine: NormAffine<SymbolicTensor>,
  ): SymbolicTensor {
    const y = super.normalised(kind, x, affine);
    this.used(affine.gamma, ['each'], y, x);
    return this.used(affine.beta, ['each'], y, y);
  }

  override binary(
    a: SymbolicTensor,
    b: SymbolicTensor,
    kind: 'add' | 'sub' | 'mul' | 'div' | 'maximum' | 'minimum',
  ): SymbolicTensor {
    const y = super.binary(a, b, kind);
    return this.paths.has(b.id)
      ? this.used(
          b,
          b.shape.map(() => 'each' as const),
          y,
          a,
        )
      : this.passed(y, a);
  }

  override activation(x: SymbolicTensor, kind: string): SymbolicTensor {
    return this.passed(super.activation(x, kind), x);
  }
  override reshape(x: SymbolicTensor, shape: Shape): SymbolicTensor {
    return this.passed(super.reshape(x, shape), x);
  }

  override slice(x: SymbolicTensor, begin: readonly number[], size: readonly number[]): SymbolicTensor {
    const y = super.slice(x, begin, size);
    const start = begin.at(-1)!;
    for (const path of this.outputs.get(x.id) ?? []) {
      const { shape, cuts } = this.roles.get(path)!;
      if (shape.at(-1) === x.shape.at(-1)) [start, start + y.shape.at(-1)!].forEach((cut) => cuts.add(cut));
    }
    return y;
  }
}

/**
 * Running statistics have the role `each`; so have weights that the forward pass uses in no way that is known
 * here.
 */
export function weightRoles(
  input: Shape,
  forward: (ops: SymbolicOps, x: SymbolicTensor) => SymbolicTensor,
): ReadonlyMap<string, WeightRole> {
  const ops = new RoleOps();
  forward(ops, ops.tensor(input, true));
  const roles = new Map<string, WeightRole>();
  for (const [path, { shape, axes, cuts, init, grouped }] of ops.roles)
    roles.set(path, {
      shape,
      axes: axes ?? shape.map(() => 'each'),
      segmentBounds: [...cuts].sort((a, b) => a - b),
      init,
      ...(grouped && { grouped }),
    });
  for (const [path, shape] of ops.states)
    roles.set(path, { shape, axes: ['each'], segmentBounds: [0, shape[0]!] });
  return roles;
}
