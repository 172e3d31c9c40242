/**
 * `init [FOLDER]`: a commented space and experiment to start from; with `--examples` also the shipped ones,
 * which help texts and documents name. Existing files stay as they are.
 */
import { cpSync, existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Command } from 'commander';
import { UserError } from '../../../util/errors.js';
import { examples } from '../../options/option-parsers.js';
import { asCalled } from '../../output/as-called.js';
import { type Io, jsonLine, print } from '../../output/io.js';
import { starterFiles } from './starter-files.js';

const packageFolder = fileURLToPath(new URL('../../../..', import.meta.url));
/** Folders of the package that `--examples` copies; the experiments name the spaces beside them. */
const exampleFolders = ['search-spaces', 'experiments'];

interface Options {
  readonly examples?: boolean;
  readonly json?: boolean;
}

export function configure(command: Command, io: Io): void {
  command
    .argument('[folder]', 'folder of the files, made where it is missing', '.')
    .option('--examples', `copy ${exampleFolders.join(' and ')} of the package, too, which help texts name`)
    .option('--json', 'print one object: files')
    .addHelpText('after', examples('init', 'init my-study', 'init my-examples --examples'))
    .action((folder: string, options: Options) => {
      const starters = Object.keys(starterFiles).map((name) => join(folder, name));
      const copied = options.examples ? exampleFolders.map((name) => join(folder, name)) : [];
      assertNew([...starters, ...copied]);
      writeFiles(folder, options.examples ?? false);
      if (options.json) print(io, jsonLine({ files: [...starters, ...copied] }));
      else print(io, asCalled(nextSteps(starters, copied), io));
    });
}

/** @throws UserError where one of them exists */
function assertNew(files: readonly string[]): void {
  const existing = files.filter((file) => existsSync(file));
  if (existing.length > 0)
    throw new UserError(`init: files must be new, got ${existing.join(' and ')}`, {
      fix: 'name another folder: npx stagecraft init my-study',
    });
}

/** @throws UserError where the folder is not writable */
function writeFiles(folder: string, withExamples: boolean): void {
  try {
    mkdirSync(folder, { recursive: true });
    // wx: a file that appeared since is not overwritten either
    for (const [name, text] of Object.entries(starterFiles))
      writeFileSync(join(folder, name), text, { flag: 'wx' });
    for (const name of withExamples ? exampleFolders : [])
      cpSync(join(packageFolder, name), join(folder, name), {
        recursive: true,
        force: false,
        errorOnExist: true,
      });
  } catch (error) {
    throw new UserError(`init: folder must be writable, got ${JSON.stringify(folder)}`, {
      fix: error instanceof Error ? error.message : String(error),
      cause: error,
    });
  }
}

function nextSteps(starters: readonly string[], copied: readonly string[]): string {
  const [space, experiment] = starters.map((file) => relative('.', file));
  const steps = [
    [`npx stagecraft count ${space}`, 'how many networks'],
    [`npx stagecraft check ${experiment}`, 'errors, data, expected minutes'],
    [`npx stagecraft run ${experiment}`, 'measures, trains, writes the report'],
    ['npx stagecraft explain', 'every setting of an experiment'],
  ] as const;
  const width = Math.max(...steps.map(([command]) => command.length));
  return [
    ...starters.map((file) => `wrote ${file}`),
    ...copied.map((file) => `copied ${file}/`),
    '',
    ...steps.map(([command, meaning]) => `${command.padEnd(width)}  ${meaning}`),
  ].join('\n');
}
