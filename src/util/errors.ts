/**
 * Errors a person can act on. `UserError`: the user's mistake, one message without stack, exit 2.
 * Anything else that reaches the command line is a bug: stack, exit 1.
 * Wording: `where: rule, got value`, lower case, one line, the offending value JSON-quoted, the fix if one
 * step does it.
 */

export class UserError extends Error {
  override readonly name = 'UserError';
  /** One step that mends it, shown on a line of its own. */
  readonly fix: string | undefined;

  constructor(message: string, options: { fix?: string; cause?: unknown } = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.fix = options.fix;
  }
}

/** A place in a user's text file; `line` and `column` count from 1, `length` in characters. */
export interface Span {
  readonly file: string;
  readonly line: number;
  readonly column: number;
  readonly length: number;
}

/** One finding about a user's file; rendered with the line and a caret by `language/render-diagnostic`. */
export interface Diagnostic {
  readonly severity: 'error' | 'warning';
  readonly span: Span;
  /** `rule, got value`, lower case, one line. */
  readonly message: string;
  /** What was expected or the nearest known name, if there is one. */
  readonly hint?: string;
}

/** The user's file does not say what it must; carries every finding of the run. */
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
