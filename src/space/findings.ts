/** Collects what is found wrong in a file, in file order, without stopping at the first. */
import { limits } from '../language/limits.js';
import type { Diagnostic, Span } from '../util/errors.js';

export class Findings {
  private readonly found: Diagnostic[] = [];

  error(span: Span, message: string, hint?: string): undefined {
    this.add('error', span, message, hint);
    return undefined;
  }
  warning(span: Span, message: string, hint?: string): void {
    this.add('warning', span, message, hint);
  }
  private add(
    severity: Diagnostic['severity'],
    { file, line, column, length }: Span,
    message: string,
    hint?: string,
  ): void {
    if (
      this.found.some(
        (other) => other.message === message && other.span.line === line && other.span.column === column,
      )
    )
      return;
    this.found.push({
      severity,
      span: { file, line, column, length },
      message,
      ...(hint === undefined ? {} : { hint }),
    });
  }
  get hasErrors(): boolean {
    return this.found.some(({ severity }) => severity === 'error');
  }
  get all(): readonly Diagnostic[] {
    return [...this.found]
      .sort((a, b) => a.span.line - b.span.line || a.span.column - b.span.column)
      .slice(0, limits.diagnostics);
  }
}
