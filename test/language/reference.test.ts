/**
 * The reference page: every example is a file that opens and has the size it says, and every word of the
 * language stands in one.
 */
import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { parseSpaceFile } from '../../src/language/parse.js';
import { SpaceParser } from '../../src/language/parser/space-parser.js';
import { printSpace } from '../../src/language/print.js';
import { renderDiagnostics } from '../../src/language/render-diagnostic.js';
import { statements, words } from '../../src/language/tokens.js';
import { conditionNames } from '../../src/space/conditions/condition.js';
import { spaceFromText } from '../../src/space/load.js';

const folder = resolve(import.meta.dirname, '../../search-spaces');
const page = readFileSync(join(folder, 'REFERENCE.md'), 'utf8');
const examples = [...page.matchAll(/```space\n([^]*?)```/g)].map((match) => match[1]!);
const nameOf = (text: string): string => /space (\S+)/.exec(text)![1]!;

describe('REFERENCE.md', () => {
  it.each(examples.map((text) => [nameOf(text), text]))(
    'example %s opens, has the size it says, and prints to what reads back',
    (name, text) => {
      const { space, diagnostics } = spaceFromText(text, join(folder, `${name}.space`));
      if (!space) throw new Error(renderDiagnostics(diagnostics, text));
      const said = /# Size: (?:[^\n=]*= )?([\d,]+)/.exec(text)![1]!;
      expect(space.count()).toEqual({ exact: true, count: BigInt(said.replaceAll(',', '')) });
      const { ast } = parseSpaceFile(text, name);
      const printed = printSpace(ast!);
      expect(printSpace(parseSpaceFile(printed, name).ast!)).toBe(printed);
      expect(spaceFromText(printed, join(folder, `${name}.space`)).space!.count()).toEqual(space.count());
    },
  );
  it('shows every statement, clause, relation, number and form of repetition in an example', () => {
    const all = examples.join('\n').replace(/#.*$/gm, '');
    const missing = [
      ...Object.keys(statements),
      ...Object.keys(words),
      ...Object.keys(conditionNames),
    ].filter((word) => !new RegExp(`(?<![\\w-])${word}(?![\\w-])`).test(all));
    expect(missing).toEqual([]);
    for (const form of [
      '?',
      '*',
      '+',
      '{2}',
      '{1,2}',
      '..',
      'step',
      '<=',
      '>=',
      '<',
      '>',
      '==',
      '!=',
      '|',
      '[0.',
      '{[1, ',
    ])
      expect(all).toContain(form);
  });
  it('defines each relation and number in its tables', () => {
    for (const word of Object.keys(conditionNames))
      expect(page, word).toMatch(new RegExp(`^\\| [^\\n]*\`${word}[^\\n]* \\|`, 'm'));
  });
});

describe('SpaceParser', () => {
  it('has a grammar without ambiguities', () => expect(() => new SpaceParser(true)).not.toThrow());
});

describe('textmate/stagecraft-space', () => {
  it('knows every keyword, relation and number of the language', () => {
    const grammar = JSON.parse(
      readFileSync(join(folder, 'textmate/stagecraft-space.tmLanguage.json'), 'utf8'),
    ) as { patterns: { name: string; match: string }[] };
    for (const { match } of grammar.patterns) expect(() => new RegExp(match)).not.toThrow();
    const matched = (word: string): boolean =>
      grammar.patterns.some(
        ({ name, match }) => /keyword|support/.test(name) && new RegExp(`^(?:${match})$`).exec(word) !== null,
      );
    expect(
      [...Object.keys(statements), ...Object.keys(words), ...Object.keys(conditionNames)].filter(
        (word) => !matched(word),
      ),
    ).toEqual([]);
  });
});
