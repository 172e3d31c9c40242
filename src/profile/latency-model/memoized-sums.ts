/**
 * Memoized sums over the parts of a network, for millions of members of a space. The contribution of a part
 * at an input size is computed once and found again by the identity of its parameters, which members share.
 */
import type { Architecture, PartSpec } from '../../architecture/architecture.js';
import type { MapSize } from '../../blocks/block.js';
import { type PartKind, partTables } from '../../blocks/block-table.js';
import { sideInputNeedsOf } from '../../network/input-sizes.js';
import {
  blockCost,
  downsampleCost,
  headCost,
  networkCost,
  type PartCost,
  stemCost,
} from '../../network/network-cost.js';

export interface NetworkSums {
  /** Sum of the parts' values. */
  readonly value: number;
  readonly macs: number;
  readonly activationBytes: number;
}

/** Contribution of one part at one input size, and the state behind it. */
interface PartContribution extends NetworkSums {
  readonly after: MapState;
}
interface MapState {
  readonly map: MapSize;
  readonly next: Map<PartSpec['params'], Map<string, PartContribution>>;
}

type PartValue = (
  kind: PartKind,
  part: PartSpec,
  position: Readonly<Record<string, number>>,
  input: MapSize,
) => number;

/** One part in its network: `key` distinguishes positions of equal parameters that cost differently. */
interface PositionedPart {
  readonly kind: PartKind;
  readonly part: PartSpec;
  readonly key: string;
  /** The position as `partKey` writes it. */
  readonly position: Readonly<Record<string, number>>;
  costAt(map: MapSize): PartCost;
}

/**
 * @param partValue contribution of a part, by the arguments of `partKey`
 * @param directly the same sums of a network with parts that read more than the map before them
 */
export function memoizedSums(
  partValue: PartValue,
  directly: (architecture: Architecture) => NetworkSums,
): (architecture: Architecture) => NetworkSums {
  const states = new Map<string, MapState>();
  const stateOf = ({ height, width, channels }: MapSize): MapState => {
    const key = `${height} ${width} ${channels}`;
    let state = states.get(key);
    if (state === undefined) states.set(key, (state = { map: { height, width, channels }, next: new Map() }));
    return state;
  };
  const contributionOf = (from: MapState, positioned: PositionedPart): PartContribution => {
    const { kind, part, position } = positioned;
    let known = from.next.get(part.params);
    if (known === undefined) from.next.set(part.params, (known = new Map()));
    const key = `${kind} ${part.type} ${positioned.key}`;
    let found = known.get(key);
    if (found === undefined) {
      const { output, macs, activationBytes } = positioned.costAt(from.map);
      const value = partValue(kind, part, position, from.map);
      known.set(key, (found = { value, macs, activationBytes, after: stateOf(output) }));
    }
    return found;
  };
  return (architecture) => {
    if (!isSequential(architecture)) return directly(architecture);
    let [value, macs, activationBytes, state] = [0, 0, 0, stateOf(architecture.input)];
    for (const part of positionedParts(architecture)) {
      const next = contributionOf(state, part);
      value += next.value;
      macs += next.macs;
      activationBytes = Math.max(activationBytes, next.activationBytes);
      state = next.after;
    }
    return { value, macs, activationBytes };
  };
}

/** The parts of a sequential network in order. */
function* positionedParts({ stem, stages, head, classes }: Architecture): Generator<PositionedPart> {
  yield {
    kind: 'stem',
    part: stem,
    key: `${stem.width}`,
    position: { width: stem.width },
    costAt: (map) => stemCost(stem, map),
  };
  for (const [stage, { width, firstStride, downsample, blocks }] of stages.entries()) {
    if (downsample)
      yield {
        kind: 'downsample',
        part: downsample,
        key: `${width}`,
        position: { width },
        costAt: (map) => downsampleCost(downsample, map, width),
      };
    for (const [index, block] of blocks.entries()) {
      const stride = index === 0 ? firstStride : 1;
      yield {
        kind: 'block',
        part: block,
        key: `${width} ${stride} ${index} ${stage}`,
        position: { width, stride },
        costAt: (map) => blockCost(block, map, { width, stride, index, stage: stage + 1, dropPath: 0 }),
      };
    }
  }
  yield {
    kind: 'head',
    part: head,
    key: `${classes}`,
    position: { classes },
    costAt: (map) => headCost(head, map, classes),
  };
}

const knownSequential = new WeakMap<PartSpec['params'], Map<string, boolean>>();

/** Whether every part reads the feature map before it and nothing else. */
const isSequential = ({ stem, stages, head }: Architecture): boolean =>
  takesMapOnly('stem', stem) &&
  takesMapOnly('head', head) &&
  stages.every(
    ({ downsample, blocks }) =>
      (!downsample || takesMapOnly('downsample', downsample)) &&
      blocks.every((block) => takesMapOnly('block', block)),
  );

function takesMapOnly(kind: PartKind, part: PartSpec): boolean {
  let known = knownSequential.get(part.params);
  if (known === undefined) knownSequential.set(part.params, (known = new Map()));
  const key = `${kind} ${part.type}`;
  let answer = known.get(key);
  if (answer === undefined) {
    const takes = sideInputNeedsOf({ kind, spec: part } as Parameters<typeof sideInputNeedsOf>[0]);
    known.set(
      key,
      (answer =
        takes.stages === undefined &&
        takes.previous !== true &&
        (kind !== 'stem' ||
          partTables.stem[part.type as keyof typeof partTables.stem]?.condition === undefined)),
    );
  }
  return answer;
}

/** The same sums from the cost of the whole network. */
export function directSums(architecture: Architecture, values: readonly number[]): NetworkSums {
  const { macs, activationBytes } = networkCost(architecture).total;
  return { value: values.reduce((sum, value) => sum + value, 0), macs, activationBytes };
}
