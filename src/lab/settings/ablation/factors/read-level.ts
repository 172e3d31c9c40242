/** Reads numeric levels of a factor. */
import type { DiagnosticCollector } from '../../../../language/diagnostic-collector.js';
import type { Term } from '../../../../language/experiment-file.js';
import { termText } from '../../read-terms.js';

/** A whole number within bounds; undefined where an error was reported. */
export function readWholeNumber(
  term: Term,
  what: string,
  min: number,
  max: number,
  diagnostics: DiagnosticCollector,
): number | undefined {
  if (term.kind === 'number' && Number.isInteger(term.value) && term.value >= min && term.value <= max)
    return term.value;
  return diagnostics.error(
    term.span,
    `${what} must be whole numbers in ${min}..${max}, got ${JSON.stringify(termText(term))}`,
  );
}
