/** Databases of older schemas, sound and with a damaged header, as readers open them. */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { expect, it } from 'vitest';
import { emptyDatabase } from '../../src/store/damage/schema-damage.js';
import { migrations } from '../../src/store/migrations/migration-table.js';
import { openStore } from '../../src/store/open-store.js';
import { epochsByTraining } from '../../src/store/tables/epoch-table.js';
import { UserError } from '../../src/util/errors.js';
import { temporaryFolder } from './stored-experiment.js';

const applicationIdAt = 68;
const headerBytes = 100;

/** An empty database of an older schema, with its rollback journal. */
function oldDatabase(version: number): string {
  const folder = temporaryFolder();
  const file = join(folder, 'results.sqlite');
  const current = openStore(join(folder, 'current.sqlite'));
  const applicationId = current.sqlite.pragma('application_id', { simple: true }) as number;
  current.close();
  const sqlite = new Database(file);
  for (const migration of migrations.slice(0, version)) sqlite.exec(migration);
  sqlite.pragma(`user_version = ${version}`);
  sqlite.pragma(`application_id = ${applicationId}`);
  sqlite.close();
  expect(readFileSync(file).readUInt32BE(applicationIdAt)).toBe(applicationId);
  return file;
}

/** Names of the tables with those of their columns, as queries see them. */
function columnsByTable(sqlite: Database.Database, tables: readonly string[]): Record<string, string[]> {
  return Object.fromEntries(
    tables.map((table) => [
      table,
      sqlite
        .prepare(`SELECT * FROM ${table}`)
        .columns()
        .map(({ name }) => name)
        .sort(),
    ]),
  );
}

it.each(migrations.map((_, index) => index + 1))(
  'openStore shows a reader of schema %i the tables and columns of today, and changes nothing',
  (version) => {
    const file = oldDatabase(version);
    const before = readFileSync(file);
    const today = emptyDatabase();
    const tables = today
      .prepare("SELECT name FROM sqlite_schema WHERE type = 'table'")
      .pluck()
      .all() as string[];
    const store = openStore(file, { readonly: true });
    expect(tables.length).toBeGreaterThan(10);
    expect(columnsByTable(store.sqlite, tables)).toEqual(columnsByTable(today, tables));
    store.close();
    expect(readFileSync(file).equals(before)).toBe(true);
  },
);

it('openStore reads rows of an older table, with null where it has no column', () => {
  const file = oldDatabase(1);
  const writer = new Database(file);
  writer.pragma('foreign_keys = OFF');
  const epoch = 'INSERT INTO epoch (training_id, epoch, learning_rate, images_per_second, seconds)';
  writer.exec(`${epoch} VALUES (7, 1, 0.1, 2, 3), (7, 2, 0.1, 2, 3)`);
  writer.close();
  const store = openStore(file, { readonly: true });
  expect([...epochsByTraining(store, [7]).get(7)!].map(({ epoch, seconds }) => [epoch, seconds])).toEqual([
    [1, 3],
    [2, 3],
  ]);
  expect(epochsByTraining(store, [7]).get(7)![0]).not.toHaveProperty('peakBytes');
  // an index of the file still finds the rows
  const plan = store.sqlite.prepare('EXPLAIN QUERY PLAN SELECT * FROM epoch WHERE training_id = 7').all();
  expect(JSON.stringify(plan)).toMatch(/SEARCH main.epoch USING INDEX/);
  store.close();
});

it('openStore answers every damaged byte of an old header with a store, or an error of one line', () => {
  const file = oldDatabase(migrations.length - 1);
  const sound = readFileSync(file);
  const damaged = `${file}.damaged`;
  const messages = new Set<string>();
  for (let offset = 0; offset < headerBytes; offset++) {
    for (const value of [0, 0x80, sound[offset]! ^ 1]) {
      const bytes = Buffer.from(sound);
      bytes[offset] = value;
      writeFileSync(damaged, bytes);
      try {
        openStore(damaged, { readonly: true }).close();
      } catch (error) {
        expect(error).toBeInstanceOf(UserError);
        expect((error as Error).message).not.toContain('\n');
        messages.add((error as Error).message.replace(damaged, '').replace(/-?\d+/g, 'N'));
      }
      expect(readFileSync(damaged).equals(bytes)).toBe(true);
    }
  }
  const seen = [...messages].join('\n');
  expect(seen).toMatch(/schema version must be at least N, got N/);
  expect(seen).toMatch(/the tables must be those of schema version N/);
});
