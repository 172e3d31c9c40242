/** Turns SQLite's error codes into user errors with a fix. Other errors are bugs and stay as they are. */
import Database from 'better-sqlite3';
import { UserError } from '../util/errors.js';
import { doctorFix } from './damage/damaged-row.js';

type MessageOf = (file: string) => { readonly rule: string; readonly fix?: string };

/** By extended code, else by its first two parts (`SQLITE_IOERR_WRITE` → `SQLITE_IOERR`). */
const sqliteMessages: Readonly<Record<string, MessageOf>> = {
  SQLITE_FULL: () => ({
    rule: 'the disk is full; the last transaction was rolled back',
    fix: 'free disk space and run the same command again: it resumes',
  }),
  SQLITE_NOTADB: () => ({ rule: 'the file is not a SQLite database' }),
  SQLITE_FORMAT: () => ({ rule: 'the file is not a SQLite database' }),
  SQLITE_TOOBIG: (file) => ({ rule: 'the database is damaged', fix: doctorFix(file) }),
  SQLITE_NOMEM: (file) => ({
    rule: 'too little memory to read the database, or it is damaged',
    fix: doctorFix(file),
  }),
  SQLITE_CORRUPT: (file) => ({ rule: 'the database is damaged', fix: doctorFix(file) }),
  SQLITE_CANTOPEN: () => ({
    rule: 'the database cannot be opened or created here',
    fix: 'check that the folder exists and is writable',
  }),
  SQLITE_READONLY: () => ({
    rule: 'the database or its folder is read-only',
    fix: 'make it writable, or choose another file with --db',
  }),
  SQLITE_PERM: () => ({ rule: 'no permission to open the database' }),
  SQLITE_BUSY: () => ({ rule: 'another program has locked the database for too long' }),
  SQLITE_IOERR: () => ({
    rule: 'reading or writing the database failed',
    fix: 'check disk space, quota and network mounts',
  }),
};

/**
 * Converts `error` to a UserError about `file` if its SQLite code is in the table; returns `error` itself
 * otherwise.
 */
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

/** Runs `body` and rethrows its SQLite errors as user errors about `file`. */
export function withStoreErrors<V>(file: string, body: () => V): V {
  try {
    return body();
  } catch (error) {
    throw asUserError(file, error);
  }
}
