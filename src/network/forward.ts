/** The forward pass of a whole network, over any reading of the operations. */
import type { Architecture } from '../architecture/architecture.js';
import type { TensorOps } from '../tensor/tensor-ops.js';
import { definitionOf, networkParts, type NetworkPart } from './parts.js';

/** One part under the current scope. x `[b,h,w,c]` → the part's output. */
export function forwardPart<T>(ops: TensorOps<T>, x: T, part: NetworkPart): T {
  const params = part.part.params as never;
  switch (part.kind) {
    case 'stem':
    case 'downsample':
      return definitionOf(part.kind, part.part.type).forward(ops, x, params, part.width);
    case 'block':
      return definitionOf('block', part.part.type).forward(ops, x, params, part.place);
    case 'head':
      return definitionOf('head', part.part.type).forward(ops, x, params, part.classes);
    default:
      return part satisfies never;
  }
}

/** Scopes nest by the slashes of the part's name. */
function inScopes<T, R>(ops: TensorOps<T>, names: readonly string[], body: () => R): R {
  const [first, ...rest] = names;
  return first === undefined ? body() : ops.scope(first, () => inScopes(ops, rest, body));
}

/**
 * x `[b,height,width,channels]` → logits `[b,classes]`.
 * @param options.dropPath stochastic-depth rate of the last block, rising linearly from 0 at the first; default 0
 */
export function forwardNetwork<T>(ops: TensorOps<T>, architecture: Architecture, x: T, options: { readonly dropPath?: number } = {}): T {
  return networkParts(architecture, options.dropPath ?? 0)
    .reduce((y, part) => inScopes(ops, part.name.split('/'), () => forwardPart(ops, y, part)), x);
}
