/**
 * The row filter of page and terminal: words that must all match. A word is a comparison (`top-1>60`,
 * `params<=1.5M`), a mark (`front`, `tied`, `failed`, `symmetric`), or a part of a layout or id; with `*` as
 * wildcard it must match the whole (`CC-*-TTTT`). `!` negates a word. Pure, without Node: the page bundles
 * it.
 */

import { canonicalQuantity } from './objectives/quantity-names.js';

/** A row as the filter reads it. */
export interface FilterRow {
  /** Layout, id: what plain words look in. */
  readonly texts: readonly string[];
  readonly marks: ReadonlySet<string>;
  /** Displayed number of a field (% for top-1 and mean IoU), undefined where not measured. */
  number(field: string): number | undefined;
}

export interface Filter {
  matches(row: FilterRow): boolean;
  /** Why a word is ignored, in one line; the other words still apply. */
  readonly problem?: string;
}

/** A comparison that shows how: `top-1>60`, `loss<0.4`. */
export const filterExample = ({
  id,
  unit,
  better,
}: {
  readonly id: string;
  readonly unit: string;
  readonly better: 'higher' | 'lower';
}): string => `${id}${better === 'higher' ? '>' : '<'}${unit === '%' ? 60 : 0.4}`;

const suffixes: Readonly<Record<string, number>> = {
  '': 1,
  k: 1e3,
  K: 1e3,
  M: 1e6,
  G: 1e9,
  T: 1e12,
  Ki: 2 ** 10,
  Mi: 2 ** 20,
  Gi: 2 ** 30,
};
const comparisons: Readonly<Record<string, (a: number, b: number) => boolean>> = {
  '>=': (a, b) => a >= b,
  '<=': (a, b) => a <= b,
  '>': (a, b) => a > b,
  '<': (a, b) => a < b,
  '=': (a, b) => a === b,
};

/**
 * @param fields names that comparisons may use
 * @param marks words that are marks and not looked for in texts
 */
export function parseFilter(text: string, fields: readonly string[], marks: readonly string[]): Filter {
  const problems: string[] = [];
  const tests = text
    .trim()
    .split(/\s+/)
    .filter(Boolean)
    .map((word) => {
      const negated = word.startsWith('!') && word.length > 1;
      const { test, problem } = parseWord(negated ? word.slice(1) : word, fields, marks);
      if (problem) problems.push(problem);
      return !problem && negated ? (row: FilterRow) => !test(row) : test;
    });
  return {
    matches: (row) => tests.every((test) => test(row)),
    ...(problems[0] ? { problem: problems[0] } : {}),
  };
}

function parseWord(
  word: string,
  fields: readonly string[],
  marks: readonly string[],
): { test(row: FilterRow): boolean; problem?: string } {
  const comparison = /^([A-Za-z0-9@/_-]+)(>=|<=|>|<|=)(.*)$/.exec(word);
  if (comparison) {
    const [, given = '', operator = '', value = ''] = comparison;
    const name = canonicalQuantity(given);
    const field =
      fields.find((each) => each === name.toLowerCase()) ??
      fields.find((each) => each.startsWith(name.toLowerCase()));
    const number = /^(-?(?:\d+\.?\d*|\.\d+)(?:e-?\d+)?)((?:[kKMGT]i?)?)(?:B|%)?$/.exec(value);
    const factor = number ? suffixes[number[2]!] : undefined;
    if (!field)
      return {
        test: () => true,
        problem: `filter: a field is one of ${fields.join(', ')}, got ${JSON.stringify(given)}`,
      };
    if (!number || factor === undefined)
      return {
        test: () => true,
        problem: `filter: ${field} is compared with a number like 60 or 1.5M, got ${JSON.stringify(value)}`,
      };
    const bound = Number(number[1]) * factor;
    return {
      test: (row) => {
        const at = row.number(field);
        return at !== undefined && comparisons[operator]!(at, bound);
      },
    };
  }
  if (marks.includes(word.toLowerCase())) return { test: (row) => row.marks.has(word.toLowerCase()) };
  const parts = word.toLowerCase().split('*');
  return {
    test: (row) =>
      row.texts.some((each) =>
        parts.length === 1 ? each.toLowerCase().includes(parts[0]!) : isGlobOf(each.toLowerCase(), parts),
      ),
  };
}

/** Whether `text` is the parts in order with anything between them; linear, so that no pattern is slow. */
function isGlobOf(text: string, parts: readonly string[]): boolean {
  const [first, last] = [parts[0]!, parts.at(-1)!];
  let from = first.length;
  const end = text.length - last.length;
  if (end < from || !text.startsWith(first) || !text.endsWith(last)) return false;
  for (const part of parts.slice(1, -1)) {
    const at = text.indexOf(part, from);
    if (at < 0 || at + part.length > end) return false;
    from = at + part.length;
  }
  return true;
}
