/**
 * Error types of the command line. `UserError`: a user's mistake, one message without stack, exit code 2.
 * Other errors are bugs: stack, exit code 1.
 * Wording: `where: rule, got value`, lower case, one line, the offending value JSON-quoted, a fix if one step
 * does it.
 */

export class UserError extends Error {
  override readonly name = 'UserError';
  /** One step that fixes it, shown on its own line. */
  readonly fix: string | undefined;

  constructor(message: string, options: { fix?: string; cause?: unknown } = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.fix = options.fix;
  }
}

/** A source span in a text file of the user; `line` and `column` count from 1, `length` in characters. */
export interface Span {
  readonly file: string;
  readonly line: number;
  readonly column: number;
  readonly length: number;
}

/** One diagnostic of a user's file; `language/render-diagnostic` renders it with the line and a caret. */
export interface Diagnostic {
  readonly severity: 'error' | 'warning';
  readonly span: Span;
  /** `rule, got value`, lower case, one line. */
  readonly message: string;
  /** What was expected or the nearest known name, if there is one. */
  readonly hint?: string;
}

/** An invalid file of the user, with every diagnostic. */
export class DiagnosticError extends UserError {
  readonly diagnostics: readonly Diagnostic[];
  constructor(diagnostics: readonly Diagnostic[], rendered: string) {
    super(rendered);
    this.diagnostics = diagnostics;
  }
}

/** True for the interruption that a signal or `AbortSignal` caused: exit 130, resumable. */
export class InterruptedError extends Error {
  override readonly name = 'InterruptedError';
}
