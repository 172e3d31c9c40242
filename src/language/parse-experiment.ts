/**
 * Parses experiment files: one setting per line, a keyword and its terms (syntax in `ExperimentFile`). Open
 * brackets continue a setting on the next line. The lab checks the meaning of keywords.
 */

import type { Diagnostic, Span } from '../util/errors.js';
import { createToken, type IToken, Lexer, type TokenType } from './chevrotain.js';
import type { ExperimentFile, Term } from './experiment-file.js';
import { limitProblem, limits } from './limits.js';
import { readNumber } from './numbers.js';
import { joinSpans, type SourceSpan, tokenSpan } from './source-span.js';

const token = (name: string, pattern: RegExp | string, label = `\`${String(pattern)}\``): TokenType =>
  createToken({ name, pattern, label });
const Quoted = token('Quoted', /"[^"\n]*"/, 'a quoted text');
/** A bare word, path or number: all characters up to a blank, bracket, comma, comment or final colon. */
const Bare = token('Bare', /(?:[^\s"(){},#:]|:(?=[^\s(){},"]))+/, 'a word');
const open = token('open', '('),
  close = token('close', ')'),
  openSet = token('openSet', '{'),
  closeSet = token('closeSet', '}'),
  comma = token('comma', ','),
  colon = token('colon', ':');
const lexer = new Lexer(
  [
    createToken({ name: 'Blank', pattern: /[ \t\r\n\uFEFF]+/, group: Lexer.SKIPPED, line_breaks: true }),
    createToken({ name: 'Comment', pattern: /#[^\n]*/, group: Lexer.SKIPPED }),
    Quoted,
    open,
    close,
    openSet,
    closeSet,
    comma,
    colon,
    Bare,
  ],
  { positionTracking: 'full', lineTerminatorsPattern: /\n/g, lineTerminatorCharacters: ['\n'] },
);

type Argument = Extract<Term, { kind: 'call' }>['args'][number];

/** Aborts one setting after its error was reported. */
class Broken extends Error {}

class Reader {
  readonly diagnostics: Diagnostic[] = [];
  private index = 0;
  constructor(
    private readonly tokens: readonly IToken[],
    private readonly file: string,
  ) {}

  get done(): boolean {
    return this.index >= this.tokens.length;
  }
  peek(): IToken | undefined {
    return this.tokens[this.index];
  }
  next(): IToken {
    return this.tokens[this.index++]!;
  }
  place(of: IToken): SourceSpan {
    return tokenSpan(of, this.file);
  }
  /** True where the next token is on another line than the one before it. */
  get startsLine(): boolean {
    const before = this.tokens[this.index - 1];
    return before === undefined || this.peek()?.startLine !== before.endLine;
  }
  report(span: Span, message: string, hint?: string): void {
    this.diagnostics.push({ severity: 'error', span, message, ...(hint === undefined ? {} : { hint }) });
  }
  expect(type: TokenType, what: string): IToken {
    const found = this.peek();
    if (found?.tokenType === type) return this.next();
    const last = this.tokens[this.index - 1];
    // what a line lacks is missing at its end, not where the next setting begins
    const endsLine = type !== Bare && this.startsLine && last !== undefined;
    if (found && !endsLine)
      this.report(
        this.place(found),
        `expected ${what}, got ${JSON.stringify(found.image)}`,
        found.tokenType === comma ? 'several values stand in braces, such as {1, 2}' : undefined,
      );
    else {
      const { endLine, endColumn, ...span } = this.place(last!);
      const end = { ...span, line: endLine, column: endColumn + 1, length: 1 };
      this.report(end, `expected ${what}, got the end of the ${found ? 'line' : 'file'}`);
    }
    throw new Broken();
  }
  /** Skips to the next line. */
  skipLine(): void {
    while (!this.done && !this.startsLine) this.next();
  }

  term(): Term {
    const first = this.peek();
    if (first?.tokenType === openSet) return this.set();
    if (first?.tokenType === Quoted)
      return { kind: 'text', value: this.next().image.slice(1, -1), quoted: true, span: this.place(first) };
    const word = this.expect(Bare, 'a value');
    const span = this.place(word);
    if (this.peek()?.tokenType === open && this.peek()!.startOffset === word.endOffset! + 1)
      return this.call(word.image, span);
    const value = /^-/.test(word.image) ? -readNumber(word.image.slice(1)) : readNumber(word.image);
    return Number.isNaN(value)
      ? { kind: 'text', value: word.image, quoted: false, span }
      : { kind: 'number', value, span };
  }

  private set(): Term {
    const first = this.place(this.next());
    const items: Term[] = [];
    while (this.peek()?.tokenType !== closeSet) {
      if (items.length > 0) this.expect(comma, '`,` or `}`');
      items.push(this.term());
    }
    return { kind: 'set', items, span: joinSpans(first, this.place(this.next())) };
  }

  private call(name: string, span: SourceSpan): Term {
    this.next();
    const args = this.arguments(() => this.peek()?.tokenType === close);
    return { kind: 'call', name, args, span: joinSpans(span, this.place(this.next())) };
  }

  /** `name: value, …` */
  arguments(isEnd: () => boolean): Argument[] {
    const args: Argument[] = [];
    while (!isEnd()) {
      if (args.length > 0) this.expect(comma, '`,` or `)`');
      const argument = this.expect(Bare, 'a parameter name');
      this.expect(colon, '`:`');
      const twice = args.some((arg) => arg.name === argument.image);
      if (twice)
        this.report(
          this.place(argument),
          `a parameter may be given once, got ${JSON.stringify(argument.image)} again`,
        );
      args.push({ name: argument.image, nameSpan: this.place(argument), value: this.term() });
    }
    return args;
  }
}

function readSettings(reader: Reader): { keyword: string; keywordSpan: Span; terms: Term[] }[] {
  const settings: { keyword: string; keywordSpan: Span; terms: Term[] }[] = [];
  while (!reader.done) {
    try {
      const keyword = reader.expect(Bare, 'a keyword');
      const terms: Term[] = [];
      const span = reader.place(keyword);
      const before = settings.find((setting) => setting.keyword === keyword.image);
      if (before)
        reader.report(
          span,
          `a keyword may stand once, got ${JSON.stringify(keyword.image)} again`,
          `the first stands in line ${before.keywordSpan.line}`,
        );
      else settings.push({ keyword: keyword.image, keywordSpan: span, terms });
      while (!reader.done && !reader.startsLine) terms.push(reader.term());
      if (terms.length === 0)
        reader.report(span, `${keyword.image} must be followed by a value, got the end of the line`);
    } catch (error) {
      if (!(error instanceof Broken)) throw error;
      if (!reader.startsLine || reader.peek()?.tokenType !== Bare) reader.next();
      reader.skipLine();
    }
  }
  return settings;
}

function readerOf(text: string, file: string): Reader {
  const lexed = lexer.tokenize(text);
  const reader = new Reader(lexed.tokens, file);
  for (const error of lexed.errors)
    reader.report(
      { file, line: error.line ?? 1, column: error.column ?? 1, length: 1 },
      'a quoted text must end on its line, got no closing quote',
    );
  return reader;
}

/**
 * @returns the settings with their spans; `experiment` is absent where an error is among the diagnostics
 * @example parseExperiment('experiment quick\n  space a.space\n', 'quick.experiment')
 */
export function parseExperiment(
  text: string,
  file: string,
): { readonly experiment?: ExperimentFile; readonly diagnostics: readonly Diagnostic[] } {
  const tooLarge = limitProblem(text, file);
  if (tooLarge) return { diagnostics: [tooLarge] };
  const reader = readerOf(text, file);
  let name: IToken | undefined;
  try {
    const first = reader.done ? undefined : reader.expect(Bare, '`experiment`');
    if (first?.image !== 'experiment')
      reader.report(
        first ? reader.place(first) : { file, line: 1, column: 1, length: 1 },
        'an experiment file must begin with `experiment NAME`, ' +
          `got ${first ? JSON.stringify(first.image) : 'nothing'}`,
        first?.image === 'space' ? 'this is a space: an experiment names it, `space FILE`' : undefined,
      );
    else name = reader.expect(Bare, 'the name of the experiment');
  } catch (error) {
    if (!(error instanceof Broken)) throw error;
  }
  if (!name) return { diagnostics: reader.diagnostics };
  reader.skipLine();
  const settings = readSettings(reader);
  const diagnostics = reader.diagnostics.slice(0, limits.diagnostics);
  return diagnostics.length > 0
    ? { diagnostics }
    : { experiment: { name: name.image, nameSpan: reader.place(name), settings, text }, diagnostics };
}

/** Parses a whole text by `read`. */
function parseWhole<V>(
  text: string,
  file: string,
  read: (reader: Reader) => V,
): { readonly value?: V; readonly diagnostics: readonly Diagnostic[] } {
  const tooLarge = limitProblem(text, file);
  if (tooLarge) return { diagnostics: [tooLarge] };
  const reader = readerOf(text, file);
  if (reader.done) {
    reader.report({ file, line: 1, column: 1, length: 1 }, 'expected a value, got an empty text');
    return { diagnostics: reader.diagnostics };
  }
  try {
    const value = read(reader);
    const rest = reader.peek();
    if (rest)
      reader.report(reader.place(rest), `expected the end of the text, got ${JSON.stringify(rest.image)}`);
    return reader.diagnostics.length > 0
      ? { diagnostics: reader.diagnostics }
      : { value, diagnostics: reader.diagnostics };
  } catch (error) {
    if (!(error instanceof Broken)) throw error;
    return { diagnostics: reader.diagnostics };
  }
}

/** One term, e.g. the value of a command-line option: `adamw(epochs: 4)`. @param file name in spans */
export const parseTerm = (text: string, file: string) => parseWhole(text, file, (reader) => reader.term());

/** Arguments without their brackets: `half-width: 0.002, cap-ms: 5000`. @param file name in spans */
export const parseArguments = (text: string, file: string) =>
  parseWhole(text, file, (reader) => reader.arguments(() => reader.done));
