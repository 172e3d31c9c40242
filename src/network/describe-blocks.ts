/** Rows of `stagecraft blocks`, and the page of `stagecraft show block NAME`. */
import type { Block, BlockContext, Head, InputSizes, MapSize, StemOrDownsample } from '../blocks/block.js';
import { type PartKind, partTables } from '../blocks/block-table.js';
import type { Operation } from '../tensor/infer/infer.js';
import { UserError } from '../util/errors.js';
import { type ParamTable, type ParamValues, paramsWithDefaults } from '../util/params.js';
import { blockProblem, partProblem } from './architecture-problem.js';
import { sideInputNeedsOf } from './input-sizes.js';
import { blockCost, type Cost, costOfPart, inferPart } from './network-cost.js';
import type { NetworkPart } from './network-parts.js';
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

const placeOn = (map: MapSize): BlockContext => ({
  width: map.channels,
  stride: 1,
  index: 0,
  stage: 1,
  dropPath: 0,
});

/** Every block, in the table's order. @param map input for the costs; default 14×14×64 */
export function describeBlocks(map: MapSize = { height: 14, width: 14, channels: 64 }): BlockRow[] {
  return Object.values(partTables.block).map((block) => {
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

/** One part in full. */
export interface PartPage {
  readonly kind: PartKind;
  readonly name: string;
  /** Suggested letter of a block; '' of other parts. */
  readonly letter: string;
  readonly summary: string;
  readonly source: string;
  readonly params: ParamTable;
  readonly values: ParamValues;
  readonly cost: Cost;
  /** Every operation in order, with shape and MACs. */
  readonly operations: readonly Operation[];
  /** The same, condensed for a reader. */
  readonly steps: readonly OperationRow[];
  readonly weights: readonly { readonly path: string; readonly shape: readonly number[] }[];
}

const partKinds = Object.keys(partTables) as PartKind[];

/** Classes of a head that is shown by itself. */
const shownClasses = 1000;

/** A part in a place of its own: as wide as its input, at stride 1, behind no downsampling layer. */
function placedPart(kind: PartKind, type: string, values: ParamValues, map: MapSize): NetworkPart {
  const spec = { type, params: values };
  if (kind === 'head') return { kind, name: type, spec, classes: shownClasses };
  if (kind !== 'block') return { kind, name: type, spec, width: map.channels };
  const { letter } = partTables.block[type]!;
  return { kind, name: type, spec: { ...spec, letter }, context: placeOn(map) };
}

/** Input of a part: the map, and maps of twice its size where it reads outputs of earlier stages. */
function inputOf(part: NetworkPart, map: MapSize): InputSizes {
  const { stages = [] } = sideInputNeedsOf(part);
  const earlier = { height: 2 * map.height, width: 2 * map.width, channels: map.channels };
  return stages === 'all' || stages.length === 0
    ? map
    : { ...map, stageOutputs: Object.fromEntries(stages.map((stage) => [stage, earlier])) };
}

function describePart(kind: PartKind, name: string, given: ParamValues, map: MapSize): PartPage {
  const definition: Block | StemOrDownsample | Head = partTables[kind][name]!;
  const values = paramsWithDefaults(definition.params, given);
  const part = placedPart(kind, name, values, map);
  const input = inputOf(part, map);
  const problem = partProblem(part, input);
  if (problem !== undefined) throw new UserError(`show block: ${problem.message}`);
  const { operations, weights } = inferPart(part, input);
  const { params, macs, activationBytes } = costOfPart(part, input);
  const inputs = 1 + Object.keys(input.stageOutputs ?? {}).length;
  return {
    kind,
    name,
    letter: 'letter' in definition ? definition.letter : '',
    summary: definition.summary,
    source: definition.source,
    params: definition.params,
    values,
    cost: { params, macs, activationBytes },
    operations,
    steps: operationRows(
      operations,
      Array.from({ length: inputs }, (_, index) => index),
    ),
    weights: [...weights].map(([path, { shape }]) => ({ path, shape })),
  };
}

/**
 * The parts of a name in full: blocks, stems, downsampling layers and heads, which may share one (`conv`).
 * @param given parameters; those left out have their defaults
 * @param map input; default 14×14×64
 * @throws UserError for an unknown name, or parameters that are invalid on `map`
 */
export function describeParts(
  name: string,
  given: ParamValues = {},
  map: MapSize = { height: 14, width: 14, channels: 64 },
): PartPage[] {
  const kinds = partKinds.filter((kind) => Object.hasOwn(partTables[kind], name));
  if (kinds.length === 0) {
    const names = [...new Set(partKinds.flatMap((kind) => Object.keys(partTables[kind])))];
    throw new UserError(`show block: must be one of ${names.join(', ')}, got ${JSON.stringify(name)}`);
  }
  // a parameter that one of them lacks is an error only where all lack it
  const fits = kinds.filter((kind) =>
    Object.keys(given).every((key) => Object.hasOwn(partTables[kind][name]!.params, key)),
  );
  return (fits.length > 0 ? fits : kinds).map((kind) => describePart(kind, name, given, map));
}

/** One block in full. @throws UserError for an unknown name, or parameters that are invalid on `map` */
export function describeBlock(name: string, given: ParamValues = {}, map?: MapSize): PartPage {
  const found = Object.hasOwn(partTables.block, name)
    ? describeParts(name, given, map).find(({ kind }) => kind === 'block')
    : undefined;
  if (found) return found;
  throw new UserError(
    `show block: must be one of ${Object.keys(partTables.block).join(', ')}, got ${JSON.stringify(name)}`,
  );
}
