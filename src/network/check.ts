/**
 * Whether an architecture can be built: known parts, allowed parameters, every part able to stand at its
 * place.
 */
import type { Architecture, Part, PlacedBlock } from '../architecture/architecture.js';
import type { BlockPlace, Described, Reach } from '../blocks/block.js';
import { type PartKind, partTables } from '../blocks/block-table.js';
import { given, modifierParams } from '../blocks/modifiers/modifier-table.js';
import { ShapeError } from '../tensor/infer/infer.js';
import { type ParamTable, type ParamValues, paramProblem } from '../util/params.js';
import { blockCost, conditionSizeOf, downsampleCost, headCost, type PartCost, stemCost } from './cost.js';
import { type NetworkPart, networkParts, walkParts } from './parts.js';
import { needsOf, reachAfter, reachAfterStage, takesOf } from './reach.js';

/**
 * What is wrong with given parameter values against their table: missing, unknown or out of range. @param
 * optional may be left out
 */
export function paramsProblem(
  table: ParamTable,
  values: ParamValues,
  optional: ParamTable = {},
): string | undefined {
  for (const [name, spec] of Object.entries(table)) {
    const value = Object.hasOwn(values, name) ? values[name] : undefined;
    if (value === undefined) return `${name} must be given, got nothing`;
    const problem = paramProblem(name, spec, value);
    if (problem) return problem;
  }
  for (const [name, spec] of Object.entries(optional)) {
    const problem = Object.hasOwn(values, name) ? paramProblem(name, spec, values[name]!) : undefined;
    if (problem) return problem;
  }
  const unknown = Object.keys(values).find(
    (name) => !Object.hasOwn(table, name) && !Object.hasOwn(optional, name),
  );
  if (unknown === undefined) return undefined;
  const names = Object.keys(table);
  return `parameter must be ${names.length > 0 ? `one of ${names.join(', ')}` : 'left out'}, got ${JSON.stringify(unknown)}`;
}

function definitionProblem(
  kind: PartKind,
  part: Part,
): { readonly definition: Described<ParamTable> } | string {
  const table: Readonly<Record<string, Described<ParamTable>>> = partTables[kind];
  if (!Object.hasOwn(table, part.type))
    return `${kind} must be one of ${Object.keys(table).join(', ')}, got ${JSON.stringify(part.type)}`;
  const definition = table[part.type]!;
  const problem = paramsProblem(definition.params, part.params, kind === 'block' ? modifierParams : {});
  return problem === undefined ? { definition } : `${part.type}: ${problem}`;
}

/** Why a block cannot stand at a place, as `rule, got value`; undefined when it can. */
export function blockProblem(block: PlacedBlock, input: Reach, place: BlockPlace): string | undefined {
  const found = definitionProblem('block', block);
  if (typeof found === 'string') return found;
  const definition = partTables.block[block.type]!;
  if (!definition.reduces && place.stride !== 1)
    return `${block.type}: cannot halve the resolution, a downsampling layer must stand before it, got stride ${place.stride}`;
  if (!definition.reduces && input.channels !== place.width)
    return `${block.type}: cannot change the width, a downsampling layer must stand before it, got ${input.channels} to ${place.width} channels`;
  const problem =
    definition.problem?.(block.params as never, input, place) ??
    given(block.params)
      .map(([modifier, value]) => modifier.problem?.(value, input, place))
      .find((found) => found !== undefined);
  return problem === undefined
    ? shapeProblem(block.type, () => blockCost(block, input, place))
    : `${block.type}: ${problem}`;
}

/** What a block that can stand at a place has to say about its parameters there. */
export function blockNote(block: PlacedBlock, input: Reach, place: BlockPlace): string | undefined {
  const note = partTables.block[block.type]?.note?.(block.params as never, input, place);
  return note === undefined ? undefined : `${block.type}: ${note}`;
}

/**
 * The symbolic reading is the last word: a shape that does not fit is a problem of the parameters at this
 * place.
 */
function shapeProblem(type: string, cost: () => PartCost): string | undefined {
  try {
    cost();
    return undefined;
  } catch (error) {
    if (error instanceof ShapeError) return `${type}: does not fit here: ${error.message}`;
    throw error;
  }
}

/** Why a part cannot stand where `input` enters it; undefined when it can. */
export function partProblem(part: NetworkPart, input: Reach): string | undefined {
  if (part.kind === 'block') return blockProblem(part.part, input, part.place);
  const found = definitionProblem(part.kind, part.part);
  if (typeof found === 'string') return found;
  const size = part.kind === 'head' ? part.classes : part.width;
  const problem = partTables[part.kind][part.part.type]!.problem?.(part.part.params as never, input, size);
  if (problem !== undefined) return `${part.part.type}: ${problem}`;
  const missing = missingStage(part, input);
  if (missing !== undefined)
    return `${part.part.type}: must take the output of an earlier stage that nothing took before, got ${missing}`;
  return shapeProblem(part.part.type, () => costOf(part, input));
}

/** A stage that a part takes and that is not there. */
function missingStage(part: NetworkPart, { stages = {} }: Reach): number | undefined {
  const taken = takesOf(part).stages;
  return taken === undefined || taken === 'all'
    ? undefined
    : taken.find((stage) => !Object.hasOwn(stages, stage));
}

function costOf(part: NetworkPart, input: Reach): PartCost {
  switch (part.kind) {
    case 'stem':
      return stemCost({ ...part.part, width: part.width }, input);
    case 'downsample':
      return downsampleCost(part.part, input, part.width);
    case 'block':
      return blockCost(part.part, input, part.place);
    case 'head':
      return headCost(part.part, input, part.classes);
    default:
      return part satisfies never;
  }
}

/** First part that cannot be built, by its scope name, with the reason; undefined when the whole can. */
export function architectureProblem(
  architecture: Architecture,
): { readonly part: string; readonly message: string } | undefined {
  const parts = networkParts(architecture);
  const needs = needsOf(parts);
  let reach: Reach = architecture.input;
  let found: { readonly part: string; readonly message: string } | undefined;
  walkParts(
    parts,
    (part) => {
      if (found) return;
      const message = partProblem(part, reach);
      if (message !== undefined) {
        found = { part: part.name, message };
        return;
      }
      const { output } = costOf(part, reach);
      reach = reachAfter(reach, part, output, needs, conditionSizeOf(part));
      const width =
        part.kind === 'block'
          ? part.place.width
          : part.kind === 'head'
            ? partTables.head[part.part.type]!.output === 'image'
              ? output.channels
              : part.classes
            : part.width;
      if (output.channels !== width)
        found = {
          part: part.name,
          message: `${part.part.type}: must give ${width} channels, got ${output.channels}`,
        };
    },
    (stage) => {
      reach = reachAfterStage(reach, stage, needs);
    },
  );
  if (found) return found;
  const empty = architecture.stages.findIndex((stage) => stage.blocks.length === 0 && !stage.downsample);
  return empty < 0
    ? undefined
    : {
        part: `stage${empty + 1}`,
        message: 'a stage without blocks must have a downsampling layer, got neither',
      };
}
