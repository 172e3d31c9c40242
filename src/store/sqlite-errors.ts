/** SQLite's error codes as messages that a person can act on. Everything else stays what it is: a bug. */
import Database from 'better-sqlite3';
import { UserError } from '../util/errors.js';

type MessageOf = (file: string) => { readonly rule: string; readonly fix?: string };

/** By extended code first, then by its first two parts (`SQLITE_IOERR_WRITE` → `SQLITE_IOERR`). */
const sqliteMessages: Readonly<Record<string, MessageOf>> = {
  SQLITE_FULL: () => ({
    rule: 'the disk is full; nothing was half-written',
    fix: 'free some space and run the same command again: it goes on where it stopped',
  }),
  SQLITE_NOTADB: () => ({ rule: 'this file is no SQLite database' }),
  SQLITE_CORRUPT: () => ({
    rule: 'the database is damaged',
    fix: 'restore a copy, or recover rows with: sqlite3 FILE .recover',
  }),
  SQLITE_CANTOPEN: () => ({
    rule: 'the database cannot be opened or created here',
    fix: 'check that the folder exists and may be written to',
  }),
  SQLITE_READONLY: () => ({
    rule: 'the database or its folder is read-only',
    fix: 'make it writable, or name another file with --db',
  }),
  SQLITE_PERM: () => ({ rule: 'no permission to open the database' }),
  SQLITE_BUSY: () => ({ rule: 'the database is in use by another program that holds it for too long' }),
  SQLITE_IOERR: () => ({
    rule: 'reading or writing the database failed',
    fix: 'check the disk: space, quota, network mount',
  }),
};

/** `error` as a UserError about `file` where SQLite's code says that it is one; otherwise `error` itself. */
export function asUserError(file: string, error: unknown): unknown {
  if (!(error instanceof Database.SqliteError)) return error;
  const found = sqliteMessages[error.code] ?? sqliteMessages[error.code.split('_').slice(0, 2).join('_')];
  if (!found) return error;
  const { rule, fix } = found(file);
  return new UserError(`${file}: ${rule} (${error.code}: ${error.message})`, {
    cause: error,
    ...(fix === undefined ? {} : { fix }),
  });
}

/** Runs `body`; SQLite's errors leave it as messages about `file`. */
export function withStoreErrors<V>(file: string, body: () => V): V {
  try {
    return body();
  } catch (error) {
    throw asUserError(file, error);
  }
}
