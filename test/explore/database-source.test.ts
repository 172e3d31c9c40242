import { existsSync, mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import Database from 'better-sqlite3';
import { afterAll, describe, expect, it } from 'vitest';
import { databaseSource } from '../../src/explore/database-source.js';
import { runExplore } from '../../src/explore/run-explore.js';
import { createDatabase } from '../fixtures/experiment-database.js';
import { fixtureResult } from '../fixtures/experiment-result.js';

const folder = mkdtempSync(join(tmpdir(), 'explore-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
const fixture = fixtureResult({ candidates: 6, failures: false });

describe('databaseSource', () => {
  it('reads again only what changed, while another writes', () => {
    const file = join(folder, 'grows.sqlite');
    const writer = createDatabase(file, fixture);
    const source = databaseSource(file);
    writer.record(2);
    const scored = (result: ReturnType<typeof source.read>): number =>
      result!.candidates.filter((candidate) => candidate.top1).length;
    expect(scored(source.read())).toBe(2);
    expect(source.read()).toBeUndefined();
    writer.record(3);
    expect(scored(source.read())).toBe(5);
    expect(source.read()).toBeUndefined();
  });
  it('a grown database reads as a fresh reader reads it, and known networks stay the same objects', () => {
    const file = join(folder, 'follows.sqlite');
    const writer = createDatabase(file, fixture);
    const source = databaseSource(file);
    writer.record(3);
    const before = source.read()!;
    writer.record(3);
    const after = source.read()!;
    expect(after).toEqual(databaseSource(file).read());
    expect(after).not.toEqual(before);
    before.candidates.forEach(({ architecture, scores }, index) => {
      expect(after.candidates[index]!.architecture).toBe(architecture);
      scores.forEach(({ curve }, seed) => {
        expect(after.candidates[index]!.scores[seed]!.curve).toBe(curve);
      });
    });
    expect(before.candidates.some(({ scores }) => scores.length > 0)).toBe(true);
  });
  it('another database under the same name is read anew', () => {
    const file = join(folder, 'replaced.sqlite');
    createDatabase(file, fixture).record(6);
    const source = databaseSource(file);
    source.read();
    const other = fixtureResult({ candidates: 4, failures: false, seeds: 3 });
    const replacement = join(folder, 'replacement.sqlite');
    createDatabase(replacement, other).record(4);
    for (const suffix of ['-wal', '-shm']) rmSync(`${file}${suffix}`, { force: true });
    renameSync(replacement, file);
    for (const suffix of ['-wal', '-shm'])
      if (existsSync(`${replacement}${suffix}`)) renameSync(`${replacement}${suffix}`, `${file}${suffix}`);
    expect(source.read()).toEqual(databaseSource(file).read());
  });
  it('a database that vanishes and comes back is an error and then a result', () => {
    const file = join(folder, 'vanishes.sqlite');
    createDatabase(file, fixture).record(6);
    const source = databaseSource(file);
    expect(source.read()!.candidates.length).toBe(6);
    renameSync(file, `${file}.away`);
    expect(() => source.read()).toThrow('no such database');
    renameSync(`${file}.away`, file);
    expect(() => source.read()).not.toThrow();
  });
  it('a newer schema, another file and none are named', () => {
    const file = join(folder, 'newer.sqlite');
    createDatabase(file, fixture);
    const database = new Database(file);
    database.pragma('user_version = 9999');
    database.close();
    expect(() => databaseSource(file).read()).toThrow(/schema version must be at most \d+, got 9999/);
    writeFileSync(
      join(folder, 'text.sqlite'),
      'not a database, only a text that is long enough to be looked at'.repeat(20),
    );
    expect(() => databaseSource(join(folder, 'text.sqlite')).read()).toThrow(/text\.sqlite/);
    expect(() => databaseSource(join(folder, 'none.sqlite')).read()).toThrow('no such database');
  });
});

describe('runExplore without a terminal', () => {
  const collect = (): { stdout: NodeJS.WriteStream; text: () => string } => {
    const stream = new PassThrough();
    let text = '';
    stream.on('data', (chunk: Buffer) => {
      text += chunk.toString();
    });
    return { stdout: stream as unknown as NodeJS.WriteStream, text: () => text };
  };
  const file = join(folder, 'whole.sqlite');
  createDatabase(file, fixture).record(6);

  it('prints a plain table and ends', async () => {
    const { stdout, text } = collect();
    await runExplore(file, { stdout, environment: {} });
    expect(text()).toContain('top-1 accuracy');
    expect(text()).not.toContain('\x1b');
    expect(
      text()
        .split('\n')
        .filter((line) => /metric|unmixed/.test(line) && /CC-/.test(line)).length,
    ).toBe(6);
  });
  it('prints one frame of the asked size', async () => {
    const { stdout, text } = collect();
    await runExplore(file, { stdout, environment: {}, frame: { columns: 80, rows: 24 }, screen: 'plot' });
    expect(text().trimEnd().split('\n').length).toBe(24);
    expect(text()).toContain('higher is better');
  });
});
