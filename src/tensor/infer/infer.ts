/**
 * Interprets a forward pass symbolically: output shape, parameters, MACs, peak live memory and the list of
 * operations. MACs count convolutions, linear layers and matrix products, the two of attention included.
 * Norms, activations and biases do not count.
 */
import type { Shape, TensorOps } from '../tensor-ops.js';
import { type Operation, peakLiveBytes } from './liveness.js';
import { elementCount, ShapeError } from './shape-rules.js';
import { type DeclaredWeight, SymbolicOps, type SymbolicTensor } from './symbolic-ops.js';

export type { Operation } from './liveness.js';
export { ShapeError } from './shape-rules.js';
export type { DeclaredWeight, SymbolicTensor } from './symbolic-ops.js';

export interface Inferred {
  readonly output: Shape;
  /** Trainable scalars; a weight read twice counts once. */
  readonly params: number;
  /** Scalars of running statistics. */
  readonly stateScalars: number;
  readonly macs: number;
  /** Peak of live float32 tensors that grow with the batch, the input included, in bytes. */
  readonly activationBytes: number;
  readonly weights: ReadonlyMap<string, DeclaredWeight>;
  /** Running statistics by path. */
  readonly states: ReadonlyMap<string, Shape>;
  readonly operations: readonly Operation[];
  /** Every tensor by its number: inputs, weights, results. */
  readonly tensors: readonly SymbolicTensor[];
  /** Numbers of the tensors that are there before the first operation, and of those that outlive the last. */
  readonly given: readonly number[];
  readonly kept: readonly number[];
}

/** A forward pass on any interpreter. `more`: further input tensors. */
export type Forward = <T>(ops: TensorOps<T>, x: T, more: readonly T[]) => T;

export interface InferOptions {
  /** Shapes of further input tensors; they are live throughout. */
  readonly more?: readonly Shape[];
  /** Whether the input stays live to the end because a later part reads it. */
  readonly keepInput?: boolean;
  /** The interpreter; default one that composes what only some runtimes have as one operation. */
  readonly ops?: SymbolicOps;
}

const FLOAT_BYTES = 4;

/**
 * @param input shape with its batch, usually `[1, h, w, c]`
 * @throws ShapeError naming scope and rule where the definition does not fit the shape
 * @example infer([1, 14, 14, 64], (ops, x) => block.forward(ops, x, params, place)).macs
 */
export function infer(
  input: Shape,
  forward: Forward,
  { more = [], keepInput = false, ops = new SymbolicOps() }: InferOptions = {},
): Inferred {
  if (input.some((size) => !Number.isInteger(size) || size < 1))
    throw new ShapeError(`infer: the input's sizes must be positive integers, got [${input.join(',')}]`);
  const x = ops.tensor(input, true);
  const further = more.map((shape) => ops.tensor(shape, true));
  const y = forward(ops, x, further);
  let params = 0;
  for (const { shape } of ops.weights.values()) params += elementCount(shape);
  let stateScalars = 0;
  for (const shape of ops.states.values()) stateScalars += elementCount(shape);
  const bufferOf = (tensor: number): number | undefined =>
    ops.tensors[tensor]!.perImage ? ops.tensors[tensor]!.buffer : undefined;
  const given = [x, ...further].map(({ id }) => id);
  const kept = [y, ...further, ...(keepInput ? [x] : [])].map(({ id }) => id);
  return {
    output: y.shape,
    params,
    stateScalars,
    macs: ops.operations.reduce((sum, operation) => sum + operation.macs, 0),
    activationBytes: peakLiveBytes(
      ops.operations,
      given,
      kept,
      bufferOf,
      (buffer) => elementCount(ops.tensors[buffer]!.shape) * FLOAT_BYTES,
    ),
    weights: ops.weights,
    states: ops.states,
    operations: ops.operations,
    tensors: ops.tensors,
    given,
    kept,
  };
}
