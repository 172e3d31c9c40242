/** The first bytes of an SQLite database, to tell kinds of files apart before one is opened. */
import { closeSync, openSync, readSync } from 'node:fs';

const LENGTH = 100;
const magic = 'SQLite format 3\0';

/** Undefined where the file is missing or no SQLite database. */
export function sqliteHeader(file: string): Buffer | undefined {
  let descriptor: number;
  try {
    descriptor = openSync(file, 'r');
  } catch {
    return undefined;
  }
  const header = Buffer.alloc(LENGTH);
  const read = readSync(descriptor, header, 0, LENGTH, 0);
  closeSync(descriptor);
  return read === LENGTH && header.toString('latin1', 0, magic.length) === magic ? header : undefined;
}
