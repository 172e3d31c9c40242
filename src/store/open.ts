/**
 * Opens a result database: creates and migrates it for a writer, takes it as it is for a reader. WAL with synchronous=FULL:
 * what has been reported is on the disk, and readers never wait for the writer.
 */
import { existsSync, mkdirSync, readFileSync, statSync } from 'node:fs';
import { dirname } from 'node:path';
import Database from 'better-sqlite3';
import { UserError } from '../util/errors.js';
import { withStoreErrors } from './errors.js';
import { migrations } from './migrations/table.js';
import type { Store } from './store.js';

export { readExperimentResult } from './read-result.js';
export type { Store } from './store.js';

/** "STGC": marks a file as ours. */
const applicationId = 0x53544743;
const busyTimeoutMs = 10_000;

const version = (sqlite: Database.Database): number => sqlite.pragma('user_version', { simple: true }) as number;

/**
 * A reader's handle where the folder may not be written to: a WAL database without its side files cannot be opened there,
 * so the file is read whole, with the two header bytes that say WAL set to say rollback journal.
 */
function openSnapshot(file: string): Database.Database {
  const bytes = readFileSync(file);
  bytes[18] = bytes[19] = 1;
  return new Database(bytes, { readonly: true });
}

function openReader(file: string): Database.Database {
  if (!existsSync(file)) throw new UserError(`${file}: no such database`, { fix: 'stagecraft run EXPERIMENT makes one' });
  let sqlite: Database.Database | undefined;
  try {
    sqlite = new Database(file, { readonly: true, timeout: busyTimeoutMs });
    version(sqlite);
    return sqlite;
  } catch (error) {
    sqlite?.close();
    const code = error instanceof Database.SqliteError ? error.code : '';
    if (/^SQLITE_(CANTOPEN|READONLY)/.test(code) && !existsSync(`${file}-wal`)) return openSnapshot(file);
    throw error;
  }
}

function assertOurs(file: string, sqlite: Database.Database): void {
  const id = sqlite.pragma('application_id', { simple: true }) as number;
  if (id !== applicationId) throw new UserError(`${file}: a stagecraft database is needed, got another SQLite database`, { fix: 'name another file' });
  const found = version(sqlite);
  if (found > migrations.length) {
    throw new UserError(`${file}: the database has schema version ${found}, this stagecraft knows up to ${migrations.length}`, { fix: 'update stagecraft; the file was left untouched' });
  }
}

function migrate(file: string, sqlite: Database.Database): void {
  const isNew = sqlite.prepare('SELECT count(*) AS n FROM sqlite_schema').pluck().get() === 0 && version(sqlite) === 0;
  if (!isNew) assertOurs(file, sqlite);
  sqlite.transaction(() => {
    if (isNew) sqlite.pragma(`application_id = ${applicationId}`);
    for (let next = version(sqlite); next < migrations.length; next++) {
      sqlite.exec(migrations[next]!);
      sqlite.pragma(`user_version = ${next + 1}`);
    }
  }).immediate();
}

function openWriter(file: string): Database.Database {
  try {
    mkdirSync(dirname(file), { recursive: true });
  } catch (error) {
    throw new UserError(`${dirname(file)}: the folder cannot be made (${(error as Error).message})`, { cause: error });
  }
  const sqlite = new Database(file, { timeout: busyTimeoutMs });
  try {
    const isEmpty = statSync(file).size === 0;
    if (!isEmpty) assertOurs(file, sqlite); // before anything is written to it
    sqlite.pragma('journal_mode = WAL');
    sqlite.pragma('synchronous = FULL');
    sqlite.pragma('foreign_keys = ON');
    migrate(file, sqlite);
    return sqlite;
  } catch (error) {
    sqlite.close();
    throw error;
  }
}

/**
 * @param file path; for a writer it is created with its folder where absent
 * @throws UserError where it is no database, another program's, of a newer schema, or cannot be opened
 * @example const store = openStore('reports/quickstart/results.sqlite', { readonly: true });
 */
export function openStore(file: string, options: { readonly readonly?: boolean } = {}): Store {
  const readonly = options.readonly ?? false;
  return withStoreErrors(file, () => {
    const sqlite = readonly ? openReader(file) : openWriter(file);
    if (readonly) {
      try {
        assertOurs(file, sqlite);
      } catch (error) {
        sqlite.close();
        throw error;
      }
    }
    return { file, readonly, sqlite, statements: new Map(), close: () => sqlite.close() };
  });
}
