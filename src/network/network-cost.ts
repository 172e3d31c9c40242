/**
 * Costs of a network: parameters, multiply-accumulates (MACs) and peak activation memory of one float32
 * image. Costs of a part are cached by type, parameters, context and input, so that sums over large spaces
 * are cheap.
 */
import type { Architecture, BlockSpec, PartSpec } from '../architecture/architecture.js';
import type { BlockContext, ConditionSize, InputSizes, MapSize, SideInputs } from '../blocks/block.js';
import { partTables } from '../blocks/block-table.js';
import { type Inferred, infer } from '../tensor/infer/infer.js';
import type { SymbolicOps } from '../tensor/infer/symbolic-ops.js';
import { canonicalJson } from '../util/canonical-json.js';
import { forwardCondition, forwardPart } from './forward-network.js';
import { inputSizesKey, keptOutputsOf, mapShape, sizesAfterPart, sizesAfterStage } from './input-sizes.js';
import { type NetworkPart, networkParts, walkParts } from './network-parts.js';

export interface Cost {
  readonly params: number;
  /**
   * Multiply-accumulates of convolutions, linear layers and matrix products; norms, activations and biases do
   * not count.
   */
  readonly macs: number;
  /** Peak of live tensors while the part runs, its input included, in bytes. */
  readonly activationBytes: number;
}
export type PartCost = Cost & { readonly output: MapSize };

export interface NetworkCost {
  /** params and macs are sums over the parts, activationBytes their maximum. */
  readonly total: Cost;
  readonly parts: readonly {
    readonly name: string;
    readonly letter?: string;
    readonly output: MapSize;
    readonly cost: Cost;
  }[];
}

const known = new Map<string, PartCost>();
const keys = new WeakMap<PartSpec, string>();
/** Entries of the cache; usual spaces need far fewer. */
const LIMIT = 50_000;

function keyOf(part: PartSpec): string {
  let key = keys.get(part);
  if (key === undefined) keys.set(part, (key = `${part.type} ${canonicalJson(part.params)}`));
  return key;
}

/** Size of the condition that a stem computes; undefined where it has none. */
export const conditionSizeOf = (part: NetworkPart): ConditionSize | undefined =>
  part.kind === 'stem'
    ? partTables.stem[part.spec.type]?.condition?.size(part.spec.params as never, part.width)
    : undefined;

/**
 * Interprets a part symbolically. Kept maps are further inputs, so that they count as live memory.
 * @param ops the interpreter; default that of costs
 */
export function inferPart(part: NetworkPart, input: InputSizes, ops?: SymbolicOps): Inferred {
  const stages = Object.entries(input.stageOutputs ?? {}).filter(
    ([stage]) => Number(stage) !== input.currentStage,
  );
  const { previous, condition } = input;
  const more = [
    ...stages.map(([, size]) => mapShape(size)),
    ...(previous ? [mapShape(previous)] : []),
    ...(condition
      ? [[1, condition.width], ...(condition.tokens > 0 ? [[1, condition.tokens, condition.tokenWidth]] : [])]
      : []),
  ];
  return infer(
    mapShape(input),
    (ops, x, given) => {
      const byStage = new Map(stages.map(([stage], index) => [Number(stage), given[index] as typeof x]));
      if (input.currentStage !== undefined) byStage.set(input.currentStage, x);
      let next = stages.length;
      const at = (index: number): typeof x => given[index] as typeof x;
      const sideInputs: SideInputs<typeof x> = {
        stageOutputs: byStage,
        ...(previous && { previous: at(next++) }),
        ...(condition && {
          condition: { vector: at(next++), ...(condition.tokens > 0 && { tokens: at(next) }) },
        }),
      };
      const y = forwardPart(ops, x, part, sideInputs);
      forwardCondition(ops, x, part, {});
      return y;
    },
    { more, keepInput: input.currentStage !== undefined, ...(ops && { ops }) },
  );
}

/** Text of what a part's cost depends on besides its type, parameters and input. */
function contextKey(part: NetworkPart): string {
  if (part.kind === 'head') return String(part.classes);
  if (part.kind !== 'block') return String(part.width);
  const { width, stride, index, stage } = part.context;
  return `${width} ${stride} ${index} ${stage}`;
}

/** Text of all that a part's interpretation depends on. */
export const partKey = (part: NetworkPart, input: InputSizes): string =>
  `${part.kind} ${keyOf(part.spec)} ${contextKey(part)} ${inputSizesKey(input)}`;

/** @throws ShapeError where the part does not fit its input */
export function costOfPart(part: NetworkPart, input: InputSizes): PartCost {
  const key = partKey(part, input);
  const found = known.get(key);
  if (found) return found;
  const { output, params, macs, activationBytes } = inferPart(part, input);
  const map =
    output.length === 4
      ? { height: output[1]!, width: output[2]!, channels: output[3]! }
      : { height: 1, width: 1, channels: output.at(-1)! };
  const cost: PartCost = Object.freeze({ params, macs, activationBytes, output: Object.freeze(map) });
  if (known.size >= LIMIT) known.clear();
  known.set(key, cost);
  return cost;
}

/** Cost of a block in its context. @throws ShapeError where it is invalid there; ask `blockProblem` first */
export const blockCost = (block: BlockSpec, input: InputSizes, context: BlockContext): PartCost =>
  costOfPart({ kind: 'block', name: 'block', spec: block, context }, input);
export const stemCost = (stem: PartSpec & { readonly width: number }, input: InputSizes): PartCost =>
  costOfPart({ kind: 'stem', name: 'stem', spec: stem, width: stem.width }, input);
export const downsampleCost = (downsample: PartSpec, input: InputSizes, width: number): PartCost =>
  costOfPart({ kind: 'downsample', name: 'downsample', spec: downsample, width }, input);
/** Cost of a head. Logits of an image are an output of 1×1×classes. */
export const headCost = (head: PartSpec, input: InputSizes, classes: number): PartCost =>
  costOfPart({ kind: 'head', name: 'head', spec: head, classes }, input);

/** Cost of the network and of each part in order. @throws ShapeError for an invalid architecture */
export function networkCost(architecture: Architecture): NetworkCost {
  const all = networkParts(architecture);
  const needs = keptOutputsOf(all);
  const parts: NetworkCost['parts'][number][] = [];
  let sizes: InputSizes = architecture.input;
  let params = 0;
  let macs = 0;
  let activationBytes = 0;
  walkParts(
    all,
    (part) => {
      const { output, ...cost } = costOfPart(part, sizes);
      sizes = sizesAfterPart(sizes, part, output, needs, conditionSizeOf(part));
      params += cost.params;
      macs += cost.macs;
      activationBytes = Math.max(activationBytes, cost.activationBytes);
      parts.push({
        name: part.name,
        ...(part.kind === 'block' ? { letter: part.spec.letter } : {}),
        output,
        cost,
      });
    },
    (stage) => {
      sizes = sizesAfterStage(sizes, stage, needs);
    },
  );
  return { total: { params, macs, activationBytes }, parts };
}
