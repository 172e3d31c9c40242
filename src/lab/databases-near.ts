/** Databases that may know how long a job takes. */
import { existsSync, readdirSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';

/** The run's own first, then those in folders beside it. */
export function databasesNear(database: string): string[] {
  const beside = dirname(dirname(database));
  const folders = existsSync(beside) ? readdirSync(beside) : [];
  const others = folders.map((folder) => join(beside, folder, basename(database)));
  return [database, ...others.filter((file) => file !== database).sort()].filter((file) => existsSync(file));
}
