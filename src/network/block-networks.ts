/**
 * The smallest network around one block: patch stem, the block twice (and once where it halves the map),
 * linear head. Tests and `verify-device` run every block of the table in one.
 */
import type { Architecture, BlockSpec, PartSpec } from '../architecture/architecture.js';
import type { Block } from '../blocks/block.js';
import { blocks, type PartKind, partTables } from '../blocks/block-table.js';
import { type ParamValues, paramsWithDefaults } from '../util/params.js';
import { architectureProblem } from './architecture-problem.js';

export interface OneBlockOptions {
  /** Side of the map in pixels; default 14. */
  readonly side?: number;
  /** Channels; default 64. */
  readonly width?: number;
  readonly params?: ParamValues;
  /** Blocks of the first stage; default 2. */
  readonly depth?: number;
}

const partOf = (kind: PartKind, type: string, params: ParamValues = {}): PartSpec => ({
  type,
  params: paramsWithDefaults(partTables[kind][type]!.params, params),
});

/**
 * Layer scales start at 0.5, so that a fresh block is far from the identity; nothing is left to chance and
 * activations are smooth where they can be chosen, as finite differences need.
 */
export function oneBlock(
  block: Block,
  { side = 14, width = 64, params = {}, depth = 2 }: OneBlockOptions = {},
): Architecture {
  const loud = {
    ...('layer-scale' in block.params ? { 'layer-scale': 0.5 } : {}),
    ...('dropout' in block.params ? { dropout: 0 } : {}),
    ...('act' in block.params ? { act: 'gelu' } : {}),
  };
  const placed: BlockSpec = {
    ...partOf('block', block.name, { ...loud, ...params }),
    letter: block.letter,
  };
  const stage = (stageWidth: number, firstStride: 1 | 2, count: number): Architecture['stages'][number] => ({
    width: stageWidth,
    downsample: null,
    firstStride,
    blocks: Array.from({ length: count }, () => placed),
  });
  return {
    input: { height: side, width: side, channels: 3 },
    classes: 5,
    stem: { ...partOf('stem', 'patch', { size: 1 }), width },
    stages: [stage(width, 1, depth), ...(block.reduces ? [stage(1.5 * width, 2, 1)] : [])],
    head: partOf('head', 'pool-linear'),
  };
}

/**
 * Every block, by name; on the first map of `sides` and `widths` where it stands. @param one: one stage of
 * two blocks, without reduction
 */
export function blockNetworks(
  sides: readonly number[],
  { one = false, widths = [64] }: { readonly one?: boolean; readonly widths?: readonly number[] } = {},
): Readonly<Record<string, () => Architecture>> {
  return Object.fromEntries(
    (Object.entries(blocks) as [string, Block][]).map(([name, block]) => [
      `block ${name}`,
      () => {
        for (const side of sides)
          for (const width of widths) {
            const whole = oneBlock(block, { side, width });
            const network = one ? { ...whole, stages: whole.stages.slice(0, 1) } : whole;
            if (architectureProblem(network) === undefined) return network;
          }
        throw new Error(`${name} stands on none of ${sides.join(', ')}`);
      },
    ]),
  );
}
