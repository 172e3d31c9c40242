/**
 * What a network costs, read from its definition: parameters, multiply-accumulates and live activations of one float32 image.
 * Costs of a part are kept by (type, parameters, place, input), so that sums over large spaces are cheap.
 */
import type { Architecture, Part, PlacedBlock } from '../architecture/architecture.js';
import type { BlockPlace, MapSize } from '../blocks/contract.js';
import { infer } from '../tensor/infer/infer.js';
import { canonicalJson } from '../util/canonical-json.js';
import { forwardPart } from './forward.js';
import { networkParts, type NetworkPart } from './parts.js';

export interface Cost {
  readonly params: number;
  /** Convolutions, linear layers, matrix products; no norms, activations, biases. */
  readonly macs: number;
  /** Highest sum of live tensors while the part runs, its input included, in bytes. */
  readonly activationBytes: number;
}
export type PartCost = Cost & { readonly output: MapSize };

export interface NetworkCost {
  /** params and macs are sums over the parts, activationBytes their maximum. */
  readonly total: Cost;
  readonly parts: readonly { readonly name: string; readonly letter?: string; readonly output: MapSize; readonly cost: Cost }[];
}

const known = new Map<string, PartCost>();
const keys = new WeakMap<Part, string>();
/** Entries kept; a space of any sensible size stays far below. */
const LIMIT = 200_000;

function keyOf(part: Part): string {
  let key = keys.get(part);
  if (key === undefined) keys.set(part, key = `${part.type} ${canonicalJson(part.params)}`);
  return key;
}

function partCost(part: NetworkPart, input: MapSize): PartCost {
  const place = part.kind === 'block' ? `${part.place.width} ${part.place.stride} ${part.place.index} ${part.place.stage}` : part.kind === 'head' ? part.classes : part.width;
  const key = `${part.kind} ${keyOf(part.part)} ${place} ${input.height} ${input.width} ${input.channels}`;
  const found = known.get(key);
  if (found) return found;
  const { output, params, macs, activationBytes } = infer([1, input.height, input.width, input.channels], (ops, x) => forwardPart(ops, x, part));
  const map = output.length === 4 ? { height: output[1]!, width: output[2]!, channels: output[3]! } : { height: 1, width: 1, channels: output.at(-1)! };
  const cost: PartCost = Object.freeze({ params, macs, activationBytes, output: Object.freeze(map) });
  if (known.size >= LIMIT) known.clear();
  known.set(key, cost);
  return cost;
}

/** Cost of a block at a place. @throws ShapeError where it cannot stand there; ask `architectureProblem` or `blockProblem` first */
export const blockCost = (block: PlacedBlock, input: MapSize, place: BlockPlace): PartCost => partCost({ kind: 'block', name: 'block', part: block, place }, input);
export const stemCost = (stem: Part & { readonly width: number }, input: MapSize): PartCost => partCost({ kind: 'stem', name: 'stem', part: stem, width: stem.width }, input);
export const downsampleCost = (downsample: Part, input: MapSize, width: number): PartCost => partCost({ kind: 'downsample', name: 'downsample', part: downsample, width }, input);
/** The output is the logits, as a map of `1×1×classes`. */
export const headCost = (head: Part, input: MapSize, classes: number): PartCost => partCost({ kind: 'head', name: 'head', part: head, classes }, input);

/** Cost of the whole and of each part in order. */
export function networkCost(architecture: Architecture): NetworkCost {
  let map: MapSize = architecture.input;
  let params = 0;
  let macs = 0;
  let activationBytes = 0;
  const parts = networkParts(architecture).map((part) => {
    const { output, ...cost } = partCost(part, map);
    map = output;
    params += cost.params;
    macs += cost.macs;
    activationBytes = Math.max(activationBytes, cost.activationBytes);
    return { name: part.name, ...(part.kind === 'block' ? { letter: part.part.letter } : {}), output, cost };
  });
  return { total: { params, macs, activationBytes }, parts };
}
