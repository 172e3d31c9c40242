/**
 * Sums over the parts of a network, for millions of members of a space: what a part adds where a map of this
 * size comes in is worked out once and then found by the part's own parameters object, which members share.
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

/** A part after which the map has another size, or the same. */
interface PartContribution extends NetworkSums {
  readonly after: MapState;
}
interface MapState {
  readonly map: MapSize;
  readonly next: Map<PartSpec['params'], Map<string, PartContribution>>;
}

/**
 * @param valueOf what a part adds, of the `kind, part, place, input` that `partKey` names
 * @param slowly the same sums of a network whose parts take more than the map before them: skips, conditions
 */
export function memoizedSums(
  valueOf: (
    kind: PartKind,
    part: PartSpec,
    place: Readonly<Record<string, number>>,
    input: MapSize,
  ) => number,
  slowly: (architecture: Architecture) => NetworkSums,
): (architecture: Architecture) => NetworkSums {
  const places = new Map<string, MapState>();
  const placeOf = ({ height, width, channels }: MapSize): MapState => {
    const key = `${height} ${width} ${channels}`;
    let place = places.get(key);
    if (place === undefined) places.set(key, (place = { map: { height, width, channels }, next: new Map() }));
    return place;
  };
  const step = (
    from: MapState,
    kind: PartKind,
    part: PartSpec,
    where: string,
    place: () => Readonly<Record<string, number>>,
    costOf: (map: MapSize) => PartCost,
  ): PartContribution => {
    let known = from.next.get(part.params);
    if (known === undefined) from.next.set(part.params, (known = new Map()));
    const key = `${kind} ${part.type} ${where}`;
    let found = known.get(key);
    if (found === undefined) {
      const { output, macs, activationBytes } = costOf(from.map);
      known.set(
        key,
        (found = {
          value: valueOf(kind, part, place(), from.map),
          macs,
          activationBytes,
          after: placeOf(output),
        }),
      );
    }
    return found;
  };
  return (architecture) => {
    if (!isPlain(architecture)) return slowly(architecture);
    let [value, macs, activationBytes, place] = [0, 0, 0, placeOf(architecture.input)];
    const add = (next: PartContribution): void => {
      value += next.value;
      macs += next.macs;
      activationBytes = Math.max(activationBytes, next.activationBytes);
      place = next.after;
    };
    const { stem, head, classes } = architecture;
    add(
      step(
        place,
        'stem',
        stem,
        `${stem.width}`,
        () => ({ width: stem.width }),
        (map) => stemCost(stem, map),
      ),
    );
    architecture.stages.forEach(({ width, firstStride, downsample, blocks }, stage) => {
      if (downsample)
        add(
          step(
            place,
            'downsample',
            downsample,
            `${width}`,
            () => ({ width }),
            (map) => downsampleCost(downsample, map, width),
          ),
        );
      blocks.forEach((block, index) => {
        const stride = index === 0 ? firstStride : 1;
        add(
          step(
            place,
            'block',
            block,
            `${width} ${stride} ${index} ${stage}`,
            () => ({ width, stride }),
            (map) => blockCost(block, map, { width, stride, index, stage: stage + 1, dropPath: 0 }),
          ),
        );
      });
    });
    add(
      step(
        place,
        'head',
        head,
        `${classes}`,
        () => ({ classes }),
        (map) => headCost(head, map, classes),
      ),
    );
    return { value, macs, activationBytes };
  };
}

const plain = new WeakMap<PartSpec['params'], Map<string, boolean>>();

/** Whether every part takes the map before it and nothing else. */
const isPlain = ({ stem, stages, head }: Architecture): boolean =>
  takesMapOnly('stem', stem) &&
  takesMapOnly('head', head) &&
  stages.every(
    ({ downsample, blocks }) =>
      (!downsample || takesMapOnly('downsample', downsample)) &&
      blocks.every((block) => takesMapOnly('block', block)),
  );

function takesMapOnly(kind: PartKind, part: PartSpec): boolean {
  let known = plain.get(part.params);
  if (known === undefined) plain.set(part.params, (known = new Map()));
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

/** The sums by way of the whole network's cost. */
export function directSums(architecture: Architecture, values: readonly number[]): NetworkSums {
  const { macs, activationBytes } = networkCost(architecture).total;
  return { value: values.reduce((sum, value) => sum + value, 0), macs, activationBytes };
}
