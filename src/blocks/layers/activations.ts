/** The activation parameter that blocks share. */
import type { Activation } from '../../tensor/tensor-ops.js';
import type { ChoiceParam } from '../../util/params.js';

export const activationNames = ['relu', 'relu6', 'gelu', 'silu', 'hard-swish', 'leaky-relu', 'tanh'] as const satisfies readonly Activation[];

export const activationParam = (fallback: (typeof activationNames)[number]): ChoiceParam =>
  ({ kind: 'choice', oneOf: activationNames, default: fallback, doc: 'activation function' });

/** A checked parameter's value as the operation's argument. */
export const activationOf = (name: string): Activation => name as Activation;
