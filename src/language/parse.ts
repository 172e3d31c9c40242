/** Text to syntax tree, with every finding of the run; nothing here throws for what stands in the text. */

import type { Diagnostic } from '../util/errors.js';
import { nameHint, nearestName } from '../util/nearest-name.js';
import type { Comment, Expr, SpaceAst } from './ast.js';
import type { ILexingError, IRecognitionException, IToken } from './chevrotain.js';
import { limitProblem, limits } from './limits.js';
import { characterSpan, tokenSpan } from './source-span.js';
import { SpaceParser } from './space-parser.js';
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
  return {
    severity: 'error',
    span: { ...characterSpan(text, file, error.offset), length: Math.max(1, Math.min(error.length, 20)) },
    message: wrong.startsWith('"')
      ? 'a quoted text must end on its line, got no closing quote'
      : `unexpected ${JSON.stringify(wrong)}`,
  };
}

/** `{` for one token type, `a name` for a group of them. */
function expectation(error: IRecognitionException): string {
  const from =
    /(?:Expecting: one of these possible Token sequences:|Expecting: expecting at least one iteration.*possible Token sequences:*|but expecting at least one)[^\n]*\n([\s\S]*?)\n?but found/i.exec(
      error.message,
    );
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
  const place = atEnd && previous ? tokenSpan(previous, file) : tokenSpan(token, file);
  const span = atEnd && previous ? { ...place, column: place.endColumn + 1, length: 1 } : place;
  const inStatement = error.context.ruleStack.at(-1) ?? 'file';
  const got = atEnd ? 'the end of the file' : JSON.stringify(token.image);
  const names = Object.keys(statements);
  const near = token.tokenType === Word ? nearestName(token.image, names) : undefined;
  const expected = expectation(error);
  const notAll = error.name === 'NotAllInputParsedException' || expected === 'EOF';
  return {
    severity: 'error',
    span,
    // After a whole statement any other word is the start of the next one.
    message: notAll
      ? `a statement must begin here, got ${got}`
      : expected === ''
        ? `${inStatement} cannot go on like this, got ${got}`
        : `expected ${expected}, got ${got}`,
    ...(near !== undefined
      ? { hint: `did you mean \`${near}\`?` }
      : notAll
        ? { hint: nameHint(token.image, names) }
        : {}),
  };
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
  reader.input = lexed.tokens;
  reader.file = file;
  reader.findings = [];
  const ast = rule(reader);
  const diagnostics: Diagnostic[] = [
    ...lexed.errors.map((error) => lexicalDiagnostic(error, text, file)),
    ...reader.errors.map((error) => syntaxDiagnostic(error, file)),
    ...reader.findings.map((finding): Diagnostic => ({ severity: 'error', ...finding })),
  ];
  diagnostics.sort((a, b) => a.span.line - b.span.line || a.span.column - b.span.column);
  const comments = (lexed.groups['comments'] ?? []).map(
    (token): Comment => ({ text: token.image.trimEnd(), line: token.startLine!, column: token.startColumn! }),
  );
  const plain = diagnostics.slice(0, limits.diagnostics).map((diagnostic): Diagnostic => {
    const { file: name, line, column, length } = diagnostic.span;
    return { ...diagnostic, span: { file: name, line, column, length } };
  });
  return { ast, diagnostics: plain, comments };
}

/**
 * A space file's tree; absent when the text is too broken to have one, and to be trusted only without errors.
 */
export function parseSpaceFile(text: string, file: string): Parsed<SpaceAst> {
  const { ast, diagnostics, comments } = run(text, file, (reader) => reader.spaceFile());
  return { ast: ast && diagnostics.length === 0 ? { file, ...ast, comments } : undefined, diagnostics };
}

/** A condition on its own, as after `where`. */
export function parseCondition(text: string, file = 'where'): Parsed<Expr> {
  const { ast, diagnostics } = run(text, file, (reader) => reader.conditionOnly());
  return { ast: diagnostics.length === 0 ? ast : undefined, diagnostics };
}
