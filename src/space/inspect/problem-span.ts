/**
 * The source span to report for a part that cannot stand at its placement: its parameter, its call or its
 * stage.
 */
import type { Argument, Call, SpaceAst } from '../../language/ast.js';
import type { SourceSpan } from '../../language/source-span.js';
import type { PlacementProblem } from '../automaton/placement-table.js';
import type { SpaceModel } from '../model/space-model.js';

export function spanOfProblem(
  ast: SpaceAst,
  model: SpaceModel,
  { symbol, stage, problem }: PlacementProblem,
): SourceSpan {
  /** The value of the first argument that is among the parameters involved. */
  const argumentIn = (calls: readonly Call[], type: string): SourceSpan | undefined =>
    calls
      .find(({ name }) => name.name === type)
      ?.args.find(({ name }: Argument) => problem.parameters.includes(name.name))?.value.span;
  const fallback = model.stages[stage - 1]?.span ?? ast.name.span;
  switch (symbol.kind) {
    case 'block': {
      const { letter, type } = symbol.block;
      const block = ast.items.find((item) => item.kind === 'block' && item.letter.name === letter);
      return (block?.kind === 'block' ? argumentIn([block.call], type) : undefined) ?? fallback;
    }
    case 'header':
      return (
        (symbol.downsample && argumentIn(downsampleCalls(ast, stage), symbol.downsample.type)) ?? fallback
      );
    case 'stem':
    case 'head': {
      const { type } = symbol.kind === 'stem' ? symbol.stem : symbol.head;
      const calls = ast.items.flatMap((item) => (item.kind === symbol.kind ? item.options : []));
      return argumentIn(calls, type) ?? calls.find(({ name }) => name.name === type)?.span ?? ast.name.span;
    }
    default:
      return fallback;
  }
}

/** The downsampling layers that a stage may have: its own clause, else the common statement. */
function downsampleCalls(ast: SpaceAst, stage: number): readonly Call[] {
  const item = ast.items.find((each) => each.kind === 'stage' && each.number === stage);
  return item?.kind === 'stage' && item.downsample
    ? item.downsample
    : ast.items.flatMap((each) => (each.kind === 'downsample' ? each.options : []));
}
