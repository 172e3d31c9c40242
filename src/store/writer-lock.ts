/**
 * One writer per database. The lock is an open write transaction on a small SQLite file beside it,
 * `<database>-lock`. The operating system releases it when the process dies, so no lock becomes stale.
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
 * Locks `databaseFile` for writing. Callers release the lock in a `finally` block; it also ends when the
 * returned value is garbage-collected.
 * @throws UserError where another process holds the lock
 */
export function lockWriter(databaseFile: string): WriterLock {
  const file = `${databaseFile}-lock`;
  return withStoreErrors(file, () => {
    const lock = new Database(file, { timeout: 0 });
    try {
      lock.exec(`BEGIN IMMEDIATE;
        CREATE TABLE IF NOT EXISTS holder
          (only INTEGER PRIMARY KEY CHECK (only = 1), pid INTEGER, since TEXT) STRICT;`);
      lock
        .prepare('INSERT OR REPLACE INTO holder VALUES (1, ?, ?)')
        .run(process.pid, new Date().toISOString());
      lock.exec('COMMIT; BEGIN IMMEDIATE;'); // the commit lets other processes read the holder
    } catch (error) {
      const who = describeHolder(lock);
      lock.close();
      if (!isBusy(error)) throw error;
      throw new UserError(`${databaseFile}: another run is writing to this database${who}`, {
        cause: error,
        fix: 'wait for it, stop it, or choose another file with --db; report and explore can read meanwhile',
      });
    }
    return { release: () => lock.close() };
  });
}
