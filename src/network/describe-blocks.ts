/** Rows of `stagecraft blocks`, and the page of `stagecraft show block NAME`. */
import type { Block, BlockContext, MapSize } from '../blocks/block.js';
import { blocks } from '../blocks/block-table.js';
import { infer, type Operation } from '../tensor/infer/infer.js';
import { UserError } from '../util/errors.js';
import { type ParamTable, type ParamValues, paramsWithDefaults } from '../util/params.js';
import { blockProblem } from './architecture-problem.js';
import { forwardPart } from './forward-network.js';
import { blockCost, type Cost } from './network-cost.js';
import { type OperationRow, operationRows } from './operation-rows.js';

export interface BlockRow {
  readonly name: string;
  readonly letter: string;
  readonly summary: string;
  readonly source: string;
  readonly reduces: boolean;
  readonly params: ParamTable;
  /** Cost with default parameters on the given map at stride 1, or why the block is invalid there. */
  readonly cost: Cost | { readonly problem: string };
}

const table: Readonly<Record<string, Block>> = blocks;
const placeOn = (map: MapSize): BlockContext => ({
  width: map.channels,
  stride: 1,
  index: 0,
  stage: 1,
  dropPath: 0,
});

/** Every block, in the table's order. @param map input for the costs; default 14×14×64 */
export function describeBlocks(map: MapSize = { height: 14, width: 14, channels: 64 }): BlockRow[] {
  return Object.values(table).map((block) => {
    const placed = { type: block.name, letter: block.letter, params: paramsWithDefaults(block.params) };
    const problem = blockProblem(placed, map, placeOn(map));
    const { name, letter, summary, source, reduces, params } = block;
    return {
      name,
      letter,
      summary,
      source,
      reduces,
      params,
      cost: problem === undefined ? blockCost(placed, map, placeOn(map)) : { problem: problem.message },
    };
  });
}

export interface BlockPage extends BlockRow {
  readonly values: ParamValues;
  /** Every operation in order, with shape and MACs. */
  readonly operations: readonly Operation[];
  /** The same, condensed for a reader. */
  readonly steps: readonly OperationRow[];
  readonly weights: readonly { readonly path: string; readonly shape: readonly number[] }[];
}

/** One block in full. @throws UserError for an unknown name, or parameters that are invalid on `map` */
export function describeBlock(
  name: string,
  given: ParamValues = {},
  map: MapSize = { height: 14, width: 14, channels: 64 },
): BlockPage {
  if (!Object.hasOwn(table, name))
    throw new UserError(
      `show block: must be one of ${Object.keys(table).join(', ')}, got ${JSON.stringify(name)}`,
    );
  const row = describeBlocks(map).find((each) => each.name === name)!;
  const values = paramsWithDefaults(row.params, given);
  const placed = { type: name, letter: row.letter, params: values };
  const context = placeOn(map);
  const problem = blockProblem(placed, map, context);
  if (problem !== undefined) throw new UserError(`show block: ${problem.message}`);
  const inferred = infer([1, map.height, map.width, map.channels], (ops, x) =>
    forwardPart(ops, x, { kind: 'block', name, spec: placed, context }),
  );
  return {
    ...row,
    values,
    cost: blockCost(placed, map, context),
    operations: inferred.operations,
    steps: operationRows(inferred.operations, [0]),
    weights: [...inferred.weights].map(([path, { shape }]) => ({ path, shape })),
  };
}
