/** Parses a text to a syntax tree, with all diagnostics of the run. No text makes it throw. */

import type { Diagnostic } from '../util/errors.js';
import { nameHint, nearestName } from '../util/nearest-name.js';
import type { Comment, Expr, SpaceAst } from './ast.js';
import type { ILexingError, IRecognitionException, IToken } from './chevrotain.js';
import { foreignTokenHint } from './foreign-syntax.js';
import { isTooDeep, limitProblem, limits } from './limits.js';
import { TooManyErrors } from './parser/counted-errors.js';
import { SpaceParser } from './parser/space-parser.js';
import { characterSpan, tokenSpan } from './source-span.js';
import { spaceLexer, statements, Word } from './tokens.js';

export { parseExperiment } from './parse-experiment.js';

export interface Parsed<T> {
  readonly ast: T | undefined;
  readonly diagnostics: readonly Diagnostic[];
}

let shared: SpaceParser | undefined;
const parser = (): SpaceParser => (shared ??= new SpaceParser());

function lexicalDiagnostic(error: ILexingError, text: string, file: string): Diagnostic {
  const wrong = text.slice(error.offset, error.offset + Math.min(error.length, 20));
  const hint = foreignTokenHint(wrong);
  return {
    severity: 'error',
    span: { ...characterSpan(text, file, error.offset), length: Math.max(1, Math.min(error.length, 20)) },
    message: wrong.startsWith('"')
      ? 'a quoted text must end on its line, got no closing quote'
      : `unexpected ${JSON.stringify(wrong)}`,
    ...(hint === undefined ? {} : { hint }),
  };
}

const expectationOpenings = [
  'Expecting: one of these possible Token sequences:',
  'Expecting: expecting at least one iteration.*possible Token sequences:*',
  'but expecting at least one',
];
const expectationPattern = new RegExp(
  String.raw`(?:${expectationOpenings.join('|')})[^\n]*\n([\s\S]*?)\n?but found`,
  'i',
);

/** The token types that the parser expected, from chevrotain's message, which alone names them. */
function expectation(error: IRecognitionException): string {
  const from = expectationPattern.exec(error.message);
  const labels = from
    ? [
        ...new Set(
          [...from[1]!.matchAll(/^\s*(?:\d+\.\s*)?[[<]([^\n]*?)[\]>]\s*$/gm)].map((match) =>
            match[1]!.split(/, | ,/)[0]!.trim(),
          ),
        ),
      ]
    : [/Expecting (?:token of type )?-->\s*(.*?)\s*<--/.exec(error.message)?.[1] ?? ''];
  const known = labels.filter((label) => label !== '');
  if (known.length === 0) return '';
  return known.length > 10
    ? `${known.slice(0, 10).join(', ')}, …`
    : known.join(known.length > 2 ? ', ' : ' or ');
}

function syntaxDiagnostic(error: IRecognitionException, file: string): Diagnostic {
  const { token } = error;
  const atEnd = !Number.isFinite(token.startOffset);
  const previous = (error as { previousToken?: IToken }).previousToken;
  const expected = expectation(error);
  // After a complete statement any other token must begin the next one.
  const needsStatement = error.name === 'NotAllInputParsedException' || expected === 'EOF';
  // what a line lacks is missing at its end, not where the next statement begins
  const endsLine = !needsStatement && previous?.endLine !== undefined && token.startLine! > previous.endLine;
  const last = (atEnd || endsLine) && previous ? tokenSpan(previous, file) : undefined;
  const span = last
    ? { ...last, line: last.endLine, column: last.endColumn + 1, length: 1 }
    : tokenSpan(token, file);
  const found = atEnd ? 'the end of the file' : JSON.stringify(token.image);
  const got = endsLine ? 'the end of the line' : found;
  const hint = foreignTokenHint(token.image) ?? statementHint(token, needsStatement);
  return {
    severity: 'error',
    span,
    message: `${syntaxRule(error, expected, needsStatement)}, got ${got}`,
    ...(hint === undefined ? {} : { hint }),
  };
}

/** Without the errors that a character outside the language caused on its own line. */
function withoutFollowUps(syntax: readonly Diagnostic[], lexical: readonly Diagnostic[]): Diagnostic[] {
  const broken = new Set(lexical.map(({ span }) => span.line));
  return syntax.filter(({ span }) => !broken.has(span.line));
}

function syntaxRule(error: IRecognitionException, expected: string, needsStatement: boolean): string {
  if (needsStatement) return 'expected a statement';
  if (expected !== '') return `expected ${expected}`;
  return `unexpected continuation of ${error.context.ruleStack.at(-1) ?? 'file'}`;
}

/** The statement keyword that was probably meant. */
function statementHint(token: IToken, needsStatement: boolean): string | undefined {
  const keywords = Object.keys(statements);
  const near = token.tokenType === Word ? nearestName(token.image, keywords) : undefined;
  if (near !== undefined) return `did you mean \`${near}\`?`;
  return needsStatement ? nameHint(token.image, keywords) : undefined;
}

/**
 * What a rule of the parser returns; 'too deep' where the text or its tree nests beyond the stack, undefined
 * after too many errors.
 */
function parsed<T>(rule: () => T): T | 'too deep' | undefined {
  try {
    const ast = rule();
    return isTooDeep(ast) ? 'too deep' : ast;
  } catch (error) {
    if (error instanceof TooManyErrors) return undefined;
    if (error instanceof RangeError) return 'too deep'; // maximum call stack size
    throw error;
  }
}

/** The first ones with plain spans; a last one tells where more were found. */
function listed(diagnostics: readonly Diagnostic[]): Diagnostic[] {
  const plain = diagnostics.slice(0, limits.diagnostics).map((diagnostic): Diagnostic => {
    const { file, line, column, length } = diagnostic.span;
    return { ...diagnostic, span: { file, line, column, length } };
  });
  const last = plain.at(-1);
  if (diagnostics.length > plain.length && last)
    plain.push({
      severity: 'error',
      span: last.span,
      message: `a file lists at most ${limits.diagnostics} problems, got more from here on`,
    });
  return plain;
}

function run<T>(
  text: string,
  file: string,
  rule: (parser: SpaceParser) => T,
): Parsed<T> & { readonly comments: readonly Comment[] } {
  const tooLarge = limitProblem(text, file);
  if (tooLarge) return { ast: undefined, diagnostics: [tooLarge], comments: [] };
  const lexed = spaceLexer.tokenize(text);
  const long = lexed.tokens.find((token) => token.image.length > limits.tokenCharacters);
  if (long)
    return {
      ast: undefined,
      diagnostics: [
        {
          severity: 'error',
          span: { ...tokenSpan(long, file), length: 1 },
          message: `a word may hold at most ${limits.tokenCharacters} characters, got ${long.image.length}`,
        },
      ],
      comments: [],
    };
  const reader = parser();
  reader.read(lexed.tokens, file);
  const ast = parsed(() => rule(reader));
  if (ast === 'too deep') {
    const message = `expressions may be nested at most ${limits.treeDepth} deep, got more`;
    const start = { file, line: 1, column: 1, length: 1 };
    return { ast: undefined, diagnostics: [{ severity: 'error', span: start, message }], comments: [] };
  }
  const lexical = lexed.errors
    .slice(0, limits.syntaxErrors)
    .map((error) => lexicalDiagnostic(error, text, file));
  const diagnostics: Diagnostic[] = [
    ...lexical,
    ...withoutFollowUps(
      reader.errors.map((error) => syntaxDiagnostic(error, file)),
      lexical,
    ),
    ...reader.checkErrors.map((error): Diagnostic => ({ severity: 'error', ...error })),
  ];
  diagnostics.sort((a, b) => a.span.line - b.span.line || a.span.column - b.span.column);
  const comments = (lexed.groups['comments'] ?? []).map(
    (token): Comment => ({ text: token.image.trimEnd(), line: token.startLine!, column: token.startColumn! }),
  );
  return { ast, diagnostics: listed(diagnostics), comments };
}

/**
 * The tree of a space file; absent where an error is among the diagnostics.
 */
export function parseSpaceFile(text: string, file: string): Parsed<SpaceAst> {
  const first = experimentLine(text);
  if (first !== undefined) return { ast: undefined, diagnostics: [isExperiment(file, first)] };
  const { ast, diagnostics, comments } = run(text, file, (reader) => reader.spaceFile());
  return { ast: ast && diagnostics.length === 0 ? { file, ...ast, comments } : undefined, diagnostics };
}

/** Line of the word `experiment` that begins the text; undefined for another first word. */
function experimentLine(text: string): number | undefined {
  const lines = text.split('\n', 1000);
  const first = lines.findIndex((line) => !/^\s*(#.*)?$/.test(line));
  return first >= 0 && /^experiment\s/.test(lines[first]!) ? first + 1 : undefined;
}

const isExperiment = (file: string, line: number): Diagnostic => ({
  severity: 'error',
  span: { file, line, column: 1, length: 'experiment'.length },
  message: 'a space file must begin with `space NAME`, got "experiment"',
  hint: 'this is an experiment: name the file after `space` in it, or check the experiment',
});

/** A condition on its own, as after `where`. */
export function parseCondition(text: string, file = 'where'): Parsed<Expr> {
  const { ast, diagnostics } = run(text, file, (reader) => reader.conditionOnly());
  return { ast: diagnostics.length === 0 ? ast : undefined, diagnostics };
}
