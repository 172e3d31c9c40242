/** What a part costs, or why it cannot stand, at every place of a space; each place is worked out once. */
import type { InputSizes } from '../blocks/block.js';
import { blockWarning, type PartProblem, partProblem } from '../network/architecture-problem.js';
import {
  inputSizesKey,
  type KeptOutputs,
  keptOutputsOf,
  sizesAfterPart,
  sizesAfterStage,
} from '../network/input-sizes.js';
import {
  blockCost,
  conditionSizeOf,
  downsampleCost,
  headCost,
  type PartCost,
  stemCost,
} from '../network/network-cost.js';
import type { NetworkPart } from '../network/network-parts.js';
import type { StepCost } from './atoms.js';
import type { Label } from './labels.js';
import { TooLargeError } from './layout-machine.js';
import type { PlacedProblem } from './problem-place.js';

/** Where a label stands: everything that its cost depends on. `first`: the first block of its stage. */
export interface PlaceOf {
  readonly map: number;
  readonly stage: number;
  readonly width: number;
  readonly stride: 1 | 2;
  readonly first: boolean;
  readonly classes: number;
}
/** `event` numbers the (label, place) pairs of a space; `map` is the map that leaves. */
export interface Placed {
  readonly event: number;
  readonly cost: StepCost;
  readonly map: number;
}

/**
 * Parts whose costs are worked out for one space: at well under a millisecond each, what a person waits for.
 */
const PLACE_LIMIT = 25_000;

const nothing: StepCost = Object.freeze({ params: 0, macs: 0, activationBytes: 0 });

export class Places {
  readonly maps: InputSizes[] = [];
  /** What labels of the space take from earlier parts. */
  private needs: KeptOutputs = { stages: new Set(), previous: false };
  /** By event number. */
  readonly costs: StepCost[] = [];
  /** Why labels were left out; one per stage and message. */
  readonly problems = new Map<string, PlacedProblem>();
  /** Warnings about blocks that can stand. */
  readonly notes = new Map<string, PlacedProblem>();
  private readonly mapIds = new Map<string, number>();
  private readonly placed = new Map<string, Placed | undefined>();

  /** Says which labels there are; before the first question. */
  know(labels: readonly Label[]): void {
    this.needs = keptOutputsOf(
      labels.flatMap((label): Pick<NetworkPart, 'kind' | 'spec'>[] => {
        switch (label.kind) {
          case 'header':
            return label.downsample ? [{ kind: 'downsample', spec: label.downsample }] : [];
          case 'block':
            return [{ kind: 'block', spec: label.block }];
          case 'head':
            return [{ kind: 'head', spec: label.head }];
          default:
            return [];
        }
      }),
    );
  }

  mapId(map: InputSizes): number {
    const key = inputSizesKey(map);
    let id = this.mapIds.get(key);
    if (id === undefined) {
      id = this.maps.push(map) - 1;
      this.mapIds.set(key, id);
    }
    return id;
  }

  /** @returns undefined where the label cannot stand there */
  at(id: number, label: Label, place: PlaceOf): Placed | undefined {
    const key =
      label.kind === 'block'
        ? `${id} ${place.map} ${place.stage} ${place.width} ${place.stride} ${place.first}`
        : label.kind === 'header'
          ? `${id} ${place.map} ${place.stage}`
          : label.kind === 'end'
            ? `${id} ${place.stage} ${place.map}`
            : `${id} ${place.map} ${place.classes}`;
    if (this.placed.has(key)) return this.placed.get(key);
    if (this.placed.size >= PLACE_LIMIT)
      throw new TooLargeError(`the space has more than ${PLACE_LIMIT} distinct parts at distinct places`);
    const found = this.workOut(label, place);
    this.placed.set(key, found);
    return found;
  }

  private workOut(label: Label, place: PlaceOf): Placed | undefined {
    const map = this.maps[place.map]!;
    const problem = this.problem(label, map, place);
    if (problem) {
      this.problems.set(`${place.stage} ${problem.message}`, { label, stage: place.stage, problem });
      return undefined;
    }
    const note = label.kind === 'block' ? blockWarning(label.block, map, blockPlace(place)) : undefined;
    if (note) this.notes.set(`${place.stage} ${note.message}`, { label, stage: place.stage, problem: note });
    const cost = this.cost(label, map, place);
    const event = this.costs.push(cost ?? nothing) - 1;
    return { event, cost: cost ?? nothing, map: this.mapId(this.after(label, map, place, cost)) };
  }

  /** What reaches the part after a label. */
  private after(label: Label, map: InputSizes, place: PlaceOf, cost: PartCost | undefined): InputSizes {
    if (label.kind === 'input') return label.input;
    if (label.kind === 'end') return sizesAfterStage(map, place.stage, this.needs);
    const part = partOf(label, place);
    return cost && part ? sizesAfterPart(map, part, cost.output, this.needs, conditionSizeOf(part)) : map;
  }

  private problem(label: Label, map: InputSizes, place: PlaceOf): PartProblem | undefined {
    const part = partOf(label, place);
    return part && partProblem(part, map);
  }

  private cost(label: Label, map: InputSizes, place: PlaceOf): PartCost | undefined {
    switch (label.kind) {
      case 'stem':
        return stemCost(label.stem, map);
      case 'header':
        return label.downsample ? downsampleCost(label.downsample, map, label.width) : undefined;
      case 'block':
        return blockCost(label.block, map, blockPlace(place));
      case 'head':
        return headCost(label.head, map, place.classes);
      default:
        return undefined;
    }
  }
}

/** The part that a label stands for. */
function partOf(label: Label, place: PlaceOf): NetworkPart | undefined {
  switch (label.kind) {
    case 'stem':
      return { kind: 'stem', name: 'stem', spec: label.stem, width: label.stem.width };
    case 'header':
      return label.downsample
        ? {
            kind: 'downsample',
            name: 'downsample',
            spec: label.downsample,
            width: label.width,
            stage: place.stage,
          }
        : undefined;
    case 'block':
      return { kind: 'block', name: 'block', spec: label.block, context: blockPlace(place) };
    case 'head':
      return { kind: 'head', name: 'head', spec: label.head, classes: place.classes };
    default:
      return undefined;
  }
}

const blockPlace = ({
  width,
  stride,
  first,
  stage,
}: PlaceOf): { width: number; stride: 1 | 2; index: number; stage: number; dropPath: number } => ({
  width,
  stride: first ? stride : 1,
  index: first ? 0 : 1,
  stage,
  dropPath: 0,
});
