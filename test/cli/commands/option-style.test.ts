/** One style of options over all commands, and earlier spellings that keep working. */
import { describe, expect, it } from 'vitest';
import { commandTable } from '../../../src/cli/command-table.js';
import { withNewSpellings } from '../../../src/cli/options/old-spellings.js';
import { inProcess } from '../in-process.js';

const names = Object.keys(commandTable);
const helpOf = async (name: string): Promise<string> => (await inProcess([name, '--help'])).out;

/** A long option has one short form, one name of its value, and takes a value or none, in every command. */
const optionTerms = (help: string): { readonly long: string; readonly short: string }[] =>
  [...help.matchAll(/^ {2}(?:(-\w), )?(--[a-z-]+)/gm)].map(([, short = '', long]) => ({
    long: long!,
    short,
  }));

describe('options of all commands', () => {
  it('an option has the same short form everywhere', async () => {
    const forms = new Map<string, Set<string>>();
    for (const name of names)
      for (const { long, short } of optionTerms(await helpOf(name)))
        forms.set(long, (forms.get(long) ?? new Set()).add(short));
    const different = [...forms].filter(([, shorts]) => shorts.size > 1);
    expect(different.map(([long, shorts]) => [long, ...shorts])).toEqual([]);
  });
  it.each(names)('%s --help shows no JSON as a default or choice', async (name) => {
    const help = await helpOf(name);
    expect(help).not.toMatch(/(default|choices): *["{[]/);
  });
  it('what reads a database takes --db, what draws a figure --theme', async () => {
    for (const name of [
      'report',
      'explore',
      'fidelity',
      'ablation',
      'show',
      'run',
      'test',
      'predict',
      'check',
    ])
      expect([name, optionTerms(await helpOf(name)).map(({ long }) => long)]).toEqual([
        name,
        expect.arrayContaining(['--db']) as string[],
      ]);
    for (const name of names) {
      const longs = optionTerms(await helpOf(name)).map(({ long }) => long);
      const draws = name === 'figure' || longs.includes('--figure');
      expect([name, longs.includes('--theme')]).toEqual([name, draws]);
    }
  });
});

describe('withNewSpellings', () => {
  it('translates earlier spellings of one command alone', () => {
    expect(withNewSpellings(['list', 'a.space', '--limit', '3'])).toEqual([
      'list',
      'a.space',
      '--count',
      '3',
    ]);
    expect(withNewSpellings(['predict', '--fastest=5'])).toEqual(['predict', '--count=5']);
    expect(withNewSpellings(['report', '--dark'])).toEqual(['report', '--theme', 'dark']);
    expect(withNewSpellings(['sample', '--limit', '3'])).toEqual(['sample', '--limit', '3']);
  });
  it('works: list --limit', async () => {
    const { code, out } = await inProcess(['list', 'search-spaces/ascan-cpu.space', '--limit', '2']);
    expect(code).toBe(0);
    expect(out.trimEnd().split('\n')).toHaveLength(2);
  });
  it('a database given twice is an error', async () => {
    expect(await inProcess(['report', 'a', '--db', 'b'])).toMatchObject({
      code: 2,
      err: '--db: the database must be given once, got a and b\n',
    });
  });
});
