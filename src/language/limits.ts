/**
 * Limits on text files, checked before anything is built from them, so that a hostile file fails at once.
 * They exceed the largest space in the literature by an order of magnitude.
 */
import type { Diagnostic } from '../util/errors.js';
import { characterSpan } from './source-span.js';

export const limits = {
  /** Characters of a space or experiment file. */
  fileCharacters: 256 * 1024,
  /** Nested brackets. */
  nesting: 64,
  /** Highest bound of a repetition, and most blocks of a stage. */
  repetition: 256,
  /** Values of one choice set or range. */
  choices: 4096,
  stages: 64,
  /** Characters of one word, number or quoted text. */
  tokenCharacters: 4096,
  /** Diagnostics shown per file. */
  diagnostics: 50,
} as const;

/** Why a text is too large or too deeply nested to parse; undefined where it may be parsed. */
export function limitProblem(text: string, file: string): Diagnostic | undefined {
  if (text.length > limits.fileCharacters) {
    return {
      severity: 'error',
      span: { file, line: 1, column: 1, length: 1 },
      message: `a file may hold at most ${limits.fileCharacters} characters, got ${text.length}`,
    };
  }
  let depth = 0;
  for (let offset = 0; offset < text.length; offset++) {
    const character = text[offset]!;
    if (character === '#') {
      const end = text.indexOf('\n', offset);
      if (end < 0) return undefined;
      offset = end;
    } else if (character === '(' || character === '{' || character === '[') {
      if (++depth > limits.nesting) {
        return {
          severity: 'error',
          span: characterSpan(text, file, offset),
          message: `brackets may be nested at most ${limits.nesting} deep, got more`,
          hint: 'name inner parts with `pattern`',
        };
      }
    } else if (character === ')' || character === '}' || character === ']') depth = Math.max(0, depth - 1);
  }
  return undefined;
}
