/**
 * The activation parameter that blocks share. `gelu` is exact; `gelu-tanh` is its tanh approximation, which
 * TensorFlow models of 2021 and 2022 use.
 */
import type { Activation, TensorOps } from '../../tensor/tensor-ops.js';
import type { ChoiceParam } from '../../util/params.js';

export const activationNames = [
  'relu',
  'relu6',
  'gelu',
  'gelu-tanh',
  'silu',
  'hard-swish',
  'leaky-relu',
  'tanh',
  'none',
] as const;
export type ActivationName = (typeof activationNames)[number];

export const activationParam = (fallback: ActivationName): ChoiceParam & { readonly default: string } => ({
  kind: 'choice',
  oneOf: activationNames,
  default: fallback,
  doc: 'activation function',
});

/** Applies the activation of a validated parameter; `none` returns x. */
export function activate<T>(ops: TensorOps<T>, x: T, name: string): T {
  if (name === 'none') return x;
  if (name !== 'gelu-tanh') return ops.activation(x, name as Activation);
  if (ops.geluTanh) return ops.geluTanh(x);
  const cubic = ops.binary(x, ops.scale(ops.unary(x, 'square'), 0.044715, 1), 'mul'); // x + 0.044715x³
  const gate = ops.scale(ops.activation(ops.scale(cubic, Math.sqrt(2 / Math.PI)), 'tanh'), 0.5, 0.5);
  return ops.binary(x, gate, 'mul');
}
