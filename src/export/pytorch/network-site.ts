/** The parts of a network with the sizes of what enters and leaves each, in order. */
import type { Architecture } from '../../architecture/architecture.js';
import type { InputSizes, MapSize } from '../../blocks/block.js';
import { partTables } from '../../blocks/block-table.js';
import {
  keptOutputsOf,
  sideInputNeedsOf,
  sizesAfterPart,
  sizesAfterStage,
} from '../../network/input-sizes.js';
import { conditionSizeOf, networkCost } from '../../network/network-cost.js';
import { type NetworkPart, networkParts, walkParts } from '../../network/network-parts.js';

export interface PlacedPart {
  readonly part: NetworkPart;
  readonly input: InputSizes;
  readonly output: MapSize;
  /** Whether it reads the condition, or the map before its input. */
  readonly needsCondition: boolean;
  readonly needsPrevious: boolean;
  /** Earlier stages whose outputs it reads; of a head: the last of each resolution, largest first. */
  readonly stages: readonly number[];
  /** Whether the next part's `previous` is this part's own. */
  readonly passesPrevious: boolean;
}

/** Stages whose outputs a part reads, of the `outputs` so far. */
function stagesRead(part: NetworkPart, outputs: ReadonlyMap<number, MapSize>): number[] {
  const { stages } = sideInputNeedsOf(part);
  if (stages !== 'all') return [...(stages ?? [])];
  const last = new Map<string, number>();
  for (const [stage, { height, width }] of outputs) last.set(`${height} ${width}`, stage);
  return [...last.values()];
}

export function placedParts(architecture: Architecture): PlacedPart[] {
  const parts = networkParts(architecture);
  const needs = keptOutputsOf(parts);
  const costs = networkCost(architecture).parts;
  const outputs = new Map<number, MapSize>();
  const placed: PlacedPart[] = [];
  let sizes: InputSizes = architecture.input;
  walkParts(
    parts,
    (part) => {
      const { output } = costs[placed.length]!;
      const read = sideInputNeedsOf(part);
      const stages = stagesRead(part, outputs);
      const joined = Object.fromEntries(stages.map((stage) => [stage, outputs.get(stage)!]));
      placed.push({
        part,
        input: { ...sizes, ...(stages.length > 0 && { stageOutputs: joined }) },
        output,
        needsCondition: read.condition === true && sizes.condition !== undefined,
        needsPrevious: read.previous === true,
        stages,
        passesPrevious:
          part.kind === 'block' &&
          partTables.block[part.spec.type]!.passesPrevious?.(part.spec.params as never) === true,
      });
      sizes = sizesAfterPart(sizes, part, output, needs, conditionSizeOf(part));
    },
    (stage) => {
      outputs.set(stage, placed.at(-1)!.output);
      sizes = sizesAfterStage(sizes, stage, needs);
    },
  );
  return placed;
}
