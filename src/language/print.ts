/**
 * The canonical form of a space file, which parses back to the same tree: one statement per line, clauses
 * separated by two blanks, comments on their line or above the statement that follows.
 */
import type { Argument, Call, Comment, Expr, Item, Pattern, SpaceAst, StageItem } from './ast.js';

/** Binding strength of expressions, for brackets: higher binds more tightly. */
const levels: Readonly<Record<string, number>> = {
  or: 1,
  and: 2,
  not: 3,
  no: 3,
  before: 3,
  compare: 4,
  in: 4,
  within: 4,
};
function levelOf(expr: Expr): number {
  if (expr.kind === 'arithmetic') return expr.op === '+' || expr.op === '-' ? 5 : 6;
  return levels[expr.kind] ?? 7;
}

/** An expression with the fewest brackets. */
export function printExpr(expr: Expr): string {
  const inner = (part: Expr, level: number): string =>
    levelOf(part) < level ? `(${printExpr(part)})` : printExpr(part);
  switch (expr.kind) {
    case 'number':
      return expr.text;
    case 'name':
      return expr.name;
    case 'text':
      return `"${expr.value}"`;
    case 'letters':
      return expr.letters;
    case 'layout':
      return expr.layout;
    case 'dims':
      return `${expr.height}x${expr.width}x${expr.channels}`;
    case 'set':
      return `{${expr.items.map(printExpr).join(', ')}}${expr.per ? ' per stage' : ''}`;
    case 'list':
      return `[${expr.items.map((item) => inner(item, 5)).join(', ')}]`;
    case 'range':
      return `${inner(expr.from, 5)}..${inner(expr.to, 5)}${expr.step ? ` step ${inner(expr.step, 5)}` : ''}`;
    case 'call':
      return `${expr.name}(${expr.args.map(printExpr).join(', ')})`;
    case 'arithmetic':
      return `${inner(expr.left, levelOf(expr))} ${expr.op} ${inner(expr.right, levelOf(expr) + 1)}`;
    case 'compare':
      return [inner(expr.first, 5), ...expr.rest.map(({ op, value }) => `${op} ${inner(value, 5)}`)].join(
        ' ',
      );
    case 'in':
      return `${inner(expr.value, 5)} in ${printExpr(expr.range)}`;
    case 'within':
      return `${inner(expr.value, 5)} within ${inner(expr.tolerance, 5)} of ${inner(expr.target, 5)}`;
    case 'before':
      return `${expr.first} before ${expr.second}${expr.stages ? ` in ${printExpr(expr.stages)}` : ''}`;
    case 'no':
      return `no ${expr.word}${expr.stages ? ` in ${printExpr(expr.stages)}` : ''}`;
    case 'and':
    case 'or':
      return expr.items.map((item) => inner(item, levelOf(expr) + 1)).join(` ${expr.kind} `);
    case 'not':
      return `not ${inner(expr.item, 3)}`;
    default:
      return expr satisfies never;
  }
}

const printArgs = (args: readonly Argument[]): string =>
  args.map(({ name, value }) => `${name.name}: ${printExpr(value)}`).join(', ');
export const printCall = ({ name, args }: Call): string =>
  args.length > 0 ? `${name.name}(${printArgs(args)})` : name.name;
const printCalls = (calls: readonly Call[]): string => calls.map(printCall).join(' | ');

function printRepetition({ min, max }: { readonly min: number; readonly max: number | undefined }): string {
  if (min === 0 && max === 1) return '?';
  if (min === 0 && max === undefined) return '*';
  if (min === 1 && max === undefined) return '+';
  if (max === undefined) return `{${min},}`;
  return max === min ? `{${min}}` : `{${min},${max}}`;
}

/** A layout pattern; successive letters without arguments form one word. */
export function printPattern(pattern: Pattern, inside: 'choice' | 'sequence' | 'repeat' = 'choice'): string {
  switch (pattern.kind) {
    case 'letter':
      return pattern.args.length > 0 ? `${pattern.letter}(${printArgs(pattern.args)})` : pattern.letter;
    case 'ref':
      return pattern.name;
    case 'repeat':
      return `${printPattern(pattern.item, 'repeat')}${printRepetition(pattern)}`;
    case 'choice': {
      const text = pattern.options
        .map(
          ({ weight, pattern: option }) =>
            `${weight === undefined ? '' : `[${weight}] `}${printPattern(option, 'sequence')}`,
        )
        .join(' | ');
      return inside === 'choice' ? text : `(${text})`;
    }
    case 'sequence': {
      if (pattern.items.length === 0) return '()';
      let text = '';
      pattern.items.forEach((item, index) => {
        const before = pattern.items[index - 1];
        const joined = item.kind === 'letter' && before?.kind === 'letter' && before.args.length === 0;
        text += `${index === 0 || joined ? '' : ' '}${printPattern(item, 'repeat')}`;
      });
      return inside === 'repeat' ? `(${text})` : text;
    }
    default:
      return pattern satisfies never;
  }
}

function printStage(stage: StageItem): string {
  const parts = [`stage ${stage.number}`];
  if (stage.width) parts.push(`width ${printExpr(stage.width)}`);
  if (stage.depth) parts.push(`depth ${printExpr(stage.depth)}`);
  if (stage.stride) parts.push(`stride ${printExpr(stage.stride)}`);
  if (stage.downsample) parts.push(`downsample ${printCalls(stage.downsample)}`);
  if (stage.mirrors) parts.push(`mirrors ${printExpr(stage.mirrors)}`);
  if (stage.pattern) parts.push(printPattern(stage.pattern));
  return parts.join('  ');
}

export function printItem(item: Item): string {
  switch (item.kind) {
    case 'import':
      return `import "${item.path}"`;
    case 'input':
    case 'classes':
      return `${item.kind} ${printExpr(item.value)}`;
    case 'let':
      return `let ${item.name.name} = ${printExpr(item.value)}`;
    case 'block':
      return `block ${item.letter.name} = ${printCall(item.call)}`;
    case 'pattern':
    case 'rule':
      return `${item.kind} ${item.name.name} = ${printPattern(item.pattern)}`;
    case 'stem':
    case 'head':
    case 'downsample':
      return `${item.kind} ${printCalls(item.options)}`;
    case 'stage':
      return printStage(item);
    case 'where':
      return `where ${printExpr(item.condition)}`;
    default:
      return item satisfies never;
  }
}

/**
 * The whole file in canonical form, ending in a line break. `comments: false` omits comments.
 */
export function printSpace(ast: SpaceAst, options: { readonly comments?: boolean } = {}): string {
  const lines: string[] = [];
  const waiting: Comment[] = options.comments === false ? [] : [...ast.comments];
  const put = (text: string, first: number, last: number, indent: string): void => {
    while (waiting.length > 0 && waiting[0]!.line < first) lines.push(`${indent}${waiting.shift()!.text}`);
    const own: string[] = [];
    while (waiting.length > 0 && waiting[0]!.line <= last) own.push(waiting.shift()!.text);
    for (const early of own.slice(0, -1)) lines.push(`${indent}${early}`);
    lines.push(`${indent}${text}${own.length > 0 ? `  ${own.at(-1)!}` : ''}`);
  };
  const imports = ast.items.filter((item) => item.kind === 'import' && item.span.line < ast.name.span.line);
  for (const item of imports) put(printItem(item), item.span.line, item.span.endLine, '');
  put(
    `space ${ast.name.name}${ast.refines ? ` refines "${ast.refines.path}"` : ''}`,
    ast.name.span.line,
    (ast.refines?.span ?? ast.name.span).endLine,
    '',
  );
  for (const item of ast.items.filter((other) => !imports.includes(other)))
    put(printItem(item), item.span.line, item.span.endLine, '  ');
  for (const { text } of waiting) lines.push(text);
  return `${lines.join('\n')}\n`;
}
