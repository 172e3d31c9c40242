/** A search by growth of tiny networks on the real engine: lineage in log and store, killed and resumed. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { loadExperiment } from '../../../src/lab/load-experiment.js';
import { searchSettings } from '../../../src/lab/run/search/run-search.js';
import { replaySearch } from '../../../src/lab/search/replay-search.js';
import { readSearchLog } from '../../../src/lab/search/search-log.js';
import { openStore } from '../../../src/store/open-store.js';
import { plannedTrials } from '../../../src/store/tables/plan-table.js';
import { stagecraft } from '../../cli/run-cli.js';
import { engineRuntime } from '../../fixtures/engine-runtime.js';
import { temporaryFolder } from '../../store/stored-experiment.js';
import { spaceText, writeTiny } from '../tiny.js';
import { killedAt } from './killed-run.js';

const search = `experiment tiny
  space growing.space
  strategy growth(start: 2, draws: 8, children: 2, steps: 1) seed 1
  budget 6 trials
  data idx(folder: digits)
  train adamw(epochs: 1, batch: 16) seeds {1, 2}
  objectives {top-1, macs}
`;

describe.skipIf(engineRuntime.runtime !== 'tensorflow' || process.platform === 'win32')(
  'run of a search by growth',
  () => {
    it('starts children from the weights of their parents, seed by seed, and resumes after SIGKILL', async () => {
      const folder = temporaryFolder();
      const file = writeTiny(folder, search);
      const growing = spaceText
        .replace('CC | CT | TT', 'C{1,3} T{0,2}')
        .replace('space tiny', 'space growing');
      writeFileSync(join(folder, 'growing.space'), growing);
      const database = join(folder, 'growth/results.sqlite');
      await killedAt(file, database, 3);
      const run = stagecraft(['run', file, '--db', database]);
      expect(run.code, run.err).toBe(0);
      expect(run.err).toContain('3 trials are in the database already');

      const experiment = loadExperiment(file);
      const store = openStore(database, { readonly: true });
      const log = readSearchLog(store, experiment.id);
      const trials = plannedTrials(store, experiment.id);
      store.close();
      expect(replaySearch({ ...searchSettings(experiment), budget: 6 }, log)).toBeUndefined();
      expect(log.filter(({ type }) => type === 'told')).toHaveLength(6);
      const parents = log.flatMap((event) => (event.type === 'asked' ? [event.parent] : []));
      expect(parents.slice(0, 2)).toEqual([undefined, undefined]);
      expect(parents.slice(2).every((parent) => parent !== undefined)).toBe(true);

      // Two trainings a trial, in the order asked: a child's names its parent's of the same seed.
      expect(trials).toHaveLength(12);
      trials.forEach(({ settings, replicate }, at) => {
        const parent = parents[Math.floor(at / 2)];
        expect(replicate).toBe(1 + (at % 2));
        expect(settings['initial']).toEqual(
          parent === undefined ? undefined : { training: trials[2 * parent + (at % 2)]!.id, mode: 'grow' },
        );
      });
    });
  },
);
