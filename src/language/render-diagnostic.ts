/**
 * Diagnostics as a person reads them:
 *
 *   ascan.space:4:33: error: unknown parameter "kernal"
 *     4 |   block C = fused-mbconv(expand: 4, kernal: 3)
 *       |                                     ^^^^^^
 *       = did you mean `kernel`?
 */
import { type Diagnostic, DiagnosticError } from '../util/errors.js';

/** Characters of a line shown around the caret. */
const SHOWN = 120;

function render(diagnostic: Diagnostic, lines: readonly string[]): string {
  const { span, severity, message, hint } = diagnostic;
  const place = span.file === '' ? '' : `${span.file}:${span.line}:${span.column}: `;
  const result = [`${place}${severity}: ${message}`];
  const line = lines[span.line - 1];
  const gutter = ' '.repeat(String(span.line).length);
  if (line !== undefined) {
    const from = span.column > SHOWN ? span.column - Math.floor(SHOWN / 2) : 0;
    const shown = line.slice(from, from + SHOWN).replace(/[\t\p{Cc}]/gu, ' ');
    const caret = Math.max(0, span.column - 1 - from);
    const length = Math.max(1, Math.min(span.length, shown.length - caret));
    result.push(
      `  ${span.line} | ${shown}`.trimEnd(),
      `  ${gutter} | ${' '.repeat(caret)}${'^'.repeat(length)}`,
    );
  }
  if (hint !== undefined) result.push(`  ${gutter} = ${hint}`);
  return result.join('\n');
}

/**
 * Every finding with its line and a caret, in file order, a blank line between. `text` is the file's,
 * `sources` those of further files.
 */
export function renderDiagnostics(
  diagnostics: readonly Diagnostic[],
  text: string,
  sources: ReadonlyMap<string, string> = new Map(),
): string {
  const linesOf = (file: string): string[] => (sources.get(file) ?? text).split(/\r?\n/);
  return diagnostics.map((diagnostic) => render(diagnostic, linesOf(diagnostic.span.file))).join('\n\n');
}

/** @throws DiagnosticError where an error is among the findings */
export function throwErrors(diagnostics: readonly Diagnostic[], text: string): void {
  const errors = diagnostics.filter(({ severity }) => severity === 'error');
  if (errors.length > 0) throw new DiagnosticError(diagnostics, renderDiagnostics(errors, text));
}
