/** The source span to report for a part that cannot stand at its place: its parameter, its call, or its stage. */
import type { Argument, Call, SpaceAst } from '../language/ast.js';
import type { Place } from '../language/source.js';
import type { PartProblem } from '../network/architecture-problem.js';
import type { Label } from './labels.js';
import type { SpaceModel } from './model.js';

/** A symbol that cannot stand in a stage (0: before the first, `stages + 1`: after the last), or a warning. */
export interface PlacedProblem {
  readonly label: Label;
  readonly stage: number;
  readonly problem: PartProblem;
}

export function placeOfProblem(
  ast: SpaceAst,
  model: SpaceModel,
  { label, stage, problem }: PlacedProblem,
): Place {
  /** The value of the first argument that is among the parameters involved. */
  const argumentIn = (calls: readonly Call[], type: string): Place | undefined =>
    calls
      .find(({ name }) => name.name === type)
      ?.args.find(({ name }: Argument) => problem.parameters.includes(name.name))?.value.span;
  const fallback = model.stages[stage - 1]?.span ?? ast.name.span;
  switch (label.kind) {
    case 'block': {
      const { letter, type } = label.block;
      const block = ast.items.find((item) => item.kind === 'block' && item.letter.name === letter);
      return (block?.kind === 'block' ? argumentIn([block.call], type) : undefined) ?? fallback;
    }
    case 'header':
      return (label.downsample && argumentIn(downsampleCalls(ast, stage), label.downsample.type)) ?? fallback;
    case 'stem':
    case 'head': {
      const { type } = label.kind === 'stem' ? label.stem : label.head;
      const calls = ast.items.flatMap((item) => (item.kind === label.kind ? item.options : []));
      return argumentIn(calls, type) ?? calls.find(({ name }) => name.name === type)?.span ?? ast.name.span;
    }
    default:
      return fallback;
  }
}

/** The downsampling layers that a stage may have: its own clause, or else the common statement. */
function downsampleCalls(ast: SpaceAst, stage: number): readonly Call[] {
  const item = ast.items.find((each) => each.kind === 'stage' && each.number === stage);
  return item?.kind === 'stage' && item.downsample
    ? item.downsample
    : ast.items.flatMap((each) => (each.kind === 'downsample' ? each.options : []));
}
