/**
 * The forward pass of a whole network, on any interpreter of `TensorOps`.
 *
 * Enters: an architecture. Leaves: its forward pass (here), costs (`network-cost.ts`) and validation errors
 * (`architecture-problem.ts`). Callers: `space`, `runtime`, `profile`, `train` and the command line.
 */
import type { Architecture } from '../architecture/architecture.js';
import type { ConditionInputs, SideInputs } from '../blocks/block.js';
import { partTables } from '../blocks/block-table.js';
import { applyModifiers } from '../blocks/modifiers/modifier-table.js';
import type { TensorOps } from '../tensor/tensor-ops.js';
import { keptOutputsOf } from './input-sizes.js';
import { definitionOf, type NetworkPart, networkParts, walkParts } from './network-parts.js';
import { maskedOps, type SparsityMasks } from './sparsity-masks.js';

/** The forward pass of one part in the current scope. x `[b,h,w,c]` → the part's output. */
export function forwardPart<T>(
  ops: TensorOps<T>,
  x: T,
  part: NetworkPart,
  sideInputs: SideInputs<T> = {},
): T {
  const params = part.spec.params as never;
  switch (part.kind) {
    case 'stem':
    case 'downsample':
      return definitionOf(part.kind, part.spec.type).forward(ops, x, params, part.width, sideInputs);
    case 'block':
      return applyModifiers<T>(
        (inner, y, context) =>
          definitionOf('block', part.spec.type).forward(inner, y, params, context, sideInputs),
        part.spec.params,
      )(ops, x, part.context);
    case 'head':
      return definitionOf('head', part.spec.type).forward(ops, x, params, part.classes, sideInputs);
    default:
      return part satisfies never;
  }
}

/** The condition that a stem computes from `given` in the current scope; undefined where it has none. */
export function forwardCondition<T>(
  ops: TensorOps<T>,
  x: T,
  part: NetworkPart,
  given: ConditionInputs<T>,
): SideInputs<T>['condition'] {
  return part.kind === 'stem'
    ? definitionOf('stem', part.spec.type).condition?.forward(
        ops,
        x,
        part.spec.params as never,
        part.width,
        given,
      )
    : undefined;
}

/** Runs `body` in nested scopes. */
function inScopes<T, R>(ops: TensorOps<T>, names: readonly string[], body: () => R): R {
  const [first, ...rest] = names;
  return first === undefined ? body() : ops.scope(first, () => inScopes(ops, rest, body));
}

export interface ForwardOptions<T> {
  /** Stochastic-depth rate of the last block, rising linearly from 0 at the first; default 0. */
  readonly dropPath?: number;
  /** Condition inputs for stems that have a condition (`denoise`). */
  readonly condition?: ConditionInputs<T>;
  /** Sparsity masks that weights are multiplied by. */
  readonly masks?: SparsityMasks | undefined;
  /** Called with the map `[b,h,w,c]` after each stage, numbered from 1. */
  onStage?(stage: number, map: T): void;
}

/**
 * x `[b,height,width,channels]` → the head's output: logits `[b,classes]`, pixel logits `[b,h,w,classes]`, or
 * an image `[b,h,w,channels]`.
 */
export function forwardNetwork<T>(
  allOps: TensorOps<T>,
  architecture: Architecture,
  x: T,
  options: ForwardOptions<T> = {},
): T {
  const ops = options.masks ? maskedOps(allOps, options.masks) : allOps;
  const parts = networkParts(architecture, options.dropPath ?? 0);
  const kept = keptOutputsOf(parts);
  const stageOutputs = new Map<number, T>();
  let y = x;
  let sideInputs: SideInputs<T> = { stageOutputs };
  walkParts(
    parts,
    (part) =>
      inScopes(ops, part.name.split('/'), () => {
        const before = y;
        y = forwardPart(ops, before, part, sideInputs);
        const condition = forwardCondition(ops, before, part, options.condition ?? {});
        if (condition) sideInputs = { ...sideInputs, condition };
        const passesPrevious =
          part.kind === 'block' &&
          partTables.block[part.spec.type]!.passesPrevious?.(part.spec.params as never) === true;
        if (kept.previous && part.kind !== 'stem' && !passesPrevious)
          sideInputs = { ...sideInputs, previous: before };
      }),
    (stage) => {
      options.onStage?.(stage, y);
      if (kept.stages === 'all' || kept.stages.has(stage)) stageOutputs.set(stage, y);
    },
  );
  return y;
}
