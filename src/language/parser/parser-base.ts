/** What the parsers of values, conditions, layouts and statements share: spans, errors and lists. */
import { EmbeddedActionsParser, type IToken, type ParserMethod } from '../chevrotain.js';
import { limits } from '../limits.js';
import { readNumber } from '../numbers.js';
import { joinSpans, type SourceSpan, tokenSpan } from '../source-span.js';
import { tokenTypes } from '../tokens.js';
import { CountedErrors } from './counted-errors.js';

/** An error that the grammar cannot express, such as the bounds of a repetition. */
export interface ParserError {
  readonly span: SourceSpan;
  readonly message: string;
  readonly hint?: string;
}
export type Rule<T> = ParserMethod<[], T>;

/** A subclass that is the last must call `performSelfAnalysis` at the end of its constructor. */
export abstract class ParserBase extends EmbeddedActionsParser {
  file = '';
  checkErrors: ParserError[] = [];
  private readonly counted: CountedErrors;

  constructor(validate: boolean) {
    const counted = new CountedErrors(limits.syntaxErrors);
    super(tokenTypes, {
      errorMessageProvider: counted,
      recoveryEnabled: true,
      maxLookahead: 3,
      nodeLocationTracking: 'none',
      skipValidations: !validate,
    });
    this.counted = counted;
  }

  /** Begins a new text. */
  read(tokens: IToken[], file: string): void {
    this.input = tokens;
    this.file = file;
    this.checkErrors = [];
    this.counted.reset();
  }

  protected at = (token: IToken): SourceSpan => tokenSpan(token, this.file);
  protected join = (first: SourceSpan | undefined, last: SourceSpan | undefined): SourceSpan =>
    joinSpans(first ?? this.here(), last ?? first ?? this.here());
  protected here = (): SourceSpan => this.at(this.LA(0).startLine === undefined ? this.LA(1) : this.LA(0));
  /** A copy of a list: rules return placeholders while the grammar is recorded, undefined after an error. */
  protected list = <T>(found: readonly T[] | undefined): T[] => (Array.isArray(found) ? [...found] : []);

  /** The value of a number token; an error and 1 where it exceeds the range of doubles. */
  protected finite(token: IToken): number {
    const value = readNumber(token.image);
    if (Number.isFinite(value)) return value;
    this.checkErrors.push({
      span: this.at(token),
      message: `a number must be below 1.8e308, got ${token.image}`,
    });
    return 1;
  }
}
