/** Ends the recovery of a parser after a number of errors, since it takes time for each. */
import { defaultParserErrorProvider, type IParserErrorMessageProvider } from '../chevrotain.js';

/** Thrown out of the rules of a parser, which keeps the errors before it. */
export class TooManyErrors extends Error {}

/** Chevrotain's messages, each of which is counted. */
export class CountedErrors implements IParserErrorMessageProvider {
  private count = 0;

  /** @param most messages until `TooManyErrors` is thrown */
  constructor(private readonly most: number) {}

  /** Begins a new text. */
  reset(): void {
    this.count = 0;
  }

  private next(): IParserErrorMessageProvider {
    if (++this.count > this.most) throw new TooManyErrors();
    return defaultParserErrorProvider;
  }

  buildMismatchTokenMessage: IParserErrorMessageProvider['buildMismatchTokenMessage'] = (options) =>
    this.next().buildMismatchTokenMessage(options);
  buildNotAllInputParsedMessage: IParserErrorMessageProvider['buildNotAllInputParsedMessage'] = (options) =>
    this.next().buildNotAllInputParsedMessage(options);
  buildNoViableAltMessage: IParserErrorMessageProvider['buildNoViableAltMessage'] = (options) =>
    this.next().buildNoViableAltMessage(options);
  buildEarlyExitMessage: IParserErrorMessageProvider['buildEarlyExitMessage'] = (options) =>
    this.next().buildEarlyExitMessage(options);
}
