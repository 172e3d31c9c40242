/** The forward pass of a whole network, over any reading of the operations. */
import type { Architecture } from '../architecture/architecture.js';
import type { Around, GivenCondition } from '../blocks/block.js';
import { partTables } from '../blocks/block-table.js';
import { modified } from '../blocks/modifiers/modifier-table.js';
import type { TensorOps } from '../tensor/tensor-ops.js';
import { type Masks, maskedOps } from './masks.js';
import { definitionOf, type NetworkPart, networkParts, walkParts } from './parts.js';
import { needsOf } from './reach.js';

/** One part under the current scope. x `[b,h,w,c]` → the part's output. */
export function forwardPart<T>(ops: TensorOps<T>, x: T, part: NetworkPart, around: Around<T> = {}): T {
  const params = part.part.params as never;
  switch (part.kind) {
    case 'stem':
    case 'downsample':
      return definitionOf(part.kind, part.part.type).forward(ops, x, params, part.width, around);
    case 'block':
      return modified<T>(
        (inner, y, place) => definitionOf('block', part.part.type).forward(inner, y, params, place, around),
        part.part.params,
      )(ops, x, part.place);
    case 'head':
      return definitionOf('head', part.part.type).forward(ops, x, params, part.classes, around);
    default:
      return part satisfies never;
  }
}

/**
 * The condition that a stem makes of what is given, under the current scope; undefined where it makes none.
 */
export function forwardCondition<T>(
  ops: TensorOps<T>,
  x: T,
  part: NetworkPart,
  given: GivenCondition<T>,
): Around<T>['condition'] {
  return part.kind === 'stem'
    ? definitionOf('stem', part.part.type).condition?.forward(
        ops,
        x,
        part.part.params as never,
        part.width,
        given,
      )
    : undefined;
}

/** Scopes nest by the slashes of the part's name. */
function inScopes<T, R>(ops: TensorOps<T>, names: readonly string[], body: () => R): R {
  const [first, ...rest] = names;
  return first === undefined ? body() : ops.scope(first, () => inScopes(ops, rest, body));
}

export interface ForwardOptions<T> {
  /** Stochastic-depth rate of the last block, rising linearly from 0 at the first; default 0. */
  readonly dropPath?: number;
  /** For stems that take one (`denoise`): times `[b]`, class shares `[b,labels]`, text tokens `[b,n,c]`. */
  readonly condition?: GivenCondition<T>;
  /** Weights are read through these. */
  readonly masks?: Masks | undefined;
}

/**
 * x `[b,height,width,channels]` → what the head gives: logits `[b,classes]`, logits of pixels
 * `[b,h,w,classes]`, or an image.
 */
export function forwardNetwork<T>(
  allOps: TensorOps<T>,
  architecture: Architecture,
  x: T,
  options: ForwardOptions<T> = {},
): T {
  const ops = options.masks ? maskedOps(allOps, options.masks) : allOps;
  const parts = networkParts(architecture, options.dropPath ?? 0);
  const needs = needsOf(parts);
  const stages = new Map<number, T>();
  let y = x;
  let around: {
    stages: ReadonlyMap<number, T>;
    previous?: T;
    condition?: NonNullable<Around<T>['condition']>;
  } = { stages };
  walkParts(
    parts,
    (part) =>
      inScopes(ops, part.name.split('/'), () => {
        const before = y;
        y = forwardPart(ops, before, part, around);
        const condition = forwardCondition(ops, before, part, options.condition ?? {});
        if (condition) around = { ...around, condition };
        const passes =
          part.kind === 'block' &&
          partTables.block[part.part.type]!.passesPrevious?.(part.part.params as never) === true;
        if (needs.previous && part.kind !== 'stem' && !passes) around = { ...around, previous: before };
      }),
    (stage) => {
      if (needs.stages === 'all' || needs.stages.has(stage)) stages.set(stage, y);
    },
  );
  return y;
}
