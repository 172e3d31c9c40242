/**
 * Tensors of a forward pass as native TensorFlow holds them: GELU's tanh approximation is one operation;
 * pooling pads its input in an operation of its own, resizing is a product for rows and one for columns, a
 * dilated convolution a sum of products over the kernel's taps, and a grouped one a convolution per group;
 * pointwise operations, norms and softmax write into the memory of an input that nothing reads later; what
 * has become ready last runs first. `activationBytes`, which budgets compare, assumes none of it.
 */
import { padAmounts } from '../pad-amounts.js';
import type { Conv2dOptions, Padding, Shape } from '../tensor-ops.js';
import type { Inferred } from './infer.js';
import type { Operation } from './liveness.js';
import { conv2dShape, depthwiseConv2dShape, elementCount } from './shape-rules.js';
import { SymbolicOps, type SymbolicTensor } from './symbolic-ops.js';

interface Window {
  readonly window: number;
  readonly stride: number;
  readonly padding: Padding;
  readonly dilation?: number;
}

/** The interpreter of passes. */
export class PassOps extends SymbolicOps {
  geluTanh(x: SymbolicTensor): SymbolicTensor {
    return this.record('gelu-tanh', [x], x.shape);
  }

  override maxPool(x: SymbolicTensor, options: Window): SymbolicTensor {
    return super.maxPool(this.padded(x, options), { ...options, padding: 'valid' });
  }

  override avgPool(x: SymbolicTensor, options: Window): SymbolicTensor {
    return super.avgPool(this.padded(x, options), { ...options, padding: 'valid' });
  }

  override resize(x: SymbolicTensor, height: number, width: number): SymbolicTensor {
    return super.resize(super.resize(x, height, x.shape[2]!), height, width);
  }

  override conv2d(x: SymbolicTensor, filter: SymbolicTensor, options: Conv2dOptions = {}): SymbolicTensor {
    const { stride = 1, padding = 'same', dilation = 1, groups = 1 } = options;
    const taps = { window: filter.shape[0]!, stride, padding, dilation };
    if (groups === 1 && dilation === 1) return super.conv2d(x, filter, options);
    const shape = conv2dShape(x.shape, filter.shape, { stride, padding, dilation, groups });
    if (groups === 1) return this.overTaps(x, filter, shape, taps, 'matmul');
    // one operation that returns all groups: a tensor of the same size
    const split = this.record('split', [x], x.shape);
    const one = [...shape.slice(0, 3), shape[3]! / groups];
    const parts = Array.from({ length: groups }, () =>
      dilation === 1
        ? this.record('conv2d', [split, filter], one)
        : this.overTaps(split, filter, one, taps, 'matmul'),
    );
    return this.record('concat', parts, shape);
  }

  override depthwiseConv2d(
    x: SymbolicTensor,
    filter: SymbolicTensor,
    options: Omit<Conv2dOptions, 'groups'> = {},
  ): SymbolicTensor {
    const { stride = 1, padding = 'same', dilation = 1 } = options;
    if (dilation === 1) return super.depthwiseConv2d(x, filter, options);
    const shape = depthwiseConv2dShape(x.shape, filter.shape, { stride, padding, dilation });
    return this.overTaps(x, filter, shape, { window: filter.shape[0]!, stride, padding, dilation }, 'mul');
  }

  /** Slices of the padded input, one per tap of a square kernel, their products, and the sum of these. */
  private overTaps(
    x: SymbolicTensor,
    filter: SymbolicTensor,
    shape: Shape,
    window: Window,
    kind: 'matmul' | 'mul',
  ): SymbolicTensor {
    const padded = this.padded(x, window);
    const slice = [...shape.slice(0, 3), x.shape[3]!];
    const terms = Array.from({ length: window.window ** 2 }, () =>
      this.record(kind, [this.record('slice', [padded], slice), filter], shape),
    );
    return this.record('sum of taps', terms, shape);
  }

  private padded(x: SymbolicTensor, { window, stride, padding, dilation = 1 }: Window): SymbolicTensor {
    const [batch, height, width, channels] = x.shape as [number, number, number, number];
    const [rows, columns] = [height, width].map((size) => {
      const [before, after] = padAmounts(size, window, stride, dilation, padding);
      return size + before + after;
    }) as [number, number];
    return rows === height && columns === width
      ? x
      : this.record('pad', [x], [batch, rows, columns, channels]);
  }
}

/** Operations that need a buffer of their own: they read an input again, or in another order. */
const outOfPlace: ReadonlySet<string> = new Set([
  ...['argMax', 'max', 'mean', 'min', 'sum'],
  ...['avgPool', 'maxPool', 'resize'],
  ...['concat', 'gather', 'pad', 'slice', 'split', 'transpose'],
  ...['conv2d', 'conv2dTranspose', 'depthwiseConv2d', 'matmul'],
]);

/** Before an operation runs, `take` is allocated; after it, `release` is freed. Buffers are numbered. */
export interface PassStep {
  readonly take?: { readonly buffer: number; readonly floats: number };
  readonly release: readonly number[];
}

/**
 * @param pass of `PassOps`, one image
 * @returns steps in the order of execution; `output`: the buffer of the result, which no step releases
 */
export function passSteps(pass: Inferred): { readonly steps: readonly PassStep[]; readonly output: number } {
  const { tensors, kept } = pass;
  const bufferOf = (tensor: number): number | undefined =>
    tensors[tensor]!.perImage ? tensors[tensor]!.buffer : undefined;
  const order = executionOrder(pass.operations);
  const lastUse = new Map<number, number>();
  order.forEach(({ inputs, output }, step) => {
    for (const tensor of [...inputs, output]) {
      const buffer = bufferOf(tensor);
      if (buffer !== undefined) lastUse.set(buffer, step);
    }
  });
  for (const tensor of kept) lastUse.set(tensors[tensor]!.buffer, order.length);
  const floatsOf = (buffer: number): number => elementCount(tensors[buffer]!.shape);
  /** By buffer: the one whose memory it took over. */
  const taken = new Map<number, number>();
  const memoryOf = (buffer: number): number => taken.get(buffer) ?? buffer;
  const steps = order.map(({ kind, inputs, output }, step): PassStep => {
    const own = bufferOf(output);
    const read = inputs.flatMap((tensor) => bufferOf(tensor) ?? []).map(memoryOf);
    const isNew = own !== undefined && kind !== 'reshape';
    const reused = isNew && !outOfPlace.has(kind) ? read.find(endsHere) : undefined;
    function endsHere(buffer: number): boolean {
      return lastUse.get(buffer) === step && floatsOf(buffer) === floatsOf(own!);
    }
    if (reused !== undefined) {
      taken.set(own!, reused);
      lastUse.set(reused, lastUse.get(own!)!);
    }
    const used = own === undefined ? read : [...read, memoryOf(own)];
    const release = [...new Set(used)].filter((buffer) => lastUse.get(buffer) === step);
    return isNew && reused === undefined
      ? { take: { buffer: own, floats: floatsOf(own) }, release }
      : { release };
  });
  return { steps, output: memoryOf(tensors[kept[0]!]!.buffer) };
}

/** Depth first, as TensorFlow's executor on one thread: a queue that returns what was put in last. */
function executionOrder(operations: readonly Operation[]): Operation[] {
  const producers = new Map(operations.map(({ output }, index) => [output, index]));
  const needs = operations.map(
    ({ inputs }) => new Set(inputs.flatMap((tensor) => producers.get(tensor) ?? [])),
  );
  const readers = operations.map((): number[] => []);
  needs.forEach((each, index) => {
    for (const producer of each) readers[producer]!.push(index);
  });
  const missing = needs.map(({ size }) => size);
  const ready = operations.map((_, index) => index).filter((index) => missing[index] === 0);
  ready.reverse();
  const order: Operation[] = [];
  for (let index = ready.pop(); index !== undefined; index = ready.pop()) {
    order.push(operations[index]!);
    for (const reader of readers[index]!) if (--missing[reader]! === 0) ready.push(reader);
  }
  return order;
}
