/**
 * Tokens of space files. Upper-case words are block letters, lower-case words are names, `#` begins a
 * comment.
 */
import { createToken, type ITokenConfig, Lexer, type TokenType } from './chevrotain.js';

/** Any lower-case word, keywords included, since a parameter may have the name of a keyword. */
export const Name = createToken({ name: 'Name', pattern: Lexer.NA, label: 'a name' });
export const Word = createToken({
  name: 'Word',
  pattern: /[a-z][A-Za-z0-9_]*(?:-[A-Za-z0-9_]+)*/,
  categories: Name,
  label: 'a name',
});

const keyword = (word: string): TokenType =>
  createToken({
    name: `keyword ${word}`,
    pattern: word,
    longer_alt: Word,
    categories: Name,
    label: `\`${word}\``,
  });
/** Keywords that begin a statement, and so end the statement before. */
export const statements = {
  space: keyword('space'),
  import: keyword('import'),
  input: keyword('input'),
  classes: keyword('classes'),
  let: keyword('let'),
  block: keyword('block'),
  pattern: keyword('pattern'),
  rule: keyword('rule'),
  stem: keyword('stem'),
  downsample: keyword('downsample'),
  stage: keyword('stage'),
  head: keyword('head'),
  where: keyword('where'),
} as const;
export const words = {
  refines: keyword('refines'),
  width: keyword('width'),
  depth: keyword('depth'),
  stride: keyword('stride'),
  mirrors: keyword('mirrors'),
  per: keyword('per'),
  step: keyword('step'),
  and: keyword('and'),
  or: keyword('or'),
  not: keyword('not'),
  in: keyword('in'),
  within: keyword('within'),
  of: keyword('of'),
  before: keyword('before'),
  no: keyword('no'),
} as const;

/** A word with a slash: seen only where a file is named without quotes. */
const literal = (name: string, pattern: RegExp, label: string): TokenType =>
  createToken({ name, pattern, label });
export const Layout = literal('Layout', /(?:[A-Z]'*)+(?:-(?:[A-Z]'*)+)+/, 'a layout');
export const Letters = literal('Letters', /(?:[A-Z]'*)+/, 'block letters');
export const Dims = literal('Dims', /\d+x\d+x\d+/, 'a size such as 32x32x3');
export const NumberToken = literal(
  'Number',
  /\d+(?:\.\d+)?(?:e[+-]?\d+)?(?:%|[KMG](?:i?B)?(?![A-Za-z])|B(?![A-Za-z]))?/,
  'a number',
);
export const Text = literal('Text', /"[^"\n]*"/, 'a quoted text');

const mark = (name: string, pattern: string, config: Partial<ITokenConfig> = {}): TokenType =>
  createToken({ name, pattern, label: `\`${pattern}\``, ...config });
export const marks = {
  range: mark('range', '..'),
  lessEqual: mark('lessEqual', '<='),
  greaterEqual: mark('greaterEqual', '>='),
  equal: mark('equal', '=='),
  notEqual: mark('notEqual', '!='),
  less: mark('less', '<'),
  greater: mark('greater', '>'),
  assign: mark('assign', '='),
  colon: mark('colon', ':'),
  comma: mark('comma', ','),
  bar: mark('bar', '|'),
  openParen: mark('openParen', '('),
  closeParen: mark('closeParen', ')'),
  openBrace: mark('openBrace', '{'),
  closeBrace: mark('closeBrace', '}'),
  openBracket: mark('openBracket', '['),
  closeBracket: mark('closeBracket', ']'),
  question: mark('question', '?'),
  star: mark('star', '*'),
  plus: mark('plus', '+'),
  minus: mark('minus', '-'),
  slash: mark('slash', '/'),
} as const;

const WhiteSpace = createToken({
  name: 'WhiteSpace',
  pattern: /[ \t\r\n\uFEFF]+/,
  group: Lexer.SKIPPED,
  line_breaks: true,
});
export const Comment = createToken({ name: 'Comment', pattern: /#[^\n]*/, group: 'comments' });

export const comparisons = [
  marks.lessEqual,
  marks.greaterEqual,
  marks.equal,
  marks.notEqual,
  marks.less,
  marks.greater,
] as const;
export const tokenTypes: TokenType[] = [
  WhiteSpace,
  Comment,
  Name,
  ...Object.values(statements),
  ...Object.values(words),
  Word,
  Layout,
  Letters,
  Dims,
  NumberToken,
  Text,
  ...Object.values(marks),
];
export const spaceLexer = new Lexer(tokenTypes, {
  ensureOptimizations: false,
  positionTracking: 'full',
  lineTerminatorsPattern: /\n/g,
  lineTerminatorCharacters: ['\n'],
});
