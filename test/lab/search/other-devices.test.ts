/** A search whose objectives hold times of other devices, from a database of two device keys. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { elsewhereFronts } from '../../../src/analysis/pareto/elsewhere-fronts.js';
import type { Architecture } from '../../../src/architecture/architecture.js';
import { searchPlan } from '../../../src/cli/output/search-text.js';
import { experimentFromText, loadExperiment } from '../../../src/lab/load-experiment.js';
import { architectureRow } from '../../../src/lab/plan.js';
import { searchObjectives, searchSettings } from '../../../src/lab/run/search/run-search.js';
import { nameOn, TimesElsewhere } from '../../../src/lab/search/other-devices.js';
import { loadSpace } from '../../../src/space/load.js';
import { openStore, readExperimentResult } from '../../../src/store/open-store.js';
import { recordExperiment, recordProfile, recordSession } from '../../../src/store/record-results.js';
import { deviceId } from '../../../src/store/tables/device-table.js';
import { DiagnosticError } from '../../../src/util/errors.js';
import { stagecraft } from '../../cli/run-cli.js';
import { engineRuntime } from '../../fixtures/engine-runtime.js';
import {
  batchProfile,
  deviceKey,
  experiment as experimentRow,
  profileResult,
  temporaryFolder,
} from '../../store/stored-experiment.js';
import { spaceText, writeTiny } from '../tiny.js';

const layouts = '(C | T){2,3}';
const body = (search: string): string => `experiment elsewhere
  space tiny.space
${search}
  data idx(folder: digits)
  train adamw(epochs: 1, batch: 16) seeds {1}
  profile throughput(batches: {1}, launches: 1, threads: 1, control: false, warm-up-ms: 10, warm-up-cap-ms: 50, block-ms: 2, cap-ms: 30, latency-samples: 5)
  objectives {top-1, latency@1}
  workers trainings(count: 1)
`;
const search = (rest = ''): string =>
  body(`  strategy nsga2(population: 4) seed 1\n  budget 5 trials\n${rest}`);

const gpu = { ...deviceKey, device: 'some gpu', kind: 'gpu' as const, driver: '1' };
const board = { ...deviceKey, device: 'some board' };
/** Milliseconds: the board is slow at T, the gpu at C. */
const timeOf = (architecture: Architecture, letter: string): number => {
  const letters = architecture.stages.flatMap(({ blocks }) => blocks.map((block) => block.letter));
  return 1 + letters.reduce((sum, own) => sum + (own === letter ? 2 : 0.5), 0);
};

/** A folder with space, data, and a database in which the gpu has timed all members, the board eight. */
function prepared(folder: string) {
  const file = writeTiny(folder, search('  devices from others.sqlite'));
  writeFileSync(join(folder, 'tiny.space'), spaceText.replace('CC | CT | TT', layouts));
  const members = [...loadSpace(join(folder, 'tiny.space')).enumerate()];
  const database = join(folder, 'others.sqlite');
  const store = openStore(database);
  const rows = members.map(architectureRow);
  const trials = rows.map(({ id }) => ({
    id: `profile ${id}`,
    job: 'profile' as const,
    architecture_id: id,
    replicate: 1,
    settings: '{}',
  }));
  recordExperiment(store, { ...experimentRow, objectives: '["latency@1"]' }, rows, trials);
  for (const [key, letter, count] of [
    [gpu, 'C', members.length],
    [board, 'T', 8],
  ] as const) {
    const { sessionId } = recordSession(store, experimentRow.id, key, {});
    members.slice(0, count).forEach((member, at) => {
      const result = profileResult(batchProfile(1, timeOf(member, letter)));
      recordProfile(store, { trialId: trials[at]!.id, sessionId }, { ...result, deviceKey: key });
    });
  }
  store.close();
  return { file, members, database };
}

const errorOf = (file: string, text: string): string => {
  try {
    experimentFromText(text, file);
  } catch (error) {
    if (error instanceof DiagnosticError) return error.diagnostics[0]!.message;
    throw error;
  }
  return 'none';
};

describe('devices from FILE', () => {
  const folder = mkdtempSync(join(tmpdir(), 'stagecraft-'));
  afterAll(() => rmSync(folder, { recursive: true, force: true }));
  const { file, members, database } = prepared(folder);
  const experiment = loadExperiment(file);
  const [onGpu, onBoard] = [gpu, board].map((key) => nameOn('latency@1', { id: deviceId(key) }));
  it('adds an objective per device key, which the space knows', () => {
    expect(searchObjectives(experiment).map(({ name }) => name)).toEqual([
      'top-1',
      'latency@1',
      onGpu,
      onBoard,
    ]);
    const { space } = searchSettings(experiment);
    for (const candidate of space.enumerate())
      expect(space.exact(candidate)[onGpu!]).toBe(timeOf(candidate.value, 'C'));
  });
  it('takes measured times, and predictions near the truth where there are none', () => {
    const times = new TimesElsewhere(experiment.search!.elsewhere!.devices);
    const found = members.map(
      (member) => times.of(member).find(({ device }) => device.id === deviceId(board))!,
    );
    expect(found.map(({ source }) => source)).toEqual(
      members.map((_, at) => (at < 8 ? 'measured' : 'predicted')),
    );
    for (const [at, member] of members.entries()) {
      const truth = timeOf(member, 'T');
      if (at < 8) expect(found[at]!.value).toBe(truth);
      else expect(Math.abs(found[at]!.value / truth - 1)).toBeLessThan(0.25);
    }
  });
  it('names them in the plan', () => {
    const plan = searchPlan(experiment, join(folder, 'x.sqlite'));
    expect(plan).toContain(`objectives top-1, latency@1, ${onGpu}, ${onBoard}`);
    expect(plan).toContain(
      `device     ${deviceId(board).slice(0, 6)} (some board, 2 threads; none, compiled, `,
    );
    expect(plan).toContain('8 networks measured there');
  });
  it('changes the id with the times, and leaves that of other searches', () => {
    expect(experimentFromText(search(), file).id).not.toBe(experiment.id);
    const one = experimentFromText(
      search(`  devices "${deviceId(gpu).slice(0, 8)}" from others.sqlite`),
      file,
    );
    expect(one.search!.elsewhere!.devices.map(({ id }) => id)).toEqual([deviceId(gpu)]);
    expect(one.id).not.toBe(experiment.id);
  });
  it.each([
    ['  devices others.sqlite', 'devices must be from and files, got others.sqlite'],
    [
      '  devices "0000" from others.sqlite',
      `${database}: a device needs five networks or more with latency@1, got none`,
    ],
    [
      '  devices from tiny.space',
      `${join(folder, 'tiny.space')}: the file is not a SQLite database (SQLITE_NOTADB: file is not a database)`,
    ],
  ])('%s: an error', (line, message) => {
    expect(errorOf(file, search(line))).toBe(message);
  });
  it('needs a search and a time among its objectives', () => {
    expect(errorOf(file, body('  sample all\n  devices from others.sqlite'))).toBe(
      'devices needs a strategy, got none',
    );
    const costs = search('  devices from others.sqlite').replace('{top-1, latency@1}', '{top-1, macs}');
    expect(errorOf(file, costs)).toBe('devices needs an objective latency or images-per-second, got none');
  });
});

describe.skipIf(engineRuntime.runtime !== 'tensorflow')('run of a search with other devices', () => {
  it('tells the networks on every front, with the times stored that it used', () => {
    const folder = temporaryFolder();
    const { file } = prepared(folder);
    const database = join(folder, 'own/results.sqlite');
    const run = stagecraft(['run', file, '--db', database]);
    expect(run.code, run.err).toBe(0);
    const store = openStore(database, { readonly: true });
    const result = readExperimentResult(store, loadExperiment(file).id);
    store.close();
    const [fronts] = elsewhereFronts(result);
    const names = fronts!.devices.map(({ name }) => name.replace(/ \(.*/, ''));
    expect(names[0]).toBe(result.device.key.device);
    expect(names.slice(1).sort()).toEqual(['some board', 'some gpu']);
    expect(fronts!.networks).toBe(5);
    for (const { id, costs, onFront } of fronts!.standings) {
      const { architecture } = result.candidates.find(({ architectureId }) => architectureId === id)!;
      expect(costs[names.indexOf('some gpu')]).toBe(timeOf(architecture, 'C'));
      expect(onFront.some(Boolean)).toBe(true);
    }
    expect(run.out).toMatch(/^robust {5}\d of 5 networks are on the front of every device/m);
    const report = stagecraft(['report', '--db', database, '--out', join(folder, 'page')]);
    expect(report.code, report.err).toBe(0);
    expect(readFileSync(join(folder, 'page/index.html'), 'utf8')).toContain('On several devices');
  });
});
