import { spawnSync } from 'node:child_process';
import { chmodSync, copyFileSync, existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { describe, expect, it } from 'vitest';
import { migrations } from '../../src/store/migrations/migration-table.js';
import { openStore, readExperimentResult } from '../../src/store/open-store.js';
import { recordProfile, recordSession, recordTraining, trialState } from '../../src/store/record-results.js';
import { deviceId } from '../../src/store/tables/device-table.js';
import { batchesByProfile } from '../../src/store/tables/profile-batch-table.js';
import {
  architectures,
  batchProfile,
  deviceKey,
  experiment,
  failedBatch,
  filled,
  profileResult,
  temporaryFolder,
  trainResult,
  userError,
} from './stored-experiment.js';

const root = join(import.meta.dirname, '../..');

describe('openStore', () => {
  it('makes the folder and a database with WAL, full synchronisation and foreign keys', () => {
    const { store } = filled(join(temporaryFolder(), 'deep/er/results.sqlite'));
    expect(store.sqlite.pragma('journal_mode', { simple: true })).toBe('wal');
    expect(store.sqlite.pragma('synchronous', { simple: true })).toBe(2);
    expect(store.sqlite.pragma('foreign_keys', { simple: true })).toBe(1);
    expect(store.sqlite.pragma('user_version', { simple: true })).toBe(migrations.length);
    expect(
      store.sqlite
        .prepare(
          "SELECT name FROM pragma_table_list WHERE schema = 'main' AND NOT strict AND name NOT LIKE 'sqlite_%'",
        )
        .all(),
    ).toEqual([]);
    store.close();
  });

  it('refuses a file that is no database, and leaves it as it was', () => {
    const file = join(temporaryFolder(), 'notes.txt');
    writeFileSync(file, 'these are notes, and not a database\n'.repeat(50));
    const before = readFileSync(file);
    for (const readonly of [true, false])
      expect(userError(() => openStore(file, { readonly })).message).toMatch(
        /notes\.txt: the file is not a SQLite database/,
      );
    expect(readFileSync(file)).toEqual(before);
  });

  it("refuses another program's database, and leaves it as it was", () => {
    const file = join(temporaryFolder(), 'other.sqlite');
    const other = new Database(file);
    other.exec('CREATE TABLE mine (x)');
    other.close();
    const before = readFileSync(file);
    for (const readonly of [true, false])
      expect(userError(() => openStore(file, { readonly })).message).toMatch(
        /must be a stagecraft database, got another SQLite database/,
      );
    expect(readFileSync(file)).toEqual(before);
  });

  it('refuses a newer schema, and leaves it as it was', () => {
    const file = join(temporaryFolder(), 'results.sqlite');
    const { store } = filled(file);
    store.sqlite.pragma(`user_version = ${migrations.length + 1}`);
    store.close();
    const before = readFileSync(file);
    for (const readonly of [true, false]) {
      expect(userError(() => openStore(file, { readonly })).message).toMatch(
        new RegExp(`schema version must be at most ${migrations.length}, got ${migrations.length + 1}`),
      );
    }
    expect(readFileSync(file)).toEqual(before);
  });

  it('says that a database is not there to be read', () => {
    expect(
      userError(() => openStore(join(temporaryFolder(), 'none.sqlite'), { readonly: true })).message,
    ).toMatch(/no such database/);
  });

  it('refuses a truncated database with a message', () => {
    const file = join(temporaryFolder(), 'results.sqlite');
    filled(file).store.close();
    writeFileSync(file, readFileSync(file).subarray(0, 5000));
    expect(userError(() => readExperimentResult(openStore(file, { readonly: true }))).message).toMatch(
      /damaged|SQLITE_/,
    );
  });

  it('reads, and refuses to write, where folder and file are read-only', () => {
    const folder = temporaryFolder();
    const file = join(folder, 'results.sqlite');
    filled(file).store.close();
    chmodSync(file, 0o444);
    chmodSync(folder, 0o555);
    // Root may write anywhere, so the question is asked as nobody.
    const asked = spawnSync(
      process.execPath,
      [
        '--input-type=module',
        '-e',
        `
      import { openStore, readExperimentResult } from ${JSON.stringify(join(root, 'dist/store/open-store.js'))};
      console.log(readExperimentResult(openStore(${JSON.stringify(file)}, { readonly: true })).experiment.name);
      try { openStore(${JSON.stringify(file)}); } catch (error) { console.log(error.name, error.message); }
      try { openStore(${JSON.stringify(join(folder, 'new.sqlite'))}); } catch (error) { console.log(error.name, error.message); }
    `,
      ],
      { encoding: 'utf8', ...(process.getuid?.() === 0 ? { uid: 65534, gid: 65534 } : {}) },
    );
    chmodSync(folder, 0o755);
    expect(asked.stderr).toBe('');
    const [name, write, create] = asked.stdout.split('\n');
    expect(name).toBe('demo');
    expect(write).toMatch(/^UserError .*read-only/);
    expect(create).toMatch(/^UserError .*cannot be opened or created/);
  });
});

describe('recordProfile, recordTraining', () => {
  it('keep every number, sample and curve', () => {
    const { store, sessionId } = filled(join(temporaryFolder(), 'r.sqlite'));
    const rows = [batchProfile(1, 2), batchProfile(16, 20)];
    expect(recordProfile(store, { trialId: 'profile-a0-1', sessionId }, profileResult(...rows)).status).toBe(
      'ok',
    );
    recordTraining(store, { trialId: 'train-a0-1', sessionId }, trainResult(0.5));
    const result = readExperimentResult(store);
    const [first, second] = result.candidates;
    expect([...batchesByProfile(store, [1]).values()]).toEqual([rows]);
    const summaries = rows.map(
      ({ samplesMs: _s, anchorSamplesMs: _a, outliers: _o, latencySamplesMs: _l, load: _load, ...summary }) =>
        summary,
    );
    expect(first!.profiles.map(({ launches }) => launches)).toEqual(summaries.map((row) => [row]));
    expect(first!.profiles[1]).toMatchObject({
      stepMs: rows[1]!.stepMs,
      coldStartMs: 400,
      peakBytes: 5_000_000_000,
    });
    expect(first!.scores).toEqual([
      { seed: 1, top1: 0.5, loss: 1.5, seconds: 2, curve: trainResult(0.5).epochs },
    ]);
    expect(first!.top1!.samples).toBe(1);
    expect(second).toMatchObject({ layout: 'CT', profiles: [], scores: [], failures: [] });
    expect(result).toMatchObject({
      spaceCount: '12345678901234567890',
      datasetHash: 'd1',
      jobs: { planned: 8, done: 2, failed: 0 },
      environment: { host: 'here' },
      device: { key: deviceKey },
    });
  });

  it('a settled trial is never stored twice, a failed one only as a further attempt', () => {
    const { store, sessionId } = filled(join(temporaryFolder(), 'r.sqlite'));
    const [profile, train] = [
      { trialId: 'profile-a0-1', sessionId },
      { trialId: 'train-a0-1', sessionId },
    ];
    const state = (id: string, job: 'profile' | 'train'): string =>
      trialState(store, { id, job }, deviceId(deviceKey));
    expect(state(profile.trialId, 'profile')).toBe('pending');
    expect(recordProfile(store, profile, profileResult(batchProfile(1, 2), failedBatch(16))).status).toBe(
      'partial',
    );
    recordTraining(
      store,
      train,
      trainResult(0, { status: 'diverged', reason: 'loss is NaN at step 3', epochs: [] }),
    );
    expect([state(profile.trialId, 'profile'), state(train.trialId, 'train')]).toEqual(['failed', 'failed']);
    expect(readExperimentResult(store).candidates[0]!.failures).toEqual([
      { job: 'profile', status: 'out-of-memory', reason: 'the device has no more memory', batch: 16 },
      { job: 'train', status: 'diverged', reason: 'loss is NaN at step 3', seed: 1 },
    ]);
    recordProfile(store, profile, profileResult(batchProfile(1, 2), batchProfile(16, 20)));
    recordTraining(store, train, trainResult(0.5));
    expect([state(profile.trialId, 'profile'), state(train.trialId, 'train')]).toEqual(['done', 'done']);
    expect(() => recordProfile(store, profile, profileResult(batchProfile(1, 3)))).toThrow(
      /measured once per device/,
    );
    expect(() => recordTraining(store, train, trainResult(0.6))).toThrow(/trained once/);
    const result = readExperimentResult(store);
    expect(result.candidates[0]!.failures).toEqual([]);
    expect(result.jobs).toEqual({ planned: 8, done: 2, failed: 0 });
  });

  it('the tables refuse a second settled row, changes and deletions by themselves', () => {
    const { store, sessionId } = filled(join(temporaryFolder(), 'r.sqlite'));
    recordTraining(store, { trialId: 'train-a0-1', sessionId }, trainResult(0.5));
    const copy =
      'INSERT INTO training SELECT NULL, trial_id, device_id, session_id, attempt + 1, status, reason, dataset_hash, top1, loss, validation_count, steps, seconds, first_step_ms, resumed_from_epoch, trained_at, top5, miou, weights_file, weights_sha256, stopped FROM training';
    expect(() => store.sqlite.exec(copy)).toThrow(/UNIQUE/);
    expect(() => store.sqlite.exec('UPDATE training SET top1 = 1')).toThrow(/append-only/);
    expect(() => store.sqlite.exec('DELETE FROM epoch')).toThrow(/append-only/);
    expect(() => store.sqlite.exec("INSERT INTO plan VALUES ('e1', 'no such trial', 99)")).toThrow(
      /FOREIGN KEY/,
    );
  });

  it('a full disk is a clear error, nothing is half-written, and the result can be stored afterwards', () => {
    const { store, sessionId } = filled(join(temporaryFolder(), 'r.sqlite'));
    const pages = store.sqlite.pragma('page_count', { simple: true }) as number;
    store.sqlite.pragma(`max_page_count = ${pages}`);
    const big = trainResult(0.5);
    const many = {
      ...big,
      epochs: Array.from({ length: 5000 }, (_, index) => ({ ...big.epochs[0]!, epoch: index + 1 })),
    };
    const error = userError(() => recordTraining(store, { trialId: 'train-a0-1', sessionId }, many));
    expect(error.message).toMatch(/r\.sqlite: the disk is full/);
    expect(error.fix).toMatch(/run the same command again: it resumes/);
    expect(
      store.sqlite
        .prepare(
          'SELECT (SELECT count(*) FROM training) AS trainings, (SELECT count(*) FROM epoch) AS epochs',
        )
        .get(),
    ).toEqual({ trainings: 0, epochs: 0 });
    store.sqlite.pragma('max_page_count = 100000');
    recordTraining(store, { trialId: 'train-a0-1', sessionId }, many);
    expect(readExperimentResult(store).candidates[0]!.scores[0]!.curve).toHaveLength(5000);
  });

  it('losses that are no numbers come back as such', () => {
    const { store, sessionId } = filled(join(temporaryFolder(), 'r.sqlite'));
    const row = { ...trainResult(0.5).epochs[0]!, trainLoss: Number.NaN, gradientNorm: Infinity };
    recordTraining(store, { trialId: 'train-a0-1', sessionId }, trainResult(0.5, { epochs: [row] }));
    expect(readExperimentResult(store).candidates[0]!.scores[0]!.curve[0]).toEqual({
      ...row,
      gradientNorm: Number.NaN,
    });
  });
});

describe('readExperimentResult', () => {
  it('keeps devices apart', () => {
    const { store, sessionId } = filled(join(temporaryFolder(), 'r.sqlite'));
    recordProfile(store, { trialId: 'profile-a0-1', sessionId }, profileResult(batchProfile(1, 2)));
    const other = { ...deviceKey, device: 'other cpu' };
    const next = recordSession(store, experiment.id, other, { host: 'there' });
    expect(trialState(store, { id: 'profile-a0-1', job: 'profile' }, next.deviceId)).toBe('pending');
    recordProfile(
      store,
      { trialId: 'profile-a0-1', sessionId: next.sessionId },
      { ...profileResult(batchProfile(1, 9)), deviceKey: other },
    );
    const latest = readExperimentResult(store);
    expect(latest.device.key).toEqual(other);
    expect(latest.otherDevices.map(({ key }) => key)).toEqual([deviceKey]);
    expect(latest.candidates[0]!.profiles[0]!.stepMs!.value).toBe(9);
    expect(
      readExperimentResult(store, 'e1', deviceId(deviceKey)).candidates[0]!.profiles[0]!.stepMs!.value,
    ).toBe(2);
    expect(userError(() => readExperimentResult(store, 'e1', 'nope')).message).toMatch(
      /no results of device "nope"/,
    );
    expect(userError(() => readExperimentResult(store, 'nope')).fix).toMatch(/e1 \(demo\)/);
  });

  it('reads what is committed while a writer is at it, and sees the next result', () => {
    const file = join(temporaryFolder(), 'r.sqlite');
    const { store, sessionId } = filled(file);
    const reader = openStore(file, { readonly: true });
    expect(readExperimentResult(reader).jobs.done).toBe(0);
    store.sqlite.exec('BEGIN IMMEDIATE');
    expect(readExperimentResult(reader).jobs.done).toBe(0);
    store.sqlite.exec('COMMIT');
    recordTraining(store, { trialId: 'train-a1-2', sessionId }, trainResult(0.4));
    expect(readExperimentResult(reader).jobs.done).toBe(1);
    expect(() => reader.sqlite.exec('CREATE TABLE x (y)')).toThrow(/readonly/);
  });
});

describe('a database of an older schema', () => {
  /** As the first release left it, with one profile in it. */
  function old(): string {
    const file = join(temporaryFolder(), 'r.sqlite');
    const sqlite = new Database(file);
    sqlite.pragma('journal_mode = WAL');
    sqlite.pragma(`application_id = ${0x53544743}`);
    sqlite.exec(migrations[0]!);
    sqlite.pragma('user_version = 1');
    sqlite.exec(`INSERT INTO experiment VALUES ('e1', 'demo', '', '', '1', '', '{}', '{}', '[]', '');
      INSERT INTO architecture VALUES ('a0', '${architectures[0]!.text}', 'CC', 'symmetric', 1, 2, 3); INSERT INTO device VALUES ('d', '{}'); INSERT INTO session VALUES (1, 'e1', 'd', '', '{}');
      INSERT INTO trial VALUES ('t', 'profile', 'a0', 1, '{}'); INSERT INTO plan VALUES ('e1', 't', 0);
      INSERT INTO profile VALUES (1, 't', 'd', 1, 1, 'ok', '', 1, '{}', '');
      INSERT INTO profile_batch (profile_id, batch, status, reason, flags, step_ms) VALUES (1, 8, 'ok', '', '[]', '{"value":2,"low":1,"high":3,"samples":9}')`);
    sqlite.close();
    return file;
  }
  it('is read without being changed, and brought up to date by the next writer with everything in it', () => {
    const file = old();
    const before = readFileSync(file);
    const read = (): unknown => {
      const store = openStore(file, { readonly: true });
      try {
        return readExperimentResult(store).candidates[0]!.profiles[0]!.stepMs;
      } finally {
        store.close();
      }
    };
    expect(read()).toEqual({ value: 2, low: 1, high: 3, samples: 9 });
    expect(readFileSync(file)).toEqual(before);
    const store = openStore(file);
    expect(store.sqlite.pragma('user_version', { simple: true })).toBe(migrations.length);
    store.close();
    expect(read()).toEqual({ value: 2, low: 1, high: 3, samples: 9 });
  });
});

describe('a database whose writer has closed it', () => {
  it('is one file: a copy of it alone opens', () => {
    const folder = temporaryFolder();
    const file = join(folder, 'r.sqlite');
    filled(file).store.close();
    expect(existsSync(`${file}-wal`)).toBe(false);
    copyFileSync(file, join(folder, 'copy.sqlite'));
    expect(
      readExperimentResult(openStore(join(folder, 'copy.sqlite'), { readonly: true })).experiment.id,
    ).toBe('e1');
  });
  it('whose first writer died before it had made the tables is a new one', () => {
    const file = join(temporaryFolder(), 'r.sqlite');
    const blank = new Database(file);
    blank.pragma('journal_mode = WAL');
    blank.close();
    expect(readFileSync(file).length).toBeGreaterThan(0);
    expect(readExperimentResult(filled(file).store).experiment.id).toBe('e1');
  });
});
