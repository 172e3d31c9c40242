/**
 * The interpreter of `TensorOps` that records ONNX nodes (opset 20), so that every block has an ONNX form. A
 * feature map may exist channels-first, channels-last or both: convolutions, pools and norms read the first,
 * pointwise operations stay in the layout they find, and a transposition is added where the other is needed.
 */
import { SymbolicOps, type SymbolicTensor } from '../../tensor/infer/symbolic-ops.js';
import { padAmounts } from '../../tensor/pad-amounts.js';
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
} from '../../tensor/tensor-ops.js';
import { type AttributeValue, GraphBuilder } from './onnx-graph.js';
import { activationNodes, binaryNodes, reductionNodes, unaryNodes } from './pointwise-nodes.js';

type T = SymbolicTensor;
type Attributes = Readonly<Record<string, AttributeValue>>;
/** Names of a tensor's values, by layout: `last` is the order of the lab's axes. */
interface Layouts {
  last?: string;
  first?: string;
}
interface PoolOptions {
  readonly window: number;
  readonly stride: number;
  readonly padding: Padding;
}
interface WeightOf {
  readonly path: string;
}

const toFirst = (rank: number): number[] => [
  0,
  rank - 1,
  ...Array.from({ length: rank - 2 }, (_, axis) => axis + 1),
];
const toLast = (rank: number): number[] => [0, ...Array.from({ length: rank - 2 }, (_, axis) => axis + 2), 1];

export class OnnxOps extends SymbolicOps {
  readonly graph = new GraphBuilder();
  private readonly names = new Map<number, Layouts>();
  private readonly weightOf = new Map<number, WeightOf>();
  private scopeNow = '';

  /** An input of the graph. */
  input(name: string, shape: Shape, layout: keyof Layouts): T {
    const made = this.tensor(shape, true);
    this.names.set(made.id, { [layout]: name });
    return made;
  }

  /** Name of a tensor's values, channels-first where it has four axes. */
  outputName(x: T): string {
    return x.shape.length === 4 ? this.first(x) : this.last(x);
  }

  override scope<R>(name: string, body: () => R): R {
    const outer = this.scopeNow;
    this.scopeNow = outer === '' ? name : `${outer}/${name}`;
    try {
      return super.scope(name, body);
    } finally {
      this.scopeNow = outer;
    }
  }

  private node(op: string, inputs: readonly string[], attributes: Attributes = {}, shape?: Shape): string {
    return this.graph.node(op, this.scopeNow, inputs, attributes, shape);
  }
  private put(y: T, layout: keyof Layouts, name: string): T {
    this.names.set(y.id, { [layout]: name });
    return y;
  }

  /** The tensor in the order of its axes. */
  private last(x: T): string {
    const names = this.names.get(x.id)!;
    return (names.last ??= this.node('Transpose', [names.first!], { perm: toLast(x.shape.length) }));
  }
  /** The tensor with its last axis second. */
  private first(x: T): string {
    const names = this.names.get(x.id)!;
    return (names.first ??= this.node('Transpose', [names.last!], { perm: toFirst(x.shape.length) }));
  }
  private hasFirst(x: T): boolean {
    return this.names.get(x.id)!.first !== undefined;
  }
  /** Applies `make` in the layout that x has. */
  private alike(x: T, y: T, make: (name: string) => string): T {
    const layout = this.hasFirst(x) ? 'first' : 'last';
    return this.put(y, layout, make(layout === 'first' ? this.first(x) : this.last(x)));
  }

  override weight(name: string, shape: Shape, init: Init): T {
    const made = super.weight(name, shape, init);
    const path = this.pathOf(name);
    this.weightOf.set(made.id, { path });
    const permutation = shape.map((_, axis) => axis);
    return this.put(
      made,
      'last',
      this.graph.constant(path, { kind: 'weight', path, from: shape, permutation, shape }),
    );
  }
  override constant(values: Float32Array, shape: Shape): T {
    return this.put(super.constant(values, shape), 'last', this.graph.floats(values, shape));
  }
  private state(name: string, channels: number): string {
    const path = this.pathOf(name);
    return this.graph.constant(path, {
      kind: 'weight',
      path,
      from: [channels],
      permutation: [0],
      shape: [channels],
    });
  }

  /** A filter with its axes permuted and joined to `shape`: a constant where it is a weight. */
  private filter(filter: T, permutation: readonly number[], shape: Shape): string {
    const weight = this.weightOf.get(filter.id);
    if (weight)
      return this.graph.constant(`${weight.path} [${shape.join()}]`, {
        kind: 'weight',
        path: weight.path,
        from: filter.shape,
        permutation,
        shape,
      });
    return this.node(
      'Reshape',
      [this.node('Transpose', [this.last(filter)], { perm: permutation })],
      {},
      shape,
    );
  }

  private windowAttributes(
    x: T,
    kernel: readonly [number, number],
    stride: number,
    dilation: number,
    padding: Padding,
  ): Attributes {
    const [top, bottom] = padAmounts(x.shape[1]!, kernel[0], stride, dilation, padding);
    const [left, right] = padAmounts(x.shape[2]!, kernel[1], stride, dilation, padding);
    return { kernel_shape: kernel, strides: [stride, stride], pads: [top, left, bottom, right] };
  }

  override conv2d(x: T, filter: T, options: Conv2dOptions = {}): T {
    const { stride = 1, padding = 'same', dilation = 1, groups = 1 } = options;
    const [rows, columns, inner, outer] = filter.shape as [number, number, number, number];
    const kernel = this.filter(filter, [3, 2, 0, 1], [outer, inner, rows, columns]);
    const window = this.windowAttributes(x, [rows, columns], stride, dilation, padding);
    const attributes = { ...window, dilations: [dilation, dilation], group: groups };
    return this.put(
      super.conv2d(x, filter, options),
      'first',
      this.node('Conv', [this.first(x), kernel], attributes),
    );
  }

  override depthwiseConv2d(x: T, filter: T, options: Omit<Conv2dOptions, 'groups'> = {}): T {
    const { stride = 1, padding = 'same', dilation = 1 } = options;
    const [rows, columns, channels, multiplier] = filter.shape as [number, number, number, number];
    const kernel = this.filter(filter, [2, 3, 0, 1], [channels * multiplier, 1, rows, columns]);
    const window = this.windowAttributes(x, [rows, columns], stride, dilation, padding);
    const attributes = { ...window, dilations: [dilation, dilation], group: channels };
    const y = super.depthwiseConv2d(x, filter, options);
    return this.put(y, 'first', this.node('Conv', [this.first(x), kernel], attributes));
  }

  override conv2dTranspose(x: T, filter: T, options: { readonly stride: number }): T {
    const { stride } = options;
    const [rows, columns, outer, inner] = filter.shape as [number, number, number, number];
    const pads = [rows, columns].map((side) => Math.max(side - stride, 0));
    const kernel = this.filter(filter, [3, 2, 0, 1], [inner, outer, rows, columns]);
    const attributes = {
      kernel_shape: [rows, columns],
      strides: [stride, stride],
      pads: [...pads.map((total) => Math.floor(total / 2)), ...pads.map((total) => Math.ceil(total / 2))],
      output_padding: [rows, columns].map((side) => Math.max(stride - side, 0)),
    };
    const y = super.conv2dTranspose(x, filter, options);
    return this.put(y, 'first', this.node('ConvTranspose', [this.first(x), kernel], attributes));
  }

  override matmul(
    a: T,
    b: T,
    options: { readonly transposeA?: boolean; readonly transposeB?: boolean } = {},
  ): T {
    const side = (x: T, transposed: boolean | undefined): string => {
      if (!transposed) return this.last(x);
      const axes = x.shape.map((_, axis) => axis);
      const swapped = [...axes.slice(0, -2), axes.at(-1)!, axes.at(-2)!];
      return this.node('Transpose', [this.last(x)], { perm: swapped });
    };
    const inputs = [side(a, options.transposeA), side(b, options.transposeB)];
    return this.put(super.matmul(a, b, options), 'last', this.node('MatMul', inputs));
  }

  override batchNorm(x: T, affine: NormAffine<T>, options: { readonly epsilon?: number } = {}): T {
    const channels = x.shape.at(-1)!;
    const parts = [this.last(affine.gamma), this.last(affine.beta)];
    const statistics = [this.state('running-mean', channels), this.state('running-variance', channels)];
    const y = super.batchNorm(x, affine);
    const flat = x.shape.length === 2;
    const inputs = [flat ? this.last(x) : this.first(x), ...parts, ...statistics];
    const attributes = { epsilon: { float: options.epsilon ?? 1e-5 } };
    return this.put(y, flat ? 'last' : 'first', this.node('BatchNormalization', inputs, attributes));
  }

  override layerNorm(x: T, affine: NormAffine<T>, options: { readonly epsilon?: number } = {}): T {
    const inputs = [this.last(x), this.last(affine.gamma), this.last(affine.beta)];
    const attributes = { axis: -1, epsilon: { float: options.epsilon ?? 1e-6 } };
    return this.put(super.layerNorm(x, affine), 'last', this.node('LayerNormalization', inputs, attributes));
  }

  override softmax(x: T): T {
    return this.put(super.softmax(x), 'last', this.node('Softmax', [this.last(x)], { axis: -1 }));
  }

  override activation(x: T, kind: Activation): T {
    return this.alike(x, super.activation(x, kind), (name) => activationNodes[kind](this.make, name));
  }
  override unary(x: T, kind: Unary): T {
    return this.alike(x, super.unary(x, kind), (name) => unaryNodes[kind](this.make, name));
  }
  override scale(x: T, factor: number, offset = 0): T {
    return this.alike(x, super.scale(x, factor, offset), (name) => {
      const scaled = factor === 1 ? name : this.node('Mul', [name, this.graph.floats([factor], [])]);
      if (offset !== 0) return this.node('Add', [scaled, this.graph.floats([offset], [])]);
      return factor === 1 ? this.node('Identity', [scaled]) : scaled;
    });
  }
  /** Adds nodes for the tables of pointwise functions. */
  private readonly make = {
    node: (op: string, inputs: readonly string[], attributes?: Attributes): string =>
      this.node(op, inputs, attributes),
    float: (value: number): string => this.graph.floats([value], []),
  };

  /** Name of an operand of a channels-first result; undefined where it would need a transposition. */
  private firstOperand(x: T): string | undefined {
    if (x.shape.length === 4) return this.hasFirst(x) ? this.first(x) : undefined;
    if (x.shape.length !== 1) return x.shape.length === 0 ? this.last(x) : undefined;
    if (x.shape[0] === 1) return this.last(x);
    const weight = this.weightOf.get(x.id);
    if (!weight) return undefined;
    const shape = [x.shape[0]!, 1, 1];
    return this.graph.constant(`${weight.path} [${shape.join()}]`, {
      kind: 'weight',
      path: weight.path,
      from: x.shape,
      permutation: [0],
      shape,
    });
  }

  override binary(a: T, b: T, kind: Binary): T {
    const y = super.binary(a, b, kind);
    if (y.shape.length === 4 && (this.hasFirst(a) || this.hasFirst(b))) {
      const operands = [this.firstOperand(a), this.firstOperand(b)];
      if (operands.every((name) => name !== undefined))
        return this.put(y, 'first', this.node(binaryNodes[kind], operands as string[]));
    }
    return this.put(y, 'last', this.node(binaryNodes[kind], [this.last(a), this.last(b)]));
  }

  override reduce(
    x: T,
    kind: Reduction,
    axes: readonly number[],
    options: { readonly keepDims?: boolean } = {},
  ): T {
    const y = super.reduce(x, kind, axes, options);
    const rank = x.shape.length;
    const positive = axes.map((axis) => (axis < 0 ? axis + rank : axis));
    const keeps = options.keepDims ?? false;
    // Without kept axes, both layouts agree where only height and width go.
    const first = rank === 4 && this.hasFirst(x) && (keeps || positive.join() === '1,2');
    const at = first ? positive.map(firstAxis) : positive;
    const inputs = [first ? this.first(x) : this.last(x), this.graph.ints(at)];
    const name = this.node(reductionNodes[kind], inputs, { keepdims: keeps ? 1 : 0 });
    return this.put(y, first && keeps ? 'first' : 'last', name);
  }

  override argMax(x: T, axis: number): T {
    const found = this.node('ArgMax', [this.last(x)], { axis, keepdims: 0 });
    return this.put(super.argMax(x, axis), 'last', this.node('Cast', [found], { to: 1 }));
  }

  private poolAttributes(x: T, { window, stride, padding }: PoolOptions): Attributes {
    return this.windowAttributes(x, [window, window], stride, 1, padding);
  }

  override maxPool(x: T, options: PoolOptions): T {
    const y = super.maxPool(x, options);
    return this.put(y, 'first', this.node('MaxPool', [this.first(x)], this.poolAttributes(x, options)));
  }

  /** Every `stride`th pixel: a pool of one pixel. */
  private everyPixel(x: T, stride: number): string {
    const bounds = [
      [0, 0],
      [x.shape[1]!, x.shape[2]!],
      [2, 3],
      [stride, stride],
    ];
    return this.node('Slice', [this.first(x), ...bounds.map((values) => this.graph.ints(values))]);
  }

  override avgPool(x: T, options: PoolOptions): T {
    const y = super.avgPool(x, options);
    if (options.window === 1) return this.put(y, 'first', this.everyPixel(x, options.stride));
    const attributes = { ...this.poolAttributes(x, options), count_include_pad: 0 };
    return this.put(y, 'first', this.node('AveragePool', [this.first(x)], attributes));
  }

  override resize(x: T, height: number, width: number, kind: 'nearest' | 'bilinear'): T {
    const attributes: Attributes =
      kind === 'nearest'
        ? {
            mode: { text: 'nearest' },
            nearest_mode: { text: 'floor' },
            coordinate_transformation_mode: { text: 'asymmetric' },
          }
        : { mode: { text: 'linear' }, coordinate_transformation_mode: { text: 'half_pixel' } };
    const inputs = [this.first(x), '', '', this.graph.ints([height, width])];
    const y = super.resize(x, height, width, kind);
    return this.put(y, 'first', this.node('Resize', inputs, { ...attributes, axes: [2, 3] }));
  }

  override reshape(x: T, shape: Shape): T {
    const y = super.reshape(x, shape);
    return this.put(y, 'last', this.node('Reshape', [this.last(x)], {}, y.shape));
  }
  override transpose(x: T, permutation: readonly number[]): T {
    return this.put(
      super.transpose(x, permutation),
      'last',
      this.node('Transpose', [this.last(x)], { perm: permutation }),
    );
  }
  override concat(xs: readonly T[], axis: number): T {
    const y = super.concat(xs, axis);
    const at = axis < 0 ? axis + y.shape.length : axis;
    if (y.shape.length === 4 && xs.every((x) => this.hasFirst(x)))
      return this.put(
        y,
        'first',
        this.node(
          'Concat',
          xs.map((x) => this.first(x)),
          { axis: firstAxis(at) },
        ),
      );
    return this.put(
      y,
      'last',
      this.node(
        'Concat',
        xs.map((x) => this.last(x)),
        { axis: at },
      ),
    );
  }

  override slice(x: T, begin: readonly number[], size: readonly number[]): T {
    const y = super.slice(x, begin, size);
    const cut = x.shape.flatMap((whole, axis) => (y.shape[axis] === whole ? [] : [axis]));
    const first = x.shape.length === 4 && this.hasFirst(x);
    const from = cut.map((axis) => begin[axis]!);
    const to = cut.map((axis) => begin[axis]! + y.shape[axis]!);
    const axes = cut.map((axis) => (first ? firstAxis(axis) : axis));
    const name = first ? this.first(x) : this.last(x);
    const sliced =
      cut.length === 0
        ? this.node('Identity', [name])
        : this.node('Slice', [name, this.graph.ints(from), this.graph.ints(to), this.graph.ints(axes)]);
    return this.put(y, first ? 'first' : 'last', sliced);
  }

  override pad(x: T, paddings: readonly (readonly [number, number])[], value = 0): T {
    const y = super.pad(x, paddings, value);
    const first = x.shape.length === 4 && this.hasFirst(x);
    const ordered = first ? toFirst(4).map((axis) => paddings[axis]!) : paddings;
    const amounts = [...ordered.map(([before]) => before), ...ordered.map(([, after]) => after)];
    const inputs = [
      first ? this.first(x) : this.last(x),
      this.graph.ints(amounts),
      this.graph.floats([value], []),
    ];
    return this.put(y, first ? 'first' : 'last', this.node('Pad', inputs));
  }

  override gather(x: T, indices: Int32Array, axis: number): T {
    const at = axis < 0 ? axis + x.shape.length : axis;
    const inputs = [this.last(x), this.graph.ints(indices)];
    return this.put(super.gather(x, indices, axis), 'last', this.node('Gather', inputs, { axis: at }));
  }
}

/** Axis of a channels-first map that an axis of the lab's map is. */
function firstAxis(axis: number): number {
  if (axis === 0) return 0;
  return axis === 3 ? 1 : axis + 1;
}
