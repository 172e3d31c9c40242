/** A damaged header of an older schema, which a reader migrates on a copy in memory. */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { expect, it } from 'vitest';
import { migrations } from '../../src/store/migrations/migration-table.js';
import { openStore } from '../../src/store/open-store.js';
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

it.each([1, migrations.length - 1])('openStore of schema %i migrates a copy for a reader', (version) => {
  const file = oldDatabase(version);
  const before = readFileSync(file);
  const store = openStore(file, { readonly: true });
  expect(store.sqlite.pragma('user_version', { simple: true })).toBe(migrations.length);
  store.close();
  expect(readFileSync(file).equals(before)).toBe(true);
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
  expect(seen).toMatch(/too little memory to read the database, or it is damaged/);
  expect(seen).toMatch(/schema version must be at least N, got N/);
  expect(seen).toMatch(/the tables must be those of schema version N/);
});
