/**
 * Whether an architecture can be built: known parts, allowed parameters, every part able to stand at its
 * place.
 */
import type { Architecture, Part, PlacedBlock } from '../architecture/architecture.js';
import type { BlockPlace, Described, Reach } from '../blocks/block.js';
import { type PartKind, partTables } from '../blocks/block-table.js';
import { given, modifierParams } from '../blocks/modifiers/modifier-table.js';
import { ShapeError } from '../tensor/infer/infer.js';
import {
  type ParamTable,
  type ParamValues,
  paramProblem,
  type Violation,
  violation,
} from '../util/params.js';
import { blockCost, conditionSizeOf, downsampleCost, headCost, type PartCost, stemCost } from './cost.js';
import { type NetworkPart, networkParts, walkParts } from './parts.js';
import { needsOf, reachAfter, reachAfterStage, takesOf } from './reach.js';

/**
 * Why a part cannot stand where it is, or a warning about it: the part's type, the parameters involved, and
 * the message `type: rule, got value`.
 */
export interface PartProblem extends Violation {
  readonly type: string;
}

const partProblemOf = (type: string, { parameters, message }: Violation): PartProblem => ({
  type,
  parameters,
  message: `${type}: ${message}`,
});

/**
 * First parameter value that is missing, unknown or out of range.
 * @param optional parameters that may be missing
 */
function paramsViolation(
  table: ParamTable,
  values: ParamValues,
  optional: ParamTable = {},
): Violation | undefined {
  for (const [name, spec] of Object.entries(table)) {
    const value = Object.hasOwn(values, name) ? values[name] : undefined;
    if (value === undefined) return violation([name], `${name} must be given, got nothing`);
    const problem = paramProblem(name, spec, value);
    if (problem) return violation([name], problem);
  }
  for (const [name, spec] of Object.entries(optional)) {
    const problem = Object.hasOwn(values, name) ? paramProblem(name, spec, values[name]!) : undefined;
    if (problem) return violation([name], problem);
  }
  const unknown = Object.keys(values).find(
    (name) => !Object.hasOwn(table, name) && !Object.hasOwn(optional, name),
  );
  if (unknown === undefined) return undefined;
  const names = Object.keys(table);
  const rule = names.length > 0 ? `one of ${names.join(', ')}` : 'left out';
  return violation([unknown], `parameter must be ${rule}, got ${JSON.stringify(unknown)}`);
}

function definitionProblem(kind: PartKind, part: Part): PartProblem | undefined {
  const { type } = part;
  const table: Readonly<Record<string, Described<ParamTable>>> = partTables[kind];
  if (!Object.hasOwn(table, type)) {
    const names = Object.keys(table).join(', ');
    return {
      type,
      parameters: [],
      message: `${kind} must be one of ${names}, got ${JSON.stringify(type)}`,
    };
  }
  const found = paramsViolation(table[type]!.params, part.params, kind === 'block' ? modifierParams : {});
  return found && partProblemOf(type, found);
}

/** Why a block cannot stand at a place; undefined when it can. */
export function blockProblem(block: PlacedBlock, input: Reach, place: BlockPlace): PartProblem | undefined {
  const found = definitionProblem('block', block);
  if (found) return found;
  const definition = partTables.block[block.type]!;
  const needsLayer = 'a downsampling layer must stand before it';
  if (!definition.reduces && place.stride !== 1)
    return partProblemOf(
      block.type,
      violation([], `cannot halve the resolution, ${needsLayer}, got stride ${place.stride}`),
    );
  if (!definition.reduces && input.channels !== place.width)
    return partProblemOf(
      block.type,
      violation(
        [],
        `cannot change the width, ${needsLayer}, got ${input.channels} to ${place.width} channels`,
      ),
    );
  const problem =
    definition.problem?.(block.params as never, input, place) ??
    given(block.params)
      .map(([modifier, value]) => modifier.problem?.(value, input, place))
      .find((found) => found !== undefined);
  return problem === undefined
    ? shapeProblem(block.type, () => blockCost(block, input, place))
    : partProblemOf(block.type, problem);
}

/** Warning about the parameters of a block that can stand at a place; undefined where there is none. */
export function blockNote(block: PlacedBlock, input: Reach, place: BlockPlace): PartProblem | undefined {
  const note = partTables.block[block.type]?.note?.(block.params as never, input, place);
  return note && partProblemOf(block.type, note);
}

/**
 * The symbolic reading is the last word: a shape that does not fit is a problem of the parameters at this
 * place.
 */
function shapeProblem(type: string, cost: () => PartCost): PartProblem | undefined {
  try {
    cost();
    return undefined;
  } catch (error) {
    if (error instanceof ShapeError)
      return partProblemOf(type, violation([], `does not fit here: ${error.message}`));
    throw error;
  }
}

/** Why a part cannot stand where `input` enters it; undefined when it can. */
export function partProblem(part: NetworkPart, input: Reach): PartProblem | undefined {
  if (part.kind === 'block') return blockProblem(part.part, input, part.place);
  const found = definitionProblem(part.kind, part.part);
  if (found) return found;
  const size = part.kind === 'head' ? part.classes : part.width;
  const problem = partTables[part.kind][part.part.type]!.problem?.(part.part.params as never, input, size);
  if (problem) return partProblemOf(part.part.type, problem);
  const missing = missingStage(part, input);
  if (missing !== undefined)
    return partProblemOf(
      part.part.type,
      violation([], `must take the output of an earlier stage that nothing took before, got ${missing}`),
    );
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
      const problem = partProblem(part, reach);
      if (problem) {
        found = { part: part.name, message: problem.message };
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
