/**
 * Reads a database of an older schema as one of today's: temporary views add its missing columns, temporary
 * tables stand for its missing tables. Nothing is copied, and the file stays as it is.
 */
import type Database from 'better-sqlite3';
import { emptyDatabase } from './damage/schema-damage.js';

interface ColumnInfo {
  readonly name: string;
  /** SQL of the default value; null: none. */
  readonly dflt_value: string | null;
}

const columnsOf = (sqlite: Database.Database, table: string): ColumnInfo[] =>
  sqlite.prepare('SELECT name, dflt_value FROM pragma_table_info(?)').all(table) as ColumnInfo[];

/** Names of temporary tables and views hide those of the file. @param sqlite open for reading */
export function viewAsToday(sqlite: Database.Database): void {
  const today = emptyDatabase();
  try {
    const tables = today
      .prepare("SELECT name, sql FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite_%'")
      .all() as { readonly name: string; readonly sql: string }[];
    for (const { name, sql } of tables) {
      const present = new Set(columnsOf(sqlite, name).map((column) => column.name));
      const missing = columnsOf(today, name).filter((column) => !present.has(column.name));
      if (present.size === 0) sqlite.exec(sql.replace(/^CREATE TABLE/i, 'CREATE TEMP TABLE'));
      else if (missing.length > 0) sqlite.exec(viewText(name, missing));
    }
  } finally {
    today.close();
  }
}

function viewText(table: string, missing: readonly ColumnInfo[]): string {
  const added = missing.map(({ name, dflt_value: value }) => `${value ?? 'NULL'} AS ${name}`);
  return `CREATE TEMP VIEW ${table} AS SELECT ${table}.*, ${added.join(', ')} FROM main.${table}`;
}
