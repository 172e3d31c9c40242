/** A search of tiny networks on the real engine: killed, resumed, its trainings paused and continued. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { loadExperiment } from '../../../src/lab/load-experiment.js';
import { searchSettings } from '../../../src/lab/run/search/run-search.js';
import { replaySearch } from '../../../src/lab/search/replay-search.js';
import { readSearchLog } from '../../../src/lab/search/search-log.js';
import type { ExperimentResult } from '../../../src/store/experiment-result.js';
import { openStore, readExperimentResult } from '../../../src/store/open-store.js';
import { stagecraft } from '../../cli/run-cli.js';
import { engineRuntime } from '../../fixtures/engine-runtime.js';
import { temporaryFolder } from '../../store/stored-experiment.js';
import { writeTiny } from '../tiny.js';
import { killedAt } from './killed-run.js';

const body = `  data idx(folder: digits)
  train adamw(epochs: 2, batch: 16) seeds {1}
  objectives {top-1, macs}
  workers trainings(count: 1)
`;
const search = `experiment tiny
  space tiny.space
  strategy multi-fidelity(strategy: uniform, reduction: 2, rungs: 2) seed 1
  budget 6 trials
${body}`;

const within = <V>(file: string, read: (store: ReturnType<typeof openStore>) => V): V => {
  const store = openStore(file, { readonly: true });
  try {
    return read(store);
  } finally {
    store.close();
  }
};

/** Learning curves without times, by layout. */
const curves = ({ candidates }: ExperimentResult) =>
  new Map(
    candidates.map(({ layout, scores }) => [
      layout,
      scores.flatMap(({ curve }) =>
        curve.map(({ epoch, trainLoss, validationLoss, validationTop1 }) => ({
          epoch,
          trainLoss,
          validationLoss,
          validationTop1,
        })),
      ),
    ]),
  );

describe.skipIf(engineRuntime.runtime !== 'tensorflow' || process.platform === 'win32')(
  'run of a search',
  () => {
    it('resumes after SIGKILL, continues paused trainings bit for bit, and stores those that stay paused', async () => {
      const folder = temporaryFolder();
      const file = writeTiny(folder, search);
      const database = join(folder, 'search/results.sqlite');
      await killedAt(file, database, 2);
      const run = stagecraft(['run', file, '--db', database]);
      expect(run.code, run.err).toBe(0);
      expect(run.err).toContain('2 trials are in the database already');
      expect(run.out).toContain('ended: the strategy has nothing left to propose');

      const experiment = loadExperiment(file);
      const log = within(database, (store) => readSearchLog(store, experiment.id));
      const settings = searchSettings(experiment);
      expect(replaySearch({ ...settings, budget: 6 }, log)).toBeUndefined();
      expect(log.filter(({ type }) => type === 'told')).toHaveLength(4);

      const found = within(database, (store) => readExperimentResult(store, experiment.id));
      const stopped = found.candidates.flatMap(({ stopped: reasons = [] }) =>
        reasons.map(({ reason, curve }) => `${reason}, ${curve.length}`),
      );
      expect(stopped).toEqual(['not promoted after 1 epoch, 1', 'not promoted after 1 epoch, 1']);
      expect(found.jobs).toEqual({ planned: 3, done: 3, failed: 0 });

      const straight = join(folder, 'straight.experiment');
      writeFileSync(straight, `experiment straight\n  space tiny.space\n  sample all\n${body}`);
      const whole = join(folder, 'straight/results.sqlite');
      expect(stagecraft(['run', straight, '--db', whole]).code).toBe(0);
      const expected = curves(within(whole, (store) => readExperimentResult(store)));
      const promoted = [...curves(found)].filter(([, curve]) => curve.length > 0);
      expect(promoted).toHaveLength(1);
      for (const [layout, curve] of promoted) expect(curve).toEqual(expected.get(layout));
    });
  },
);
