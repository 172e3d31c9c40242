/** Copies the sound rows of a database into a new file. */
import { existsSync, rmSync } from 'node:fs';
import { UserError } from '../../util/errors.js';
import { openStore } from '../open-store.js';
import { type Store, transaction } from '../store.js';
import type { Examined } from './examine-database.js';
import type { Stored } from './read-table.js';

/**
 * Writes `sound` into a new database.
 * @returns the number of rows copied
 * @throws UserError where `file` exists or cannot be written
 */
export function repairDatabase({ sound }: Pick<Examined, 'sound'>, file: string): number {
  if (existsSync(file))
    throw new UserError(`${file}: must be a new file, and it exists`, { fix: 'name another' });
  let copied = 0;
  try {
    const store = openStore(file);
    try {
      transaction(store, () => {
        for (const [table, rows] of sound) copied += copyRows(store, table, rows);
      });
      store.sqlite.pragma('wal_checkpoint(TRUNCATE)');
    } finally {
      store.close();
    }
  } catch (error) {
    for (const end of ['', '-wal', '-shm']) rmSync(`${file}${end}`, { force: true });
    throw error;
  }
  return copied;
}

function copyRows({ sqlite }: Store, table: string, rows: readonly Stored[]): number {
  const known = new Set(
    (sqlite.pragma(`table_info(${table})`) as { name: string }[]).map(({ name }) => name),
  );
  const names = Object.keys(rows[0] ?? {}).filter((name) => known.has(name));
  if (names.length === 0) return 0;
  const insert = sqlite.prepare(
    `INSERT OR IGNORE INTO ${table} (${names.join(', ')}) VALUES (${names.map(() => '?').join(', ')})`,
  );
  return rows.reduce((sum, row) => sum + insert.run(...names.map((name) => row[name])).changes, 0);
}
