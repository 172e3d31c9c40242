/** Collects the diagnostics of one file, so that checking continues after the first. */
import type { Diagnostic, Span } from '../util/errors.js';
import { limits } from './limits.js';

export class DiagnosticCollector {
  private readonly collected: Diagnostic[] = [];
  private readonly keys = new Set<string>();

  /** @returns undefined, so that a caller can report and give up in one `return` */
  error(span: Span, message: string, hint?: string): undefined {
    this.add('error', span, message, hint);
    return undefined;
  }
  warning(span: Span, message: string, hint?: string): void {
    this.add('warning', span, message, hint);
  }
  /** The same message at the same position is kept once. */
  private add(
    severity: Diagnostic['severity'],
    { file, line, column, length }: Span,
    message: string,
    hint?: string,
  ): void {
    const key = `${line}:${column}:${message}`;
    if (this.keys.has(key)) return;
    this.keys.add(key);
    this.collected.push({
      severity,
      span: { file, line, column, length },
      message,
      ...(hint === undefined ? {} : { hint }),
    });
  }

  get errorCount(): number {
    return this.collected.filter(({ severity }) => severity === 'error').length;
  }
  get hasErrors(): boolean {
    return this.collected.some(({ severity }) => severity === 'error');
  }
  /** In file order, at most `limits.diagnostics`. */
  get all(): readonly Diagnostic[] {
    return [...this.collected]
      .sort((a, b) => a.span.line - b.span.line || a.span.column - b.span.column)
      .slice(0, limits.diagnostics);
  }
}
