/**
 * One writer per database. The lock is a write transaction held open on a small SQLite file beside it,
 * `<database>-lock`: the operating system lets go of it when the process dies, however it dies, so there is
 * no stale lock to clear.
 */
import Database from 'better-sqlite3';
import { UserError } from '../util/errors.js';
import { withStoreErrors } from './sqlite-errors.js';

export interface WriterLock {
  release(): void;
}

const isBusy = (error: unknown): boolean =>
  error instanceof Database.SqliteError && error.code.startsWith('SQLITE_BUSY');

function describeHolder(lock: Database.Database): string {
  try {
    const row = lock.prepare('SELECT pid, since FROM holder').get() as
      | { pid: number; since: string }
      | undefined;
    return row ? ` (process ${row.pid}, since ${row.since})` : '';
  } catch {
    return '';
  }
}

/**
 * The lock lasts until `release`, or until the returned value is no longer held. @throws UserError where
 * another process writes to `databaseFile`
 */
export function lockWriter(databaseFile: string): WriterLock {
  const file = `${databaseFile}-lock`;
  return withStoreErrors(file, () => {
    const lock = new Database(file, { timeout: 0 });
    try {
      lock.exec(
        'BEGIN IMMEDIATE; CREATE TABLE IF NOT EXISTS holder (only INTEGER PRIMARY KEY CHECK (only = 1), pid INTEGER, since TEXT) STRICT;',
      );
      lock
        .prepare('INSERT OR REPLACE INTO holder VALUES (1, ?, ?)')
        .run(process.pid, new Date().toISOString());
      lock.exec('COMMIT; BEGIN IMMEDIATE;'); // committed, so that others can read who holds it
    } catch (error) {
      const who = describeHolder(lock);
      lock.close();
      if (!isBusy(error)) throw error;
      throw new UserError(`${databaseFile}: another run is writing to this database${who}`, {
        cause: error,
        fix: 'wait for it, stop it, or name another file with --db; report and explore may read meanwhile',
      });
    }
    return { release: () => lock.close() };
  });
}
