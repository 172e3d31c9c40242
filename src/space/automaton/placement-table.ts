/** Cost of every part at every placement in a space, or why it cannot stand there; each is computed once. */
import type { BlockContext, InputSizes } from '../../blocks/block.js';
import { blockWarning, type PartProblem, partProblem } from '../../network/architecture-problem.js';
import {
  inputSizesKey,
  type KeptOutputs,
  keptOutputsOf,
  sizesAfterPart,
  sizesAfterStage,
} from '../../network/input-sizes.js';
import {
  blockCost,
  conditionSizeOf,
  downsampleCost,
  headCost,
  type PartCost,
  stemCost,
} from '../../network/network-cost.js';
import type { NetworkPart } from '../../network/network-parts.js';
import type { SymbolCost } from '../conditions/predicate-automaton.js';
import type { AlphabetSymbol } from '../model/alphabet.js';
import { TooLargeError } from '../model/too-large-error.js';

/** Everything that the cost of a symbol depends on. */
export interface Placement {
  /** Index into `featureMaps` of the map that enters. */
  readonly map: number;
  readonly stage: number;
  readonly width: number;
  readonly stride: 1 | 2;
  /** Before the first block of its stage. */
  readonly first: boolean;
  readonly classes: number;
}

export interface PlacedSymbol {
  /** Number of this (symbol, placement) pair in the space: index into `costs`. */
  readonly placement: number;
  readonly cost: SymbolCost;
  /** Index into `featureMaps` of the map that leaves. */
  readonly map: number;
}

/** A part that cannot stand in a stage (0: before the first, `stages + 1`: after the last), or a warning. */
export interface PlacementProblem {
  readonly symbol: AlphabetSymbol;
  readonly stage: number;
  readonly problem: PartProblem;
}

/** Placements computed for one space, each in well under a millisecond: limits the time to open a space. */
const PLACEMENT_LIMIT = 25_000;

const noCost: SymbolCost = Object.freeze({ params: 0, macs: 0, activationBytes: 0 });

export class PlacementTable {
  readonly featureMaps: InputSizes[] = [];
  /** Outputs that parts of the space take from earlier parts. */
  private keptOutputs: KeptOutputs = { stages: new Set(), previous: false };
  /** By placement number. */
  readonly costs: SymbolCost[] = [];
  /** Why symbols are left out; one per stage and message. */
  readonly problems = new Map<string, PlacementProblem>();
  /** Warnings about blocks that can stand where they are. */
  readonly warnings = new Map<string, PlacementProblem>();
  private readonly mapIds = new Map<string, number>();
  private readonly placed = new Map<string, PlacedSymbol | undefined>();

  /** Must be called before `place`. */
  setAlphabet(symbols: readonly AlphabetSymbol[]): void {
    this.keptOutputs = keptOutputsOf(
      symbols.flatMap((symbol): Pick<NetworkPart, 'kind' | 'spec'>[] => {
        switch (symbol.kind) {
          case 'header':
            return symbol.downsample ? [{ kind: 'downsample', spec: symbol.downsample }] : [];
          case 'block':
            return [{ kind: 'block', spec: symbol.block }];
          case 'head':
            return [{ kind: 'head', spec: symbol.head }];
          default:
            return [];
        }
      }),
    );
  }

  /** Distinct placements so far, those of parts that cannot stand there included. */
  get size(): number {
    return this.placed.size;
  }

  internMap(map: InputSizes): number {
    const key = inputSizesKey(map);
    let id = this.mapIds.get(key);
    if (id === undefined) {
      id = this.featureMaps.push(map) - 1;
      this.mapIds.set(key, id);
    }
    return id;
  }

  /** @returns undefined where the symbol cannot stand there */
  place(id: number, symbol: AlphabetSymbol, placement: Placement): PlacedSymbol | undefined {
    const key = placementKey(id, symbol, placement);
    if (this.placed.has(key)) return this.placed.get(key);
    if (this.placed.size >= PLACEMENT_LIMIT)
      throw new TooLargeError(`the space has more than ${PLACEMENT_LIMIT} parts at distinct placements`);
    const found = this.compute(symbol, placement);
    this.placed.set(key, found);
    return found;
  }

  private compute(symbol: AlphabetSymbol, placement: Placement): PlacedSymbol | undefined {
    const input = this.featureMaps[placement.map]!;
    const part = partOf(symbol, placement);
    const { stage } = placement;
    const problem = part && partProblem(part, input);
    if (problem) {
      this.problems.set(`${stage} ${problem.message}`, { symbol, stage, problem });
      return undefined;
    }
    const warning = part?.kind === 'block' ? blockWarning(part.spec, input, part.context) : undefined;
    if (warning) this.warnings.set(`${stage} ${warning.message}`, { symbol, stage, problem: warning });
    const cost = part && costOf(part, input);
    const number = this.costs.push(cost ?? noCost) - 1;
    const after = this.sizesAfter(symbol, placement, part, cost);
    return { placement: number, cost: cost ?? noCost, map: this.internMap(after) };
  }

  /** The input of the part after a symbol. */
  private sizesAfter(
    symbol: AlphabetSymbol,
    { map, stage }: Placement,
    part: NetworkPart | undefined,
    cost: PartCost | undefined,
  ): InputSizes {
    const input = this.featureMaps[map]!;
    if (symbol.kind === 'input') return symbol.input;
    if (symbol.kind === 'end') return sizesAfterStage(input, stage, this.keptOutputs);
    if (!part || !cost) return input;
    return sizesAfterPart(input, part, cost.output, this.keptOutputs, conditionSizeOf(part));
  }
}

/** What the cost of one kind of symbol depends on, as text. */
function placementKey(id: number, symbol: AlphabetSymbol, placement: Placement): string {
  const { map, stage, width, stride, first, classes } = placement;
  switch (symbol.kind) {
    case 'block':
      return `${id} ${map} ${stage} ${width} ${stride} ${first}`;
    case 'header':
      return `${id} ${map} ${stage}`;
    case 'end':
      return `${id} ${stage} ${map}`;
    default:
      return `${id} ${map} ${classes}`;
  }
}

function costOf(part: NetworkPart, input: InputSizes): PartCost {
  switch (part.kind) {
    case 'stem':
      return stemCost({ ...part.spec, width: part.width }, input);
    case 'downsample':
      return downsampleCost(part.spec, input, part.width);
    case 'block':
      return blockCost(part.spec, input, part.context);
    case 'head':
      return headCost(part.spec, input, part.classes);
    default:
      return part satisfies never;
  }
}

/** The part that a symbol stands for. */
function partOf(symbol: AlphabetSymbol, placement: Placement): NetworkPart | undefined {
  const { stage, classes } = placement;
  switch (symbol.kind) {
    case 'stem':
      return { kind: 'stem', name: 'stem', spec: symbol.stem, width: symbol.stem.width };
    case 'header': {
      const { downsample, width } = symbol;
      return downsample
        ? { kind: 'downsample', name: 'downsample', spec: downsample, width, stage }
        : undefined;
    }
    case 'block':
      return { kind: 'block', name: 'block', spec: symbol.block, context: contextOf(placement) };
    case 'head':
      return { kind: 'head', name: 'head', spec: symbol.head, classes };
    default:
      return undefined;
  }
}

const contextOf = ({ width, stride, first, stage }: Placement): BlockContext => ({
  width,
  stride: first ? stride : 1,
  index: first ? 0 : 1,
  stage,
  dropPath: 0,
});
