/** Rows of `stagecraft show`: one per stage with its share of the cost, and below it one per part. */
import type { Architecture } from '../architecture/architecture.js';
import type { MapSize } from '../blocks/block.js';
import { type Cost, networkCost } from './network-cost.js';

export interface PartRow {
  readonly name: string;
  readonly type: string;
  readonly letter?: string;
  readonly output: MapSize;
  readonly cost: Cost;
}
export interface StageRow {
  /** `stem`, `stage1`, …, `head`. */
  readonly name: string;
  /** Letters of a stage; '' for stem and head. */
  readonly layout: string;
  readonly output: MapSize;
  /** params and macs summed over the rows below, activationBytes their maximum. */
  readonly cost: Cost;
  readonly parts: readonly PartRow[];
}

/** Type of the part with scope name `group` or `group/inner`. */
function typeOf(architecture: Architecture, group: string, inner: string | undefined): string {
  if (inner === undefined) return architecture[group as 'stem' | 'head'].type;
  const stage = architecture.stages[Number(group.slice('stage'.length)) - 1]!;
  if (inner === 'downsample') return stage.downsample!.type;
  return stage.blocks[Number(inner.slice('block'.length)) - 1]!.type;
}

/** Rows in the order of the forward pass; params and macs of the rows sum to the network's. */
export function stageTable(architecture: Architecture): StageRow[] {
  const rows: StageRow[] = [];
  const { parts } = networkCost(architecture);
  const groups = new Map<string, PartRow[]>();
  for (const part of parts) {
    const [group, inner] = part.name.split('/') as [string, string | undefined];
    const type = typeOf(architecture, group, inner);
    groups.set(group, [
      ...(groups.get(group) ?? []),
      {
        name: part.name,
        type,
        output: part.output,
        cost: part.cost,
        ...(part.letter === undefined ? {} : { letter: part.letter }),
      },
    ]);
  }
  for (const [name, inner] of groups) {
    rows.push({
      name,
      layout: inner.map((part) => part.letter ?? '').join(''),
      output: inner.at(-1)!.output,
      cost: {
        params: inner.reduce((sum, part) => sum + part.cost.params, 0),
        macs: inner.reduce((sum, part) => sum + part.cost.macs, 0),
        activationBytes: Math.max(...inner.map((part) => part.cost.activationBytes)),
      },
      parts: inner,
    });
  }
  return rows;
}
