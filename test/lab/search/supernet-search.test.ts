/** `strategy supernet` on the real engine: trained once, killed, resumed, replayed; its ranking is judged. */
import { spawn } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { loadExperiment } from '../../../src/lab/load-experiment.js';
import { searchSettings } from '../../../src/lab/run/search/run-search.js';
import { supernetRecipe } from '../../../src/lab/run/search/supernet-scores.js';
import { replaySearch } from '../../../src/lab/search/replay-search.js';
import { readSearchLog } from '../../../src/lab/search/search-log.js';
import { examineDatabase } from '../../../src/store/doctor/examine-database.js';
import { openStore, readExperimentResult } from '../../../src/store/open-store.js';
import { completeRecipe } from '../../../src/train/recipe/recipe-table.js';
import { stagecraft } from '../../cli/run-cli.js';
import { engineRuntime } from '../../fixtures/engine-runtime.js';
import { temporaryFolder } from '../../store/stored-experiment.js';
import { spaceText, writeTiny } from '../tiny.js';

const main = join(import.meta.dirname, '../../../dist/cli/main.js');
const search = (strategy: string, objectives = 'top-1, latency@1'): string => `experiment tiny
  space tiny.space
  strategy ${strategy} seed 1
  budget 14 trials
  profile throughput(batches: {1}, launches: 1, threads: 1, control: false, warm-up-ms: 10, warm-up-cap-ms: 50, block-ms: 2, cap-ms: 30, latency-samples: 5)
  data idx(folder: digits)
  train adamw(epochs: 1, batch: 16) seeds {1}
  objectives {${objectives}}
  workers trainings(count: 1)
`;

function written(text: string): { readonly file: string; readonly database: string } {
  const folder = temporaryFolder();
  const file = writeTiny(folder, text);
  const space = spaceText.replace('CC | CT | TT', '(C | T){1,3}').replace('width 8', 'width {4, 8}');
  writeFileSync(join(folder, 'tiny.space'), space);
  return { file, database: join(folder, 'search/results.sqlite') };
}

describe('supernetRecipe', () => {
  const recipe = completeRecipe('adamw', { epochs: 2, batch: 16 });
  it('is that of the trainings, its batch divided among the members of a step', () => {
    const made = supernetRecipe(recipe, { architectures: 4, epochs: 9, paths: 'sandwich' });
    expect(made).toEqual({ ...recipe, epochs: 9, accumulate: 4 });
    expect(supernetRecipe(recipe, { architectures: 1, epochs: 2, paths: 'single-path' })).toEqual(recipe);
  });
  it('names what does not go together', () => {
    const of = (architectures: number, paths: string) => () =>
      supernetRecipe(recipe, { architectures, epochs: 1, paths });
    expect(of(3, 'sandwich')).toThrow('architectures must divide the batch of 16, got 3');
    expect(of(2, 'sandwich')).toThrow('a sandwich needs at least 3 architectures in a step, got 2');
  });
});

describe.skipIf(engineRuntime.runtime !== 'tensorflow' || process.platform === 'win32')(
  'strategy supernet',
  () => {
    it('trains one supernet, scores members, times them, trains the check; goes on after SIGKILL as if nothing had been', async () => {
      const strategy =
        'supernet(epochs: 3, architectures: 2, paths: single-path, scores: 6, population: 5, check: 5)';
      const { file, database } = written(search(strategy));
      const killed = spawn(process.execPath, [main, 'run', file, '--db', database], { stdio: 'pipe' });
      await new Promise((resolve) => {
        killed.once('exit', resolve);
        let text = '';
        killed.stderr.on('data', (chunk: Buffer) => {
          text += chunk.toString();
          if (/^trial +3\/14/m.test(text)) killed.kill('SIGKILL');
        });
      });
      expect(killed.signalCode).toBe('SIGKILL');
      const run = stagecraft(['run', file, '--db', database]);
      expect(run.code, run.err).toBe(0);
      expect(run.out).toMatch(
        /the ranking by inherited weights is (not )?trusted: .* Kendall's tau against 5 trained networks -?\d\.\d\d \[/,
      );
      const experiment = loadExperiment(file);
      const store = openStore(database, { readonly: true });
      const log = readSearchLog(store, experiment.id);
      expect(replaySearch({ ...searchSettings(experiment), budget: 14 }, log)).toBeUndefined();
      const told = log.flatMap((event) => (event.type === 'told' ? [event.values] : []));
      expect(
        told.slice(0, 6).every((values) => values['inherited-top-1']! >= 0 && values['latency@1']! > 0),
      ).toBe(true);
      expect(told.slice(0, 6).every((values) => !('top-1' in values))).toBe(true);
      expect(told.slice(6).every((values) => !('inherited-top-1' in values) && values['top-1']! >= 0)).toBe(
        true,
      );
      expect(told.length).toBeGreaterThan(10);
      const rows = (table: string): unknown[] => store.sqlite.prepare(`SELECT * FROM ${table}`).all();
      expect(rows('supernet')).toHaveLength(1);
      expect(rows('supernet_score')).toHaveLength(6);
      expect(JSON.parse((rows('supernet')[0] as { curve: string }).curve)).toHaveLength(3);
      const trained = readExperimentResult(store, experiment.id).candidates.filter(
        ({ scores }) => scores.length > 0,
      );
      expect(trained).toHaveLength(rows('training').length);
      expect(examineDatabase(store.sqlite).damaged).toEqual([]);
      store.close();
    });

    it('refuses a search without a score, and members that do not divide the batch', () => {
      const without = written(search('supernet', 'macs, latency@1'));
      const first = stagecraft(['run', without.file, '--db', without.database]);
      expect(first.code).toBe(2);
      expect(first.err).toContain('strategy supernet: a score must be among the objectives');
      const uneven = written(search('supernet(architectures: 3)'));
      const second = stagecraft(['run', uneven.file, '--db', uneven.database]);
      expect(second.code).toBe(2);
      expect(second.err).toContain('architectures must divide the batch of 16, got 3');
    });
  },
);
