/** Reads what can be read of a table, also where some of its pages are damaged. */
import type Database from 'better-sqlite3';

export type Stored = Readonly<Record<string, unknown>>;

export interface ReadTable {
  readonly rows: readonly Stored[];
  /** SQLite's errors; empty: every row was read. */
  readonly problems: readonly string[];
}

const problemOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));

/** Rows of a query until it fails. */
function readUntilError(sqlite: Database.Database, query: string): ReadTable {
  const rows: Stored[] = [];
  try {
    for (const row of sqlite.prepare(query).iterate()) rows.push(row as Stored);
    return { rows, problems: [] };
  } catch (error) {
    return { rows, problems: [problemOf(error)] };
  }
}

/** Forwards, then backwards from the end where a page in the middle cannot be read. */
export function readTable(sqlite: Database.Database, table: string, key: readonly string[]): ReadTable {
  const forwards = readUntilError(sqlite, `SELECT * FROM ${table} NOT INDEXED`);
  if (forwards.problems.length === 0) return forwards;
  const order = isWithoutRowid(sqlite, table) ? key.map((name) => `${name} DESC`).join(', ') : 'rowid DESC';
  const backwards = readUntilError(sqlite, `SELECT * FROM ${table} NOT INDEXED ORDER BY ${order}`);
  const name = (row: Stored): string => JSON.stringify(key.map((column) => row[column]));
  const seen = new Set(forwards.rows.map(name));
  const rest = backwards.rows.filter((row) => !seen.has(name(row))).reverse();
  return { rows: [...forwards.rows, ...rest], problems: forwards.problems };
}

function isWithoutRowid(sqlite: Database.Database, table: string): boolean {
  try {
    sqlite.prepare(`SELECT rowid FROM ${table} LIMIT 0`);
    return false;
  } catch {
    return true;
  }
}
