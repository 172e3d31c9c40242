/** Earlier spellings of options: they keep working and are in no help text. */
import type { CommandName } from '../command-table.js';

const oldSpellings: Partial<Record<CommandName, Readonly<Record<string, readonly string[]>>>> = {
  list: { '--limit': ['--count'] },
  classes: { '--limit': ['--count'] },
  predict: { '--fastest': ['--count'], '--limit': ['--first'], '--batches': ['--batch'] },
  profile: { '--batch': ['--batches'] },
  report: { '--dark': ['--theme', 'dark'] },
  figure: { '--dark': ['--theme', 'dark'] },
};

/** The arguments with today's spellings; what follows `--` stays as it is. */
export function withNewSpellings(argv: readonly string[]): string[] {
  const command = argv.find((word) => !word.startsWith('-')) as CommandName | undefined;
  const spellings = (command && Object.hasOwn(oldSpellings, command) && oldSpellings[command]) || {};
  const end = argv.includes('--') ? argv.indexOf('--') : argv.length;
  return argv.flatMap((word, index) => {
    const [name = '', value] = word.split(/=(.*)/s);
    if (index >= end || !Object.hasOwn(spellings, name)) return [word];
    const [first = '', ...rest] = spellings[name]!;
    return [value === undefined ? first : `${first}=${value}`, ...rest];
  });
}
