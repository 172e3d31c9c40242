/**
 * Opens a result database: a writer creates and migrates it, a reader leaves it unchanged. WAL with
 * synchronous=FULL: reported results are durable, and readers never wait for the writer. Enters: a file.
 * Leaves: a Store for `record-results.ts`, `read-result.ts` and `tables/`. Callers: lab, report, explore and
 * cli.
 */
import { existsSync, mkdirSync, readFileSync } from 'node:fs';
import { dirname } from 'node:path';
import Database from 'better-sqlite3';
import { UserError } from '../util/errors.js';
import { doctorFix } from './damage/damaged-row.js';
import { changedSchema, withSchemaErrors } from './damage/schema-damage.js';
import { migrations } from './migrations/migration-table.js';
import { viewAsToday } from './older-schema.js';
import { withStoreErrors } from './sqlite-errors.js';
import { sqliteHeader } from './sqlite-header.js';
import type { Store } from './store.js';

export { readExperimentResult } from './read-result.js';
export type { Store } from './store.js';

/** "STGC": identifies a stagecraft database. */
const applicationId = 0x53544743;
/** Whether the file begins as a database of stagecraft does: SQLite's header with its application id. */
export function isStagecraftDatabase(file: string): boolean {
  const header = sqliteHeader(file);
  return header !== undefined && header.readUInt32BE(68) === applicationId;
}

const busyTimeoutMs = 10_000;

const schemaVersion = (sqlite: Database.Database): number =>
  sqlite.pragma('user_version', { simple: true }) as number;

/** Opens the bytes of a database in memory, with the header's journal mode changed from WAL to rollback. */
function inMemory(bytes: Buffer): Database.Database {
  bytes[18] = bytes[19] = 1;
  return new Database(bytes);
}

/** @throws UserError where the file does not exist @param experiment file whose run creates it */
export function assertDatabaseExists(file: string, experiment = 'EXPERIMENT'): void {
  if (existsSync(file)) return;
  throw new UserError(`${file}: no such database`, {
    fix: `create it with: npx stagecraft run ${experiment}`,
  });
}

function openReader(file: string): Database.Database {
  assertDatabaseExists(file);
  let sqlite: Database.Database | undefined;
  try {
    sqlite = new Database(file, { readonly: true, timeout: busyTimeoutMs });
    schemaVersion(sqlite);
    return sqlite;
  } catch (error) {
    sqlite?.close();
    const code = error instanceof Database.SqliteError ? error.code : '';
    if (/^SQLITE_(CANTOPEN|READONLY)/.test(code) && !existsSync(`${file}-wal`))
      return inMemory(readFileSync(file)); // WAL needs side files, which a read-only folder refuses
    throw error;
  }
}

function assertStagecraftDatabase(file: string, sqlite: Database.Database): void {
  const id = sqlite.pragma('application_id', { simple: true }) as number;
  if (id !== applicationId)
    throw new UserError(`${file}: must be a stagecraft database, got another SQLite database`, {
      fix: 'choose another file',
    });
  const found = schemaVersion(sqlite);
  if (found < 0)
    throw new UserError(`${file}: the header is damaged: schema version must be at least 1, got ${found}`, {
      fix: doctorFix(file),
    });
  if (found > migrations.length) {
    throw new UserError(`${file}: schema version must be at most ${migrations.length}, got ${found}`, {
      fix: 'update stagecraft; the file is unchanged',
    });
  }
}

/** Whether the file is new, or its first writer died before it created the tables. */
function isBlank(sqlite: Database.Database): boolean {
  return (
    schemaVersion(sqlite) === 0 && sqlite.prepare('SELECT count(*) FROM sqlite_schema').pluck().get() === 0
  );
}

function runMigrations(sqlite: Database.Database): void {
  sqlite
    .transaction(() => {
      if (isBlank(sqlite)) sqlite.pragma(`application_id = ${applicationId}`);
      for (let next = schemaVersion(sqlite); next < migrations.length; next++) {
        sqlite.exec(migrations[next]!);
        sqlite.pragma(`user_version = ${next + 1}`);
      }
    })
    .immediate();
}

/** @throws UserError where the tables are not those of the stated version, which a damaged header causes */
function migrate(file: string, sqlite: Database.Database): void {
  try {
    withSchemaErrors(file, sqlite, () => runMigrations(sqlite));
  } catch (error) {
    if (!(error instanceof Database.SqliteError) || error.code !== 'SQLITE_ERROR') throw error;
    throw wrongTables(file, sqlite, error.message, error);
  }
}

/** Opens for reading without changing the file: an older schema is read through temporary views. */
function asReader(file: string): Database.Database {
  const sqlite = openReader(file);
  try {
    assertStagecraftDatabase(file, sqlite);
    if (schemaVersion(sqlite) < migrations.length) viewOlder(file, sqlite);
    return sqlite;
  } catch (error) {
    sqlite.close();
    throw error;
  }
}

/** @throws UserError where the tables are not those of the stated version, which a damaged header causes */
function viewOlder(file: string, sqlite: Database.Database): void {
  try {
    const [changed] = changedSchema(sqlite);
    if (changed !== undefined) throw wrongTables(file, sqlite, changed);
    viewAsToday(sqlite);
  } catch (error) {
    if (!(error instanceof Database.SqliteError) || error.code !== 'SQLITE_ERROR') throw error;
    throw wrongTables(file, sqlite, error.message, error);
  }
}

const wrongTables = (file: string, sqlite: Database.Database, what: string, cause?: Error): UserError =>
  new UserError(
    `${file}: the database is damaged: the tables must be those of schema version ` +
      `${schemaVersion(sqlite)} (${what})`,
    { fix: doctorFix(file), ...(cause && { cause }) },
  );

/** Writing to a damaged database may damage more of it. @throws UserError with the first finding of SQLite */
function assertIntact(file: string, sqlite: Database.Database): void {
  const finding = sqlite.pragma('quick_check(1)', { simple: true }) as string;
  const changed = finding === 'ok' ? changedSchema(sqlite) : [];
  if (finding === 'ok' && changed.length === 0) return;
  const what = finding === 'ok' ? `the schema of ${changed.join(', ')}` : finding.replace(/\s+/g, ' ');
  throw new UserError(`${file}: the database is damaged and was not changed (${what})`, {
    fix: doctorFix(file),
  });
}

function openWriter(file: string): Database.Database {
  try {
    mkdirSync(dirname(file), { recursive: true });
  } catch (error) {
    throw new UserError(`${dirname(file)}: the folder cannot be created (${(error as Error).message})`, {
      cause: error,
    });
  }
  const sqlite = new Database(file, { timeout: busyTimeoutMs });
  try {
    if (!isBlank(sqlite)) {
      assertStagecraftDatabase(file, sqlite); // before anything is written to it
      assertIntact(file, sqlite);
    }
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
 * Opens a database for an examination: neither migrated nor checked.
 * @throws UserError where the file is no SQLite database, or cannot be opened
 */
export function openUnchecked(file: string): Database.Database {
  return withStoreErrors(file, () => openReader(file));
}

/**
 * @param file path; a writer creates the file and its folder if missing
 * @throws UserError where it is not a database, of another program, of a newer schema, or cannot be opened
 * @example const store = openStore('reports/quickstart/results.sqlite', { readonly: true });
 */
export function openStore(file: string, options: { readonly readonly?: boolean } = {}): Store {
  const readonly = options.readonly ?? false;
  return withStoreErrors(file, () => {
    const sqlite = readonly ? asReader(file) : openWriter(file);
    if (readonly) sqlite.pragma('query_only = ON');
    return { file, readonly, sqlite, statements: new Map(), damaged: new Map(), close: () => sqlite.close() };
  });
}
