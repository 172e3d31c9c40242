/** What a part costs, or why it cannot stand, at every place of a space; each place is worked out once. */
import type { MapSize } from '../blocks/contract.js';
import { blockProblem, partProblem } from '../network/check.js';
import { blockCost, downsampleCost, headCost, stemCost, type PartCost } from '../network/cost.js';
import type { StepCost } from './atoms.js';
import type { Label } from './labels.js';

/** Where a label stands: everything that its cost depends on. `first`: the first block of its stage. */
export interface PlaceOf { readonly map: number; readonly stage: number; readonly width: number; readonly stride: 1 | 2; readonly first: boolean; readonly classes: number }
/** `event` numbers the (label, place) pairs of a space; `map` is the map that leaves. */
export interface Placed { readonly event: number; readonly cost: StepCost; readonly map: number }

const nothing: StepCost = Object.freeze({ params: 0, macs: 0, activationBytes: 0 });

export class Places {
  readonly maps: MapSize[] = [];
  /** By event number. */
  readonly costs: StepCost[] = [];
  /** Why labels were left out, with how often: `stage 3: transformer: head-dim must divide …`. */
  readonly problems = new Map<string, { readonly label: Label; readonly stage: number; readonly message: string }>();
  private readonly mapIds = new Map<string, number>();
  private readonly placed = new Map<string, Placed | undefined>();

  mapId(map: MapSize): number {
    const key = `${map.height} ${map.width} ${map.channels}`;
    let id = this.mapIds.get(key);
    if (id === undefined) {
      id = this.maps.push(map) - 1;
      this.mapIds.set(key, id);
    }
    return id;
  }

  /** @returns undefined where the label cannot stand there */
  at(id: number, label: Label, place: PlaceOf): Placed | undefined {
    const key = label.kind === 'block' ? `${id} ${place.map} ${place.stage} ${place.width} ${place.stride} ${place.first}`
      : label.kind === 'header' ? `${id} ${place.map} ${place.stage}` : label.kind === 'end' ? `${id} ${place.stage} ${place.map}` : `${id} ${place.map} ${place.classes}`;
    if (this.placed.has(key)) return this.placed.get(key);
    const found = this.workOut(label, place);
    this.placed.set(key, found);
    return found;
  }

  private workOut(label: Label, place: PlaceOf): Placed | undefined {
    const map = this.maps[place.map]!;
    const problem = this.problem(label, map, place);
    if (problem !== undefined) {
      this.problems.set(`${place.stage} ${problem}`, { label, stage: place.stage, message: problem });
      return undefined;
    }
    const cost = this.cost(label, map, place);
    const event = this.costs.push(cost ?? nothing) - 1;
    return { event, cost: cost ?? nothing, map: cost ? this.mapId(cost.output) : label.kind === 'input' ? this.mapId(label.input) : place.map };
  }

  private problem(label: Label, map: MapSize, place: PlaceOf): string | undefined {
    switch (label.kind) {
      case 'stem': return partProblem({ kind: 'stem', name: 'stem', part: label.stem, width: label.stem.width }, map);
      case 'header': return label.downsample ? partProblem({ kind: 'downsample', name: 'downsample', part: label.downsample, width: label.width }, map) : undefined;
      case 'block': return blockProblem(label.block, map, blockPlace(place));
      case 'head': return partProblem({ kind: 'head', name: 'head', part: label.head, classes: place.classes }, map);
      default: return undefined;
    }
  }

  private cost(label: Label, map: MapSize, place: PlaceOf): PartCost | undefined {
    switch (label.kind) {
      case 'stem': return stemCost(label.stem, map);
      case 'header': return label.downsample ? downsampleCost(label.downsample, map, label.width) : undefined;
      case 'block': return blockCost(label.block, map, blockPlace(place));
      case 'head': return headCost(label.head, map, place.classes);
      default: return undefined;
    }
  }
}

const blockPlace = ({ width, stride, first, stage }: PlaceOf): { width: number; stride: 1 | 2; index: number; stage: number; dropPath: number } =>
  ({ width, stride: first ? stride : 1, index: first ? 0 : 1, stage, dropPath: 0 });

