/** Whether a database's tables are those that its schema version has. */
import Database from 'better-sqlite3';
import { UserError } from '../../util/errors.js';
import { migrations } from '../migrations/migration-table.js';
import { doctorFix } from './damaged-row.js';

interface Entry {
  readonly name: string;
  readonly sql: string;
}

const entries = (sqlite: Database.Database): Entry[] =>
  sqlite
    .prepare(
      "SELECT name, sql FROM sqlite_schema WHERE sql IS NOT NULL AND name NOT LIKE 'sqlite_%' ORDER BY name",
    )
    .all() as Entry[];

/** An empty database in memory, by the first `version` migrations. */
export function emptyDatabase(version = migrations.length): Database.Database {
  const sqlite = new Database(':memory:');
  for (const migration of migrations.slice(0, version)) sqlite.exec(migration);
  sqlite.pragma(`user_version = ${version}`);
  return sqlite;
}

/** The names of tables, indices and triggers that are missing or changed. @throws SqliteError */
export function changedSchema(sqlite: Database.Database): string[] {
  const version = sqlite.pragma('user_version', { simple: true }) as number;
  const empty = emptyDatabase(Math.min(Math.max(version, 0), migrations.length));
  try {
    const found = new Map(entries(sqlite).map(({ name, sql }) => [name, sql]));
    return entries(empty)
      .filter(({ name, sql }) => found.get(name) !== sql)
      .map(({ name }) => name);
  } finally {
    empty.close();
  }
}

/**
 * Runs `body`; an SQL error that comes from a damaged schema becomes a user's.
 * @throws UserError naming the tables
 */
export function withSchemaErrors<V>(file: string, sqlite: Database.Database, body: () => V): V {
  try {
    return body();
  } catch (error) {
    if (!(error instanceof Database.SqliteError) || error.code !== 'SQLITE_ERROR') throw error;
    let changed: string[];
    try {
      changed = changedSchema(sqlite);
    } catch {
      changed = ['all'];
    }
    if (changed.length === 0) throw error;
    throw new UserError(
      `${file}: the schema is damaged at ${changed.slice(0, 3).join(', ')} (${error.message})`,
      { cause: error, fix: doctorFix(file) },
    );
  }
}
