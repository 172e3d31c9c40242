/**
 * Limits on text files, checked before anything is built from them, so that a hostile file fails at once.
 * They exceed the largest space in the literature by an order of magnitude.
 */
import type { Diagnostic } from '../util/errors.js';
import { characterSpan } from './source-span.js';

export const limits = {
  /** Characters of a space or experiment file. */
  fileCharacters: 256 * 1024,
  /** Characters of a space file and all files that it builds on, as often as they are read. */
  assembledCharacters: 1024 * 1024,
  /** Nested brackets. */
  nesting: 64,
  /** Highest bound of a repetition, and most blocks of a stage. */
  repetition: 256,
  /** Values of one choice set or range. */
  choices: 4096,
  stages: 64,
  /** Rules of a space, and patterns that contain each other. */
  names: 256,
  /** Levels of a syntax tree: `not not …`, `1 + 1 + …`. */
  treeDepth: 1000,
  /** Terms of a `let` expression, with other names written out. */
  terms: 10_000,
  /** Letters, groups and options of all layouts, with patterns written out. */
  layoutItems: 200_000,
  /** Characters of one word, number or quoted text. */
  tokenCharacters: 4096,
  /** Syntax errors after which the rest of a file is not read. */
  syntaxErrors: 200,
  /** Diagnostics shown per file. */
  diagnostics: 50,
} as const;

/** Whether a syntax tree has more levels than a recursive walk can take. */
export function isTooDeep(tree: unknown): boolean {
  const open: (readonly [node: unknown, depth: number])[] = [[tree, 0]];
  for (let next = open.pop(); next; next = open.pop()) {
    const [node, depth] = next;
    if (typeof node !== 'object' || node === null) continue;
    if (depth > limits.treeDepth) return true;
    for (const child of Object.values(node)) open.push([child, depth + 1]);
  }
  return false;
}

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
