/** The value expressions of a space file: those in which `let` names may occur together and so be tied. */
import type { Argument, Call, Expr, Item, Pattern } from '../../language/ast.js';

const ofArguments = (args: readonly Argument[]): Expr[] => args.map(({ value }) => value);
const ofCalls = (calls: readonly Call[]): Expr[] => calls.flatMap(({ args }) => ofArguments(args));

function ofPattern(pattern: Pattern): Expr[] {
  switch (pattern.kind) {
    case 'letter':
      return ofArguments(pattern.args);
    case 'sequence':
      return pattern.items.flatMap(ofPattern);
    case 'choice':
      return pattern.options.flatMap((option) => ofPattern(option.pattern));
    case 'repeat':
      return ofPattern(pattern.item);
    default:
      return [];
  }
}

function ofItem(item: Item): Expr[] {
  switch (item.kind) {
    case 'input':
    case 'classes':
    case 'let':
      return [item.value];
    case 'block':
      return ofArguments(item.call.args);
    case 'stem':
    case 'head':
    case 'downsample':
      return ofCalls(item.options);
    case 'pattern':
    case 'rule':
      return ofPattern(item.pattern);
    case 'stage':
      return [
        ...(item.width ? [item.width] : []),
        ...(item.stride ? [item.stride] : []),
        ...ofCalls(item.downsample ?? []),
        ...(item.pattern ? ofPattern(item.pattern) : []),
      ];
    default:
      return [];
  }
}

export const valueExprs = (items: readonly Item[]): Expr[] => items.flatMap(ofItem);
