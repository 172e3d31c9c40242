/** A short campaign over damaged files, and what becomes of one damaged row. */
import { copyFileSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { expect, it } from 'vitest';
import { leftOutText } from '../../../src/store/damage/damaged-row.js';
import { examineDatabase } from '../../../src/store/doctor/examine-database.js';
import { repairDatabase } from '../../../src/store/doctor/repair-database.js';
import { openStore, readExperimentResult } from '../../../src/store/open-store.js';
import {
  recordExperiment,
  recordProfile,
  recordSession,
  recordTraining,
  trialState,
} from '../../../src/store/record-results.js';
import { deviceId } from '../../../src/store/tables/device-table.js';
import { textHash } from '../../../src/util/canonical-json.js';
import { seededRandom } from '../../../src/util/random.js';
import {
  architectures,
  batchProfile,
  deviceKey,
  experiment,
  profileResult,
  temporaryFolder,
  trainResult,
  trials,
} from '../../store/stored-experiment.js';
import { damagedBytes, damagedColumn } from './mutations.js';

/** With the ids that their texts have. */
const networks = architectures.map((each) => ({ ...each, id: textHash(each.text) }));
const jobs = trials.map((trial) => ({
  ...trial,
  architecture_id: networks[Number(trial.architecture_id.slice(1))]!.id,
}));

/** A database with profiles and trainings of two architectures. */
function database(): string {
  const file = join(temporaryFolder(), 'results.sqlite');
  const store = openStore(file);
  recordExperiment(store, experiment, networks, jobs);
  const { sessionId } = recordSession(store, experiment.id, deviceKey, { load: 1 });
  for (const { id: trialId, job } of jobs) {
    if (job === 'profile') recordProfile(store, { trialId, sessionId }, profileResult(batchProfile(8, 4)));
    else recordTraining(store, { trialId, sessionId }, trainResult(0.5));
  }
  store.close();
  return file;
}

function damagedCopy(file: string, sql: string): string {
  const copy = `${file}.damaged`;
  copyFileSync(file, copy);
  const sqlite = new Database(copy);
  sqlite.pragma('ignore_check_constraints = ON');
  const triggers = sqlite.prepare("SELECT name, sql FROM sqlite_schema WHERE type = 'trigger'").all() as {
    name: string;
    sql: string;
  }[];
  for (const { name } of triggers) sqlite.exec(`DROP TRIGGER ${name}`);
  sqlite.exec(sql);
  for (const each of triggers) sqlite.exec(each.sql);
  sqlite.close();
  return copy;
}

it('one damaged row leaves the others, and is named with table, row, column and rule', () => {
  const file = damagedCopy(
    database(),
    `UPDATE profile_batch SET step_ms = '{"value":null}' WHERE profile_id = 1`,
  );
  const store = openStore(file, { readonly: true });
  const { candidates, damaged } = readExperimentResult(store);
  store.close();
  expect(damaged).toMatchObject([
    {
      table: 'profile_batch',
      row: 'profile_id 1, batch 8',
      column: 'step_ms',
      architectureId: networks[0]!.id,
    },
  ]);
  expect(damaged![0]!.reason).toMatch(/at value: .*expected number.*, got /);
  expect(candidates.map(({ profiles }) => profiles[0]!.launches.length)).toEqual([1, 2]);
  expect(candidates[0]!.failures).toMatchObject([{ job: 'profile', status: 'damaged' }]);
  expect(candidates[1]!.failures).toEqual([]);
});

it('a damaged last attempt is neither pending, nor failed, nor followed by another', () => {
  const file = damagedCopy(database(), "UPDATE training SET trained_at = 'soon' WHERE id = 1");
  const store = openStore(file);
  const trial = jobs.find(({ job }) => job === 'train')!;
  expect(trialState(store, trial, deviceId(deviceKey))).toBe('damaged');
  expect(() => recordTraining(store, { trialId: trial.id, sessionId: 1 }, trainResult(0.5))).toThrow(
    /the stored result of trial .* is damaged/,
  );
  const { damaged } = readExperimentResult(store);
  expect(leftOutText(damaged!, file)).toBe(
    `1 damaged value was left out; npx stagecraft doctor ${file} lists the damage`,
  );
  store.close();
});

it('doctor finds rows without their trial, and repair copies the rest into a new file', () => {
  const file = damagedCopy(
    database(),
    "PRAGMA foreign_keys = OFF; UPDATE training SET trial_id = 'gone' WHERE id = 1",
  );
  const before = readFileSync(file);
  const sqlite = new Database(file, { readonly: true });
  const { damaged, sound } = examineDatabase(sqlite);
  sqlite.close();
  expect(damaged.filter(({ table }) => table === 'training')).toMatchObject([
    { row: 'id 1', column: 'trial_id', reason: expect.stringContaining('got "gone"') as string },
  ]);
  expect(sound.get('training')).toHaveLength(3);
  const copy = `${file}.sound`;
  repairDatabase({ sound }, copy);
  expect(() => repairDatabase({ sound }, copy)).toThrow(/must be a new file/);
  expect(readFileSync(file).equals(before)).toBe(true);
  const store = openStore(copy); // a writer checks it
  const { candidates, damaged: left } = readExperimentResult(store);
  store.close();
  expect(left).toBeUndefined();
  expect(candidates.flatMap(({ scores }) => scores)).toHaveLength(3);
});

it.each(Array.from({ length: 60 }, (_, index) => index))(
  'damage %i ends in a result or an error for the user',
  (index) => {
    const file = database();
    const random = seededRandom(`damaged-files ${index}`);
    const bytes = (index % 3 === 0 ? damagedBytes : damagedColumn)(readFileSync(file), random);
    const copy = `${file}.damaged`;
    writeFileSync(copy, bytes);
    try {
      const store = openStore(copy, { readonly: true });
      try {
        expect(readExperimentResult(store).candidates.length).toBeLessThanOrEqual(2);
      } finally {
        store.close();
      }
    } catch (error) {
      expect((error as Error).name).toBe('UserError');
      expect((error as Error).message).not.toContain('\n');
    }
    expect(readFileSync(copy).equals(bytes)).toBe(true);
  },
);
