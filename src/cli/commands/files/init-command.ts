/** `init [FOLDER]`: a commented space and experiment to start from. Existing files stay as they are. */
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import type { Command } from 'commander';
import { UserError } from '../../../util/errors.js';
import { examples } from '../../options/option-parsers.js';
import { type Io, jsonLine, print } from '../../output/io.js';
import { starterFiles } from './starter-files.js';

export function configure(command: Command, io: Io): void {
  command
    .argument('[folder]', 'folder of the files, made where it is missing', '.')
    .option('--json', 'print one object: files')
    .addHelpText('after', examples('init', 'init my-study'))
    .action((folder: string, { json }: { json?: boolean }) => {
      const files = writeStarterFiles(folder);
      if (json) print(io, jsonLine({ files }));
      else print(io, nextSteps(files));
    });
}

/** @returns paths of the space and the experiment @throws UserError where one of them exists */
function writeStarterFiles(folder: string): string[] {
  const files = Object.keys(starterFiles).map((name) => join(folder, name));
  const existing = files.filter((file) => existsSync(file));
  if (existing.length > 0)
    throw new UserError(`init: files must be new, got ${existing.join(' and ')}`, {
      fix: 'name another folder: npx stagecraft init my-study',
    });
  try {
    mkdirSync(folder, { recursive: true });
    // wx: a file that appeared since is not overwritten either
    for (const [name, text] of Object.entries(starterFiles))
      writeFileSync(join(folder, name), text, { flag: 'wx' });
  } catch (error) {
    throw new UserError(`init: folder must be writable, got ${JSON.stringify(folder)}`, {
      fix: error instanceof Error ? error.message : String(error),
      cause: error,
    });
  }
  return files;
}

function nextSteps(files: readonly string[]): string {
  const [space, experiment] = files.map((file) => relative('.', file));
  const steps = [
    [`npx stagecraft count ${space}`, 'how many networks'],
    [`npx stagecraft check ${experiment}`, 'errors, data, expected minutes'],
    [`npx stagecraft run ${experiment}`, 'measures, trains, writes the report'],
    ['npx stagecraft explain', 'every setting of an experiment'],
  ] as const;
  const width = Math.max(...steps.map(([command]) => command.length));
  return [
    ...files.map((file) => `wrote ${file}`),
    '',
    ...steps.map(([command, meaning]) => `${command.padEnd(width)}  ${meaning}`),
  ].join('\n');
}
