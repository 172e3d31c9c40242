/**
 * Validates architectures: known part types, allowed parameters, and constraints of every part on its input.
 */
import type { Architecture, BlockSpec, PartSpec } from '../architecture/architecture.js';
import type { BlockContext, InputSizes, PartDefinition } from '../blocks/block.js';
import { type PartKind, partTables } from '../blocks/block-table.js';
import { activeModifiers, modifierParams } from '../blocks/modifiers/modifier-table.js';
import { ownPartHint } from '../blocks/own-parts.js';
import { ShapeError } from '../tensor/infer/infer.js';
import {
  type ParamTable,
  type ParamValues,
  paramProblem,
  type Violation,
  violation,
} from '../util/params.js';
import { keptOutputsOf, sideInputNeedsOf, sizesAfterPart, sizesAfterStage } from './input-sizes.js';
import {
  blockCost,
  conditionSizeOf,
  downsampleCost,
  headCost,
  type PartCost,
  stemCost,
} from './network-cost.js';
import { type NetworkPart, networkParts, walkParts } from './network-parts.js';

/**
 * A validation error of, or a warning about, one part: its type, the parameters involved, and the message
 * `type: rule, got value`.
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

function definitionProblem(kind: PartKind, part: PartSpec): PartProblem | undefined {
  const { type } = part;
  const table: Readonly<Record<string, PartDefinition<ParamTable>>> = partTables[kind];
  if (!Object.hasOwn(table, type)) {
    const names = Object.keys(table).join(', ');
    return {
      type,
      parameters: [],
      message: `${kind} must be one of ${names}, got ${JSON.stringify(type)}` + ` (${ownPartHint(kind)})`,
    };
  }
  const found = paramsViolation(table[type]!.params, part.params, kind === 'block' ? modifierParams : {});
  return found && partProblemOf(type, found);
}

/** The validation error of a block in its context; undefined when it is valid. */
export function blockProblem(
  block: BlockSpec,
  input: InputSizes,
  context: BlockContext,
): PartProblem | undefined {
  const found = definitionProblem('block', block);
  if (found) return found;
  const definition = partTables.block[block.type]!;
  const needsLayer = 'a downsampling layer must stand before it';
  if (!definition.reduces && context.stride !== 1)
    return partProblemOf(
      block.type,
      violation([], `cannot halve the resolution, ${needsLayer}, got stride ${context.stride}`),
    );
  if (!definition.reduces && input.channels !== context.width)
    return partProblemOf(
      block.type,
      violation(
        [],
        `cannot change the width, ${needsLayer}, got ${input.channels} to ${context.width} channels`,
      ),
    );
  const problem =
    definition.problem?.(block.params as never, input, context) ??
    activeModifiers(block.params)
      .map(([modifier, value]) => modifier.problem?.(value, input, context))
      .find((found) => found !== undefined);
  return problem === undefined
    ? shapeProblem(block.type, () => blockCost(block, input, context))
    : partProblemOf(block.type, problem);
}

/** The lint warning about a valid block's parameters; undefined where there is none. */
export function blockWarning(
  block: BlockSpec,
  input: InputSizes,
  context: BlockContext,
): PartProblem | undefined {
  const note = partTables.block[block.type]?.warning?.(block.params as never, input, context);
  return note && partProblemOf(block.type, note);
}

/**
 * Shape errors of the symbolic interpreter count as validation errors, so that a valid part can always be
 * built.
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

/** The validation error of a part with this input; undefined when it is valid. */
export function partProblem(part: NetworkPart, input: InputSizes): PartProblem | undefined {
  if (part.kind === 'block') return blockProblem(part.spec, input, part.context);
  const found = definitionProblem(part.kind, part.spec);
  if (found) return found;
  const size = part.kind === 'head' ? part.classes : part.width;
  const problem = partTables[part.kind][part.spec.type]!.problem?.(part.spec.params as never, input, size);
  if (problem) return partProblemOf(part.spec.type, problem);
  const missing = missingStage(part, input);
  if (missing !== undefined)
    return partProblemOf(
      part.spec.type,
      violation([], `must take the output of an earlier stage that nothing took before, got ${missing}`),
    );
  return shapeProblem(part.spec.type, () => costOf(part, input));
}

/** A stage whose output the part needs and that is not kept. */
function missingStage(part: NetworkPart, { stageOutputs: stages = {} }: InputSizes): number | undefined {
  const taken = sideInputNeedsOf(part).stages;
  return taken === undefined || taken === 'all'
    ? undefined
    : taken.find((stage) => !Object.hasOwn(stages, stage));
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

/** Output channels that the architecture asks of a part; a head that gives an image chooses its own. */
function expectedChannels(part: NetworkPart, channels: number): number {
  if (part.kind === 'block') return part.context.width;
  if (part.kind !== 'head') return part.width;
  return partTables.head[part.spec.type]!.output === 'image' ? channels : part.classes;
}

/** The first invalid part, by its scope name, with the error; undefined for a valid architecture. */
export function architectureProblem(
  architecture: Architecture,
): { readonly part: string; readonly message: string } | undefined {
  const parts = networkParts(architecture);
  const needs = keptOutputsOf(parts);
  let sizes: InputSizes = architecture.input;
  let found: { readonly part: string; readonly message: string } | undefined;
  walkParts(
    parts,
    (part) => {
      if (found) return;
      const problem = partProblem(part, sizes);
      if (problem) {
        found = { part: part.name, message: problem.message };
        return;
      }
      const { output } = costOf(part, sizes);
      sizes = sizesAfterPart(sizes, part, output, needs, conditionSizeOf(part));
      const width = expectedChannels(part, output.channels);
      if (output.channels !== width)
        found = {
          part: part.name,
          message: `${part.spec.type}: must give ${width} channels, got ${output.channels}`,
        };
    },
    (stage) => {
      sizes = sizesAfterStage(sizes, stage, needs);
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
