/**
 * The symbolic interpreter of `TensorOps`. A tensor is a shape, and an operation is an entry in a list.
 * Nothing is computed and no engine is loaded; `infer` sums up the result.
 */
import type {
  Binary,
  Conv2dOptions,
  Init,
  NormAffine,
  Padding,
  Reduction,
  Shape,
  TensorOps,
} from '../tensor-ops.js';
import type { Operation } from './liveness.js';
import * as rules from './shape-rules.js';

export interface SymbolicTensor {
  readonly id: number;
  readonly shape: Shape;
  /** Whether it grows with the batch; false for weights, constants and what is computed from these alone. */
  readonly perImage: boolean;
  /** The tensor whose memory it shares: itself, unless it is a reshape. */
  readonly buffer: number;
}

export interface DeclaredWeight {
  readonly shape: Shape;
  readonly init: Init;
}

type Inputs = readonly SymbolicTensor[];

const ranges = new WeakMap<Int32Array, { readonly low: number; readonly high: number }>();
/** Lowest and highest index, cached: attention over a large map gathers millions, the same in every block. */
function rangeOf(indices: Int32Array): { readonly low: number; readonly high: number } {
  let range = ranges.get(indices);
  if (!range) {
    let [low, high] = [0, 0];
    for (let at = 0; at < indices.length; at++) {
      const index = indices[at]!;
      if (index < low) low = index;
      else if (index > high) high = index;
    }
    ranges.set(indices, (range = { low, high }));
  }
  return range;
}

export class SymbolicOps implements TensorOps<SymbolicTensor> {
  readonly training = false;
  readonly operations: Operation[] = [];
  readonly tensors: SymbolicTensor[] = [];
  /** Trainable weights by path; a shared weight appears once. */
  readonly weights = new Map<string, DeclaredWeight>();
  /** Running statistics by path: state, not parameters. */
  readonly states = new Map<string, Shape>();
  private path: readonly string[] = [];

  /** An input tensor. */
  tensor(shape: Shape, perImage: boolean): SymbolicTensor {
    const made: SymbolicTensor = { id: this.tensors.length, shape, perImage, buffer: this.tensors.length };
    this.tensors.push(made);
    return made;
  }

  protected record(kind: string, inputs: Inputs, shape: Shape, macs = 0): SymbolicTensor {
    const id = this.tensors.length;
    const made: SymbolicTensor = {
      id,
      shape,
      perImage: inputs.some((input) => input.perImage),
      buffer: kind === 'reshape' ? inputs[0]!.buffer : id,
    };
    this.tensors.push(made);
    this.operations.push({
      kind,
      scope: this.path.join('/'),
      inputs: inputs.map((input) => input.id),
      output: id,
      shape,
      macs,
    });
    return made;
  }

  /** Runs a shape rule; a ShapeError gets the scope and the operation prepended. */
  private checked<R>(kind: string, rule: () => R): R {
    try {
      return rule();
    } catch (error) {
      if (!(error instanceof rules.ShapeError) || error.message.includes(': ')) throw error;
      throw new rules.ShapeError(`${[...this.path, kind].join('/')}: ${error.message}`);
    }
  }

  /** Path of a weight or state in the current scope. */
  protected pathOf(name: string): string {
    return [...this.path, name].join('/');
  }

  shape(x: SymbolicTensor): Shape {
    return x.shape;
  }

  scope<R>(name: string, body: () => R): R {
    const outer = this.path;
    this.path = [...outer, name];
    try {
      return body();
    } finally {
      this.path = outer;
    }
  }

  weight(name: string, shape: Shape, init: Init): SymbolicTensor {
    const path = this.pathOf(name);
    if (shape.some((size) => !Number.isInteger(size) || size < 1))
      throw new rules.ShapeError(
        `${path}: a weight's sizes must be positive integers, got ${rules.shapeText(shape)}`,
      );
    const known = this.weights.get(path);
    if (known && rules.shapeText(known.shape) !== rules.shapeText(shape))
      throw new rules.ShapeError(
        `${path}: a shared weight must keep its shape ${rules.shapeText(known.shape)}, ` +
          `got ${rules.shapeText(shape)}`,
      );
    if (init.kind === 'values' && init.values.length !== rules.elementCount(shape))
      throw new rules.ShapeError(
        `${path}: initial values must number ${rules.elementCount(shape)}, got ${init.values.length}`,
      );
    if (!known) this.weights.set(path, { shape, init });
    return this.tensor(shape, false);
  }

  constant(values: Float32Array, shape: Shape): SymbolicTensor {
    this.checked('constant', () => rules.reshapeShape([values.length], shape));
    return this.tensor(shape, false);
  }

  conv2d(x: SymbolicTensor, filter: SymbolicTensor, options: Conv2dOptions = {}): SymbolicTensor {
    const { stride = 1, padding = 'same', dilation = 1, groups = 1 } = options;
    const shape = this.checked('conv2d', () =>
      rules.conv2dShape(x.shape, filter.shape, { stride, padding, dilation, groups }),
    );
    return this.record(
      'conv2d',
      [x, filter],
      shape,
      rules.elementCount(shape) * rules.elementCount(filter.shape.slice(0, 3)),
    );
  }

  depthwiseConv2d(
    x: SymbolicTensor,
    filter: SymbolicTensor,
    options: Omit<Conv2dOptions, 'groups'> = {},
  ): SymbolicTensor {
    const { stride = 1, padding = 'same', dilation = 1 } = options;
    const shape = this.checked('depthwiseConv2d', () =>
      rules.depthwiseConv2dShape(x.shape, filter.shape, { stride, padding, dilation }),
    );
    return this.record(
      'depthwiseConv2d',
      [x, filter],
      shape,
      rules.elementCount(shape) * rules.elementCount(filter.shape.slice(0, 2)),
    );
  }

  conv2dTranspose(
    x: SymbolicTensor,
    filter: SymbolicTensor,
    options: { readonly stride: number },
  ): SymbolicTensor {
    const shape = this.checked('conv2dTranspose', () =>
      rules.conv2dTransposeShape(x.shape, filter.shape, options.stride),
    );
    return this.record(
      'conv2dTranspose',
      [x, filter],
      shape,
      rules.elementCount(x.shape) * rules.elementCount(filter.shape.slice(0, 3)),
    );
  }

  matmul(
    a: SymbolicTensor,
    b: SymbolicTensor,
    options: { readonly transposeA?: boolean; readonly transposeB?: boolean } = {},
  ): SymbolicTensor {
    const { shape, inner } = this.checked('matmul', () =>
      rules.matmulShape(a.shape, b.shape, options.transposeA ?? false, options.transposeB ?? false),
    );
    return this.record('matmul', [a, b], shape, rules.elementCount(shape) * inner);
  }

  protected normalised(kind: string, x: SymbolicTensor, affine: NormAffine<SymbolicTensor>): SymbolicTensor {
    for (const part of [affine.gamma, affine.beta]) {
      if (part.shape.length !== 1 || part.shape[0] !== x.shape.at(-1))
        throw new rules.ShapeError(
          `${this.pathOf(kind)}: ` +
            `gamma and beta must be [${x.shape.at(-1)}], got ${rules.shapeText(part.shape)}`,
        );
    }
    return this.record(kind, [x, affine.gamma, affine.beta], x.shape);
  }

  batchNorm(x: SymbolicTensor, affine: NormAffine<SymbolicTensor>): SymbolicTensor {
    for (const name of ['running-mean', 'running-variance'])
      this.states.set(this.pathOf(name), [x.shape.at(-1)!]);
    return this.normalised('batchNorm', x, affine);
  }

  layerNorm(x: SymbolicTensor, affine: NormAffine<SymbolicTensor>): SymbolicTensor {
    return this.normalised('layerNorm', x, affine);
  }

  softmax(x: SymbolicTensor): SymbolicTensor {
    return this.record('softmax', [x], x.shape);
  }
  activation(x: SymbolicTensor, kind: string): SymbolicTensor {
    return this.record(kind, [x], x.shape);
  }
  unary(x: SymbolicTensor, kind: string): SymbolicTensor {
    return this.record(kind, [x], x.shape);
  }
  scale(x: SymbolicTensor, _factor?: number, _offset?: number): SymbolicTensor {
    return this.record('scale', [x], x.shape);
  }

  binary(a: SymbolicTensor, b: SymbolicTensor, kind: Binary): SymbolicTensor {
    return this.record(
      kind,
      [a, b],
      this.checked(kind, () => rules.broadcastShape(a.shape, b.shape)),
    );
  }

  reduce(
    x: SymbolicTensor,
    kind: Reduction,
    axes: readonly number[],
    options: { readonly keepDims?: boolean } = {},
  ): SymbolicTensor {
    return this.record(
      kind,
      [x],
      this.checked(kind, () => rules.reduceShape(x.shape, axes, options.keepDims ?? false)),
    );
  }

  argMax(x: SymbolicTensor, axis: number): SymbolicTensor {
    return this.record(
      'argMax',
      [x],
      this.checked('argMax', () => rules.reduceShape(x.shape, [axis], false)),
    );
  }

  maxPool(
    x: SymbolicTensor,
    options: { readonly window: number; readonly stride: number; readonly padding: Padding },
  ): SymbolicTensor {
    return this.record(
      'maxPool',
      [x],
      this.checked('maxPool', () => rules.poolShape(x.shape, options)),
    );
  }

  avgPool(
    x: SymbolicTensor,
    options: { readonly window: number; readonly stride: number; readonly padding: Padding },
  ): SymbolicTensor {
    return this.record(
      'avgPool',
      [x],
      this.checked('avgPool', () => rules.poolShape(x.shape, options)),
    );
  }

  resize(x: SymbolicTensor, height: number, width: number, _kind?: 'nearest' | 'bilinear'): SymbolicTensor {
    return this.record('resize', [x], [x.shape[0]!, height, width, x.shape[3]!]);
  }

  reshape(x: SymbolicTensor, shape: Shape): SymbolicTensor {
    return this.record(
      'reshape',
      [x],
      this.checked('reshape', () => rules.reshapeShape(x.shape, shape)),
    );
  }

  transpose(x: SymbolicTensor, permutation: readonly number[]): SymbolicTensor {
    return this.record(
      'transpose',
      [x],
      this.checked('transpose', () => rules.transposeShape(x.shape, permutation)),
    );
  }

  concat(xs: Inputs, axis: number): SymbolicTensor {
    return this.record(
      'concat',
      xs,
      this.checked('concat', () =>
        rules.concatShape(
          xs.map((x) => x.shape),
          axis,
        ),
      ),
    );
  }

  slice(x: SymbolicTensor, begin: readonly number[], size: readonly number[]): SymbolicTensor {
    return this.record(
      'slice',
      [x],
      this.checked('slice', () => rules.sliceShape(x.shape, begin, size)),
    );
  }

  pad(x: SymbolicTensor, paddings: readonly (readonly [number, number])[], _value?: number): SymbolicTensor {
    return this.record(
      'pad',
      [x],
      this.checked('pad', () => rules.padShape(x.shape, paddings)),
    );
  }

  gather(x: SymbolicTensor, indices: Int32Array, axis: number): SymbolicTensor {
    return this.record(
      'gather',
      [x],
      this.checked('gather', () => {
        const along = rules.resolveAxis(x.shape, axis);
        const { low, high } = rangeOf(indices);
        if (low < 0 || high >= x.shape[along]!)
          throw new rules.ShapeError(
            `indices must lie in 0..${x.shape[along]! - 1}, got ${low < 0 ? low : high}`,
          );
        return x.shape.map((one, index) => (index === along ? indices.length : one));
      }),
    );
  }

  dropout(x: SymbolicTensor): SymbolicTensor {
    return x;
  }
  dropPath(x: SymbolicTensor): SymbolicTensor {
    return x;
  }
}
