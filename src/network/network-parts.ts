/**
 * An architecture as the ordered list of its parts: stem, downsampling layers, blocks, head, with their
 * scope names (`stem`, `stage1/downsample`, `stage1/block1`, …, `head`). Every traversal of a network uses
 * this list.
 */
import type { Architecture, BlockSpec, PartSpec } from '../architecture/architecture.js';
import type { Block, BlockContext, Head, StemOrDownsample } from '../blocks/block.js';
import { type PartKind, partTables } from '../blocks/block-table.js';
import { ownPartHint } from '../blocks/own-parts.js';
import { UserError } from '../util/errors.js';

export type NetworkPart =
  | {
      readonly kind: 'stem' | 'downsample';
      readonly name: string;
      readonly spec: PartSpec;
      readonly width: number;
      /** Stage, from 1; absent for the stem. */
      readonly stage?: number;
    }
  | {
      readonly kind: 'block';
      readonly name: string;
      readonly spec: BlockSpec;
      readonly context: BlockContext;
    }
  | { readonly kind: 'head'; readonly name: string; readonly spec: PartSpec; readonly classes: number };

/** Definition of a part type. @throws UserError listing the known types where `type` is unknown */
export function definitionOf(kind: 'block', type: string): Block;
export function definitionOf(kind: 'stem' | 'downsample', type: string): StemOrDownsample;
export function definitionOf(kind: 'head', type: string): Head;
export function definitionOf(kind: PartKind, type: string): Block | StemOrDownsample | Head {
  const table = partTables[kind];
  if (!Object.hasOwn(table, type))
    throw new UserError(
      `${kind}: must be one of ${Object.keys(table).join(', ')}, got ${JSON.stringify(type)}`,
      { fix: ownPartHint(kind) },
    );
  return table[type]!;
}

/**
 * The parts in the order of the forward pass.
 * @param dropPath stochastic-depth rate of the last block, which rises linearly from 0 at the first
 */
export function networkParts(architecture: Architecture, dropPath = 0): NetworkPart[] {
  const blockCount = architecture.stages.reduce((sum, stage) => sum + stage.blocks.length, 0);
  const parts: NetworkPart[] = [
    { kind: 'stem', name: 'stem', spec: architecture.stem, width: architecture.stem.width },
  ];
  let block = 0;
  architecture.stages.forEach((stage, stageIndex) => {
    const name = `stage${stageIndex + 1}`;
    if (stage.downsample)
      parts.push({
        kind: 'downsample',
        name: `${name}/downsample`,
        spec: stage.downsample,
        width: stage.width,
        stage: stageIndex + 1,
      });
    stage.blocks.forEach((part, index) => {
      const context: BlockContext = {
        width: stage.width,
        index,
        stage: stageIndex + 1,
        stride: index === 0 ? stage.firstStride : 1,
        dropPath: dropPath === 0 ? 0 : (dropPath * block++) / Math.max(1, blockCount - 1),
      };
      parts.push({ kind: 'block', name: `${name}/block${index + 1}`, spec: part, context });
    });
  });
  parts.push({ kind: 'head', name: 'head', spec: architecture.head, classes: architecture.classes });
  return parts;
}

/** Stage of a part, from 1; 0 for stem and head. */
export function stageOf(part: NetworkPart): number {
  if (part.kind === 'block') return part.context.stage;
  return part.kind === 'downsample' ? (part.stage ?? 0) : 0;
}

/** Calls `visit` for each part and `stageEnd` after the last of each stage. */
export function walkParts(
  parts: readonly NetworkPart[],
  visit: (part: NetworkPart) => void,
  stageEnd: (stage: number) => void,
): void {
  parts.forEach((part, index) => {
    visit(part);
    const stage = stageOf(part);
    if (stage > 0 && stageOf(parts[index + 1] ?? part) !== stage) stageEnd(stage);
  });
}
