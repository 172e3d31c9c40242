/** The search loop on planted tables: interruptions, parallel workers, budgets, and evaluators that misbehave. */
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { guarded } from '../../../src/lab/search/guarded-evaluation.js';
import { replaySearch } from '../../../src/lab/search/replay-search.js';
import { readSearchLog } from '../../../src/lab/search/search-log.js';
import { type TableSearchOptions, tableSearch, tableSearchId } from '../../../src/lab/search/table-search.js';
import { type StrategyName, strategies } from '../../../src/search/strategy-table.js';
import { plantedTable } from '../../../src/search/tables/planted-table.js';
import { usualObjectives } from '../../../src/search/tables/read-table.js';
import { openStore } from '../../../src/store/open-store.js';
import { UserError } from '../../../src/util/errors.js';
import { seededRandom } from '../../../src/util/random.js';
import { temporaryFolder } from '../../store/stored-experiment.js';

const planted = plantedTable({ seed: 3, genes: 5, choices: 3 });
const table = {
  ...planted,
  space: {
    ...planted.space,
    trainingFree: ({ genes }: { readonly genes: readonly number[] }) => ({
      entropy: planted.truth({ genes }),
    }),
  },
};

function optionsOf(name: StrategyName, over: Partial<TableSearchOptions> = {}): TableSearchOptions {
  const strategy = strategies[name];
  return {
    table,
    settings: { strategy, objectives: usualObjectives(table).slice(0, strategy.mostObjectives), seed: 5 },
    budget: { trials: 40 },
    signal: new AbortController().signal,
    now: () => '2026-01-01T00:00:00Z',
    ...over,
  };
}

/** Runs `body` with a store of `file`, and closes it. */
async function within<V>(
  file: string,
  body: (store: ReturnType<typeof openStore>) => Promise<V> | V,
): Promise<V> {
  const store = openStore(file);
  try {
    return await body(store);
  } finally {
    store.close();
  }
}

const logIn = (file: string, options: TableSearchOptions) =>
  within(file, (store) => readSearchLog(store, tableSearchId(options)));

describe('tableSearch', () => {
  it.each(Object.keys(strategies) as StrategyName[])(
    '%s: interrupted at random it proposes what it proposes uninterrupted',
    async (name) => {
      const folder = temporaryFolder();
      const [whole, parts] = [join(folder, 'whole.sqlite'), join(folder, 'parts.sqlite')];
      const options = optionsOf(name);
      await within(whole, (store) => tableSearch(store, options));
      const random = seededRandom(`interruptions/${name}`);
      for (let round = 0; round < 8; round++) {
        const stop = new AbortController();
        let left = 1 + random.integer(7);
        const interrupted = { ...options, signal: stop.signal, onAnswer: () => --left <= 0 && stop.abort() };
        await within(parts, (store) => tableSearch(store, interrupted)).catch((error: unknown) => {
          if (!stop.signal.aborted) throw error;
        });
      }
      await within(parts, (store) => tableSearch(store, options));
      expect(await logIn(parts, options)).toEqual(await logIn(whole, options));
    },
  );

  it('evaluates what was asked and not answered before it asks again', async () => {
    const file = join(temporaryFolder(), 'r.sqlite');
    const options = optionsOf('uniform', { workers: 4 });
    const stop = new AbortController();
    let calls = 0;
    const hanging = {
      ...options,
      signal: stop.signal,
      evaluate: async (_: unknown, __: unknown, signal: AbortSignal): Promise<never> => {
        if (++calls === 4) stop.abort(new Error('interrupted'));
        signal.throwIfAborted();
        return new Promise((_resolve, reject) => {
          signal.addEventListener('abort', () => reject(signal.reason as Error));
        });
      },
    };
    await expect(within(file, (store) => tableSearch(store, hanging))).rejects.toThrow('interrupted');
    expect((await logIn(file, options)).map(({ type, trial }) => `${type} ${trial}`)).toEqual([
      'asked 0',
      'asked 1',
      'asked 2',
      'asked 3',
    ]);
    const seen: number[] = [];
    const { study } = await within(file, (store) =>
      tableSearch(store, { ...options, onAnswer: ({ number }) => seen.push(number) }),
    );
    expect(seen.slice(0, 4)).toEqual([0, 1, 2, 3]);
    expect(study.history.trials.map(({ state }) => state)).toEqual(new Array(40).fill('complete'));
  });

  it('eight workers with random delays: answers in any order, a sequential replay proposes the same', async () => {
    const file = join(temporaryFolder(), 'r.sqlite');
    const random = seededRandom(11);
    const options = optionsOf('predictor', { workers: 8, delayMs: () => 12 * random.next() });
    await within(file, (store) => tableSearch(store, options));
    const log = await logIn(file, options);
    const told = log.flatMap(({ type, trial }) => (type === 'told' ? trial : []));
    expect(told).not.toEqual([...told].sort((a, b) => a - b));
    expect(new Set(told).size).toBe(40);
    const settings = { ...options.settings, space: table.space, budget: 40 };
    expect(replaySearch(settings, log)).toBeUndefined();
    expect(replaySearch({ ...settings, seed: 6 }, log)).toMatchObject({ trial: 0 });
  });

  it('ends where the space has no further network', async () => {
    const file = join(temporaryFolder(), 'r.sqlite');
    const outcome = await within(file, (store) =>
      tableSearch(store, optionsOf('nsga2', { budget: { trials: 1000 }, workers: 3 })),
    );
    expect(outcome.study.history.trials.length).toBe(243);
    expect(outcome.end).toBe('the strategy has nothing left to propose');
  });

  it('ends once the hypervolume no longer rises, and after hours of evaluation', async () => {
    const steady = optionsOf('uniform', { budget: { steady: { trials: 12, rise: 0 } } });
    const file = join(temporaryFolder(), 'r.sqlite');
    const first = await within(file, (store) => tableSearch(store, steady));
    expect(first.progress.sinceRise).toBe(12);
    expect(first.end).toBe('the hypervolume has not risen by 0 % in 12 trials');
    const asked = first.study.history.trials.length;
    const again = await within(file, (store) => tableSearch(store, steady));
    expect(again.study.history.trials.length).toBe(asked);
    // Without times in the table an evaluation takes a second.
    const hours = optionsOf('uniform', { budget: { hours: 50 / 3600 }, workers: 2 });
    const spent = await within(file, (store) => tableSearch(store, hours));
    expect(spent.study.history.trials.length).toBe(100);
  });

  it('evaluators that throw, hang, return NaN or lie about cost fail their trials alone', async () => {
    const file = join(temporaryFolder(), 'r.sqlite');
    const evaluate = guarded<readonly number[]>({
      timeoutSeconds: 0.05,
      after: (seconds) => sleep(1000 * seconds),
      evaluate(candidate, { number }) {
        const { values } = table.runs(candidate)[0]!;
        if (number === 1) throw new Error('out of memory');
        if (number === 2) return new Promise(() => {});
        if (number === 3) return { ...values, score: Number.NaN };
        if (number === 4) return { ...values, cost: 0 };
        return values;
      },
    });
    const options = optionsOf('nsga2', { workers: 3, evaluate });
    const { study, progress } = await within(file, (store) => tableSearch(store, options));
    expect([study.history.trials.length, progress.failed]).toEqual([40, 4]);
    const reasons = (await logIn(file, options)).flatMap((event) => (event.type === 'failed' ? event : []));
    expect(reasons.map(({ trial, reason }) => `${trial}: ${reason}`).sort()).toEqual([
      '1: evaluator: out of memory',
      '2: evaluator: an answer is due within 0.05 s, got none',
      '3: evaluator: score must be a finite number, got undefined',
      expect.stringMatching(/^4: evaluator: cost must equal the exact [\d.]+, got 0$/),
    ]);
  });

  it('an error of the lab’s own ends the search once the others have ended, and the log stays whole', async () => {
    const file = join(temporaryFolder(), 'r.sqlite');
    const options = optionsOf('uniform', { workers: 2 });
    const failing = {
      ...options,
      async evaluate(
        candidate: { readonly genes: readonly number[] },
        { number }: { readonly number: number },
      ) {
        if (number === 3) throw new UserError('the disk is full');
        return { values: table.runs(candidate as never)[0]!.values, seconds: 1 };
      },
    };
    await expect(within(file, (store) => tableSearch(store, failing))).rejects.toThrow('the disk is full');
    const { study } = await within(file, (store) => tableSearch(store, options));
    expect(study.history.trials.length).toBe(40);
    expect(study.history.failed).toBe(0);
  });

  it('refuses a log with a gap, and the table a second answer', async () => {
    const file = join(temporaryFolder(), 'r.sqlite');
    const options = optionsOf('uniform');
    await within(file, (store) => tableSearch(store, options));
    await within(file, (store) => {
      const id = tableSearchId(options);
      const add = (position: number) => () =>
        store.sqlite
          .prepare("INSERT INTO search_event VALUES (?, ?, 'told', 3, '{\"values\":{}}', 0, '')")
          .run(id, position);
      expect(add(80)).toThrow(/UNIQUE/);
      store.sqlite.exec('DROP TRIGGER search_event_no_delete');
      store.sqlite.prepare('DELETE FROM search_event WHERE position = 20').run();
      expect(() => readSearchLog(store, id)).toThrow(/must be whole, got damage at position 20/);
    });
  });
});
