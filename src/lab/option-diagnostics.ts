/**
 * Diagnostics of settings that come from command-line options. The span's file is the option:
 *
 *   --recipe: adamw: unknown parameter, got "epoch"
 *     adamw(epoch: 2)
 *           ^^^^^
 *     did you mean `epochs`?
 */
import type { Diagnostic } from '../util/errors.js';

function render({ span, severity, message, hint }: Diagnostic, text: string | undefined): string {
  const lines = [`${span.file}: ${severity === 'warning' ? 'warning: ' : ''}${message}`];
  if (text !== undefined) {
    const shown = text.replace(/\s/g, ' ');
    const caret = Math.min(span.column - 1, shown.length);
    lines.push(`  ${shown}`, `  ${' '.repeat(caret)}${'^'.repeat(Math.max(1, span.length))}`);
  }
  if (hint !== undefined) lines.push(`  ${hint}`);
  return lines.join('\n');
}

/** @param texts of the options whose value is written in the experiment language, by option */
export const renderOptionDiagnostics = (
  diagnostics: readonly Diagnostic[],
  texts: ReadonlyMap<string, string>,
): string => diagnostics.map((diagnostic) => render(diagnostic, texts.get(diagnostic.span.file))).join('\n');
