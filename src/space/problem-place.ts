/**
 * Where in a space file a part that cannot stand is said: its parameter, its call, or the stage that it
 * stands in.
 */
import type { Argument, Call, SpaceAst } from '../language/ast.js';
import type { Place } from '../language/source.js';
import type { Label } from './labels.js';
import type { SpaceModel } from './model.js';

/** The argument that a message names; `head-dim must divide …` → the value given for head-dim. */
const namedIn = (message: string, args: readonly Argument[]): Argument | undefined =>
  args.find(({ name }) => new RegExp(`(^|[^a-z-])${name.name}([^a-z-]|$)`).test(message));

export function placeOfProblem(
  ast: SpaceAst,
  model: SpaceModel,
  { label, stage, message }: { readonly label: Label; readonly stage: number; readonly message: string },
): Place {
  const said = message.replace(/^[a-z0-9-]+: /, '');
  const within = (calls: readonly Call[], type: string): Place | undefined => {
    const call = calls.find(({ name }) => name.name === type);
    return call && (namedIn(said, call.args)?.value.span ?? undefined);
  };
  const stageSpan = model.stages[stage - 1]?.span;
  const item = ast.items.find((each) => each.kind === 'stage' && each.number === stage);
  switch (label.kind) {
    case 'block': {
      const block = ast.items.find(
        (each) => each.kind === 'block' && each.letter.name === label.block.letter,
      );
      const named = block?.kind === 'block' ? within([block.call], label.block.type) : undefined;
      return named ?? stageSpan ?? ast.name.span;
    }
    case 'header': {
      const calls =
        item?.kind === 'stage' && item.downsample
          ? item.downsample
          : ast.items.flatMap((each) => (each.kind === 'downsample' ? each.options : []));
      return (label.downsample && within(calls, label.downsample.type)) ?? stageSpan ?? ast.name.span;
    }
    case 'stem':
    case 'head': {
      const type = label.kind === 'stem' ? label.stem.type : label.head.type;
      const calls = ast.items.flatMap((each) => (each.kind === label.kind ? each.options : []));
      return within(calls, type) ?? calls.find(({ name }) => name.name === type)?.span ?? ast.name.span;
    }
    default:
      return stageSpan ?? ast.name.span;
  }
}
