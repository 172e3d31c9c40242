/**
 * Screens as values: lines of spans with one role each. Every character is one column wide. Ink draws them,
 * tests compare them.
 */
import { letterRole, type Role } from './terminal-theme.js';

export interface Span {
  readonly text: string;
  readonly role: Role;
}
export type Line = readonly Span[];

export const span = (text: string, role: Role = 'plain'): Span => ({ text, role });
export const line = (text: string, role: Role = 'plain'): Line => [span(text, role)];
export const widthOf = (spans: Line): number => spans.reduce((sum, { text }) => sum + text.length, 0);
export const textOf = (spans: Line): string => spans.map(({ text }) => text).join('');

/**
 * Makes a name from a database safe for the terminal: control characters, direction marks and characters not
 * one column wide become `·`. No name can then move the cursor or break the columns.
 */
export const plainName = (name: string): string =>
  [...name]
    .map((character) =>
      /^[\x20-\x7e\u00a1-\u024f\u2010-\u2027\u2212]$/.test(character) && character !== '\u00ad'
        ? character
        : '·',
    )
    .join('');

/** Truncated to `width` with an ellipsis, or padded with blanks. */
export function fit(spans: Line, width: number): Line {
  const whole = widthOf(spans);
  if (whole <= width) return whole === width ? spans : [...spans, span(' '.repeat(width - whole))];
  if (width <= 0) return [];
  const result: Span[] = [];
  let left = width - 1;
  for (const each of spans) {
    if (left <= 0) break;
    result.push({ ...each, text: each.text.slice(0, left) });
    left -= each.text.length;
  }
  return [...result, span('…', 'muted')];
}

/** Exactly `height` lines of `width`. */
export const block = (lines: readonly Line[], width: number, height: number): Line[] =>
  Array.from({ length: Math.max(0, height) }, (_, row) => fit(lines[row] ?? [], width));

/** Two blocks side by side with a gap. */
export const beside = (left: readonly Line[], right: readonly Line[], gap = 2): Line[] =>
  left.map((each, row) => [...each, span(' '.repeat(gap)), ...(right[row] ?? [])]);

/** A line with one role for all spans, e.g. the cursor line. */
export const withRole = (spans: Line, role: Role): Line => line(textOf(spans), role);

/** Wraps words into lines of at most `width`. */
export function wrap(text: string, width: number, role: Role = 'plain'): Line[] {
  const lines: string[] = [];
  for (const word of text.split(/ +/).filter(Boolean)) {
    const last = lines.at(-1);
    if (last !== undefined && last.length + 1 + word.length <= width)
      lines[lines.length - 1] = `${last} ${word}`;
    else
      for (let at = 0; at < word.length; at += Math.max(1, width))
        lines.push(word.slice(at, at + Math.max(1, width)));
  }
  return lines.map((each) => line(each, role));
}

/** The letters of a layout in their colours. */
export const layoutSpans = (layout: string): Span[] =>
  [...plainName(layout)].map((letter) => span(letter, letterRole(letter)));
