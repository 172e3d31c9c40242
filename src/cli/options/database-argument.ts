/** The DB argument: a database file, a folder that holds one, or nothing for the newest under `reports/`. */
import { existsSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import type { Command } from 'commander';
import { databaseName } from '../../lab/database-name.js';
import { UserError } from '../../util/errors.js';
import { readTextFile } from '../../util/read-text-file.js';

const database = `database, folder with a ${databaseName}, or experiment file`;
export const databaseHelp = `${database} (default: newest under reports/)`;
const reportsFolder = 'reports';

export interface DatabaseOption {
  readonly db?: string;
}

/** The DB argument; `--db` is the same, as in commands whose argument is something else. */
export const addDatabase = (command: Command, help: string = databaseHelp): Command =>
  command.argument('[db]', help).option('--db <file>', 'the database, in place of the argument');

/** @throws UserError where both are given, or there is none */
export function givenDatabase(argument: string | undefined, { db }: DatabaseOption): string {
  if (argument !== undefined && db !== undefined)
    throw new UserError(`--db: the database must be given once, got ${argument} and ${db}`);
  return findDatabase(argument ?? db);
}

/** Last change of a database: what is written lies in the -wal file until its writer ends. */
function changedMs(file: string): number {
  return Math.max(
    ...[file, `${file}-wal`].filter((path) => existsSync(path)).map((path) => statSync(path).mtimeMs),
  );
}

function newest(): string | undefined {
  const folders = existsSync(reportsFolder)
    ? readdirSync(reportsFolder, { withFileTypes: true }).filter((entry) => entry.isDirectory())
    : [];
  const files = folders
    .map((folder) => join(reportsFolder, folder.name, databaseName))
    .filter((file) => existsSync(file));
  return files.sort((a, b) => changedMs(b) - changedMs(a))[0];
}

/** Where `run` puts the results of an experiment file. @throws UserError where there are none */
function ofExperiment(file: string): string {
  const [, name] = /^\s*experiment\s+(\S+)/m.exec(readTextFile(file)) ?? [];
  const database = join(reportsFolder, name ?? '', databaseName);
  if (name !== undefined && existsSync(database)) return database;
  throw new UserError(`${file}: its results must lie in ${database}, got no such file`, {
    fix: `run it first: npx stagecraft run ${file}`,
  });
}

/** @throws UserError where there is none */
export function findDatabase(argument: string | undefined): string {
  if (argument === undefined) {
    const found = newest();
    if (found === undefined)
      throw new UserError(`${reportsFolder}/: must hold a database, got none`, {
        fix: 'name one, or make one: npx stagecraft run experiments/quickstart.experiment',
      });
    return found;
  }
  if (argument.endsWith('.experiment')) return ofExperiment(argument);
  if (argument.endsWith('.space'))
    throw new UserError(`${argument}: a database is needed, got a space`, {
      fix: 'name the folder of an experiment, such as reports/first',
    });
  if (existsSync(argument) && statSync(argument).isDirectory()) {
    const inside = join(argument, databaseName);
    if (!existsSync(inside))
      throw new UserError(`${argument}: must hold ${databaseName}, got a folder without it`);
    return inside;
  }
  return argument;
}
