/** Spans in a source text: of tokens, of offsets, and of larger parts by joining. */

import type { Span } from '../util/errors.js';
import type { IToken } from './chevrotain.js';

/** The character at `offset`, as a span. */
export function characterSpan(text: string, file: string, offset: number): Span {
  const before = text.slice(0, offset);
  const lineStart = before.lastIndexOf('\n') + 1;
  let line = 1;
  for (let at = before.indexOf('\n'); at >= 0; at = before.indexOf('\n', at + 1)) line++;
  return { file, line, column: offset - lineStart + 1, length: 1 };
}

/** A span with its end, so that spans can be joined. */
export interface SourceSpan extends Span {
  readonly endLine: number;
  readonly endColumn: number;
}

const numberOr = (value: number | undefined, fallback: number): number =>
  value !== undefined && Number.isFinite(value) ? value : fallback;

export function tokenSpan(token: IToken, file: string): SourceSpan {
  const line = numberOr(token.startLine, 1);
  const column = numberOr(token.startColumn, 1);
  return {
    file,
    line,
    column,
    length: Math.max(1, token.image?.length ?? 0),
    endLine: numberOr(token.endLine, line),
    endColumn: numberOr(token.endColumn, column),
  };
}

/**
 * From the start of `first` to the end of `last`; the length stops at the end of the first line (1 where it
 * continues below).
 */
export function joinSpans(first: SourceSpan, last: SourceSpan): SourceSpan {
  const oneLine = first.line === last.endLine;
  return {
    ...first,
    length: oneLine ? Math.max(1, last.endColumn - first.column + 1) : first.length,
    endLine: last.endLine,
    endColumn: last.endColumn,
  };
}

/** The span of values that a program built. */
export const noSpan: SourceSpan = Object.freeze({
  file: '',
  line: 1,
  column: 1,
  length: 1,
  endLine: 1,
  endColumn: 1,
});
