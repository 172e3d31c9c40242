/** Settings of a search: strategies, budgets, constraints, and the shipped searches. */
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { afterAll, describe, expect, it } from 'vitest';
import { searchPlan } from '../../../src/cli/output/search-text.js';
import { experimentFromText, loadExperiment } from '../../../src/lab/load-experiment.js';
import { architectureRow } from '../../../src/lab/plan.js';
import { pauseEpoch, seedsOf } from '../../../src/lab/run/search/network-evaluator.js';
import { searchSettings } from '../../../src/lab/run/search/run-search.js';
import { type StrategyName, strategies } from '../../../src/search/strategy-table.js';
import { Study } from '../../../src/search/study.js';
import { loadSpace } from '../../../src/space/load.js';
import { openStore } from '../../../src/store/open-store.js';
import { recordExperiment, recordSession, recordTraining } from '../../../src/store/record-results.js';
import { DiagnosticError } from '../../../src/util/errors.js';
import { paramsWithDefaults } from '../../../src/util/params.js';
import {
  architectures,
  deviceKey,
  experiment,
  temporaryFolder,
  trainResult,
} from '../../store/stored-experiment.js';

const root = join(import.meta.dirname, '../../..');
const path = join(root, 'experiments/x.experiment');
const text = (search: string, rest = '  objectives {top-1, macs}'): string => `experiment x
  space ../search-spaces/ascan-cpu.space
${search}
  data motif(train: 200, validation: 50)
  train adamw(epochs: 2)
${rest}
`;
const load = (search: string, rest?: string) => experimentFromText(text(search, rest), path);

/** First error of a wrong file. */
function errorOf(search: string, rest?: string): string {
  try {
    load(search, rest);
  } catch (error) {
    if (error instanceof DiagnosticError) return error.diagnostics[0]!.message;
    throw error;
  }
  return 'none';
}

describe('strategy', () => {
  it.each(Object.keys(strategies) as StrategyName[])('%s takes its parameters and defaults', (name) => {
    const { mostObjectives } = strategies[name];
    const rest = mostObjectives === 1 ? '  objectives {top-1}' : undefined;
    const { search, architectures } = load(`  strategy ${name} seed 3`, rest);
    expect(search).toMatchObject({ name, seed: 3, budget: { trials: 100 }, constraints: [] });
    expect(search!.params).toEqual(paramsWithDefaults(strategies[name].params));
    expect(architectures).toEqual([]);
  });
  it('parameters, seed, budget and bounds change the id; workers do not', () => {
    const id = (search: string, rest?: string): string => load(search, rest).id;
    const ids = [
      '  strategy nsga2',
      '  strategy nsga2(population: 24)',
      '  strategy nsga2 seed 2',
      '  strategy nsga2\n  budget 20 trials',
      '  strategy nsga2\n  where params <= 1M',
    ].map((search) => id(search));
    expect(new Set(ids).size).toBe(5);
    expect(id('  strategy nsga2', '  objectives {top-1, macs}\n  workers trainings(count: 7)')).toBe(ids[0]);
  });
  it.each([
    ['  strategy nsga3(size: 3)', 'nsga3: unknown parameter, got "size"'],
    ['  strategy nsga2(population: 1)', 'nsga2: population must lie in 4..100000, got 1'],
    ['  strategy evolve', 'strategy must be a known name, got "evolve"'],
    ['  strategy nsga2 seeds {1}', 'a strategy must be followed by its seed or nothing, got "seeds"'],
    ['  strategy nsga2\n  sample all', 'a search takes no sample, got one beside strategy'],
    ['  strategy nsga2\n  stopping median', 'a search takes no stopping, got one beside strategy'],
    ['  sample all\n  budget 3 trials', 'budget needs a strategy, got none'],
    [
      '  strategy nsga2\n  budget 3',
      'budget must be a number and one of trial, trials, h, hour, hours, minutes, got "3"',
    ],
    ['  strategy nsga2\n  budget 1.5 trials', 'budget must be a whole number of trials, got "1.5"'],
    ['  strategy nsga2\n  budget until never', 'budget must be a known name, got "never"'],
    ['  strategy nsga2\n  where params < 3M', 'a constraint must be <= or >= a number, got <'],
    ['  strategy nsga2\n  where size <= 3', 'a constraint must be on a stored quantity, got "size"'],
    ['  strategy nsga2\n  where latency@1 <= 3', 'latency@1 needs a profile at batch 1, got none'],
    [
      '  strategy nsga2\n  where params <= 3',
      'where must leave members of the space, got none with params <= 3',
    ],
  ])('%j: %s', (search, message) => {
    expect(errorOf(search)).toBe(message);
  });
  it('a search takes one to five objectives, a plan two or three', () => {
    const many = '  objectives {top-1, loss, params, macs, activation-bytes}';
    expect(load('  strategy nsga2', many).objectives).toHaveLength(5);
    expect(errorOf('  sample all', many)).toBe('objectives must be two or three, got 5');
    expect(errorOf('  sample all', '  objectives {top-1}')).toBe('objectives must be two or three, got 1');
  });
});

describe('budget and where', () => {
  it('takes trials, hours and steadiness together', () => {
    const { budget } = load('  strategy uniform\n  budget 200 trials 90 minutes until steady(trials: 8)')
      .search!;
    expect(budget).toEqual({ trials: 200, hours: 1.5, steady: { trials: 8, rise: 0.001 } });
  });
  it('compiles bounds on exact costs into the space, and leaves measured ones to the strategy', () => {
    const { search, spaceCount } = load(
      '  strategy uniform\n  where params <= 1M and latency@1 <= 5 and memory <= 500K',
      '  objectives {top-1, macs}\n  profile throughput(batches: {1})',
    );
    expect(search!.constraints).toEqual([{ name: 'latency@1', atMost: 5 }]);
    const members = [...search!.space.enumerate()].map((member) => search!.space.costOf(member));
    expect(BigInt(spaceCount)).toBe(BigInt(members.length));
    expect(members.every(({ params, activationBytes }) => params <= 1e6 && activationBytes <= 5e5)).toBe(
      true,
    );
    expect(members.length).toBeLessThan(125);
  });
});

describe('prior', () => {
  const withPrior = (prior: string): string => `  strategy uniform\n  budget 400 trials\n  prior ${prior}`;
  /** Share of T at each block of the proposals that are drawn from the prior. */
  function sharesOfT(prior: string): number[] {
    const experiment = load(withPrior(prior));
    const study = new Study({ ...searchSettings(experiment), budget: 400 });
    const counts = new Map<number, number>();
    let drawn = 0;
    for (let trial = study.ask(); trial && trial.number < 100; trial = study.ask()) {
      if (trial.number % 10 !== 5) continue;
      drawn++;
      const letters = trial.candidate.value.stages.flatMap(({ blocks }) =>
        blocks.map(({ letter }) => letter),
      );
      letters.forEach((letter, at) => counts.set(at, (counts.get(at) ?? 0) + (letter === 'T' ? 1 : 0)));
    }
    return Array.from({ length: 13 }, (_, at) => counts.get(at)! / drawn);
  }
  it('falling and rising: the letter is drawn more often at one end than at the other', () => {
    for (const prior of ['falling(letter: C)', 'rising(letter: T)']) {
      const shares = sharesOfT(prior);
      const mean = (from: number): number =>
        shares.slice(from, from + 4).reduce((sum, own) => sum + own, 0) / 4;
      expect(mean(9)).toBeGreaterThan(mean(1) + 0.3);
    }
  });
  it('weights: the letters are drawn in proportion', () => {
    const total = (prior: string): number => sharesOfT(prior).reduce((sum, own) => sum + own, 0);
    expect(total('weights(T: 4)')).toBeGreaterThan(total('weights(C: 4)') + 2);
  });
  it('changes the id; wrong letters and weights are errors', () => {
    const id = (search: string): string => load(search).id;
    expect(id(withPrior('falling(letter: C)'))).not.toBe(id(withPrior('rising(letter: C)')));
    expect(errorOf(withPrior('falling(letter: X)'))).toBe(
      'prior falling: letter must be one of C, T, got "X"',
    );
    expect(errorOf(withPrior('weights(X: 3)'))).toBe('weights: unknown parameter, got "X"');
    expect(errorOf(withPrior('weights(C: 0, T: 0)'))).toBe(
      'prior weights: some letter of C, T must have a weight, got none',
    );
    expect(errorOf('  sample all\n  prior falling(letter: C)')).toBe('prior needs a strategy, got none');
  });
});

describe('history', () => {
  const folder = mkdtempSync(join(tmpdir(), 'stagecraft-'));
  afterAll(() => rmSync(folder, { recursive: true, force: true }));
  const write = (name: string, content: string): string => {
    writeFileSync(join(folder, name), content);
    return join(folder, name);
  };
  const table = write(
    'old.csv',
    ['layout,top-1,macs', 'C-CCCC-CCCT-CCTT,61.5,1', 'C-CCCT-CCCC-CCTT,58,1', 'C-CCCC-CCCC-CCCP,50,1'].join(
      '\n',
    ),
  );
  const withHistory = (file: string): string => `  strategy predictor\n  history from "${file}"`;
  it('reads a table by layout: percent become fractions, exact costs are those of the space', () => {
    const { search, warnings } = load(withHistory(table));
    const [first, second] = search!.history!.results;
    expect(search!.history!.results).toHaveLength(2);
    expect(first!.values).toMatchObject({ 'top-1': 0.615 });
    expect(first!.values['macs']).toBeGreaterThan(1e6);
    expect(second!.values['top-1']).toBe(0.58);
    expect(warnings.map(({ message }) => message)).toEqual([
      '2 results inform the search; left out: 1 of networks outside of the space, 0 without every objective',
    ]);
    expect(searchPlan(load(withHistory(table)), join(folder, 'x/results.sqlite'))).toContain(
      `history    2 results from ${table}`,
    );
  });
  it('its content decides the id, not its path; without it the id stays', () => {
    const copy = write('copy.csv', readFileSync(table, 'utf8'));
    const other = write('other.csv', readFileSync(table, 'utf8').replace('58', '57'));
    const [first, same, changed] = [table, copy, other].map((file) => load(withHistory(file)).id);
    expect(same).toBe(first);
    expect(changed).not.toBe(first);
    expect(load('  strategy predictor').id).not.toBe(first);
  });
  it('reads the trainings of a database: means over seeds, without networks of other spaces or without a score', () => {
    const file = join(folder, 'old.sqlite');
    const members = loadSpace(join(root, 'search-spaces/ascan-cpu.space'));
    const rows = [members.unrank(0n), members.unrank(7n), members.unrank(9n)].map(architectureRow);
    const others = architectures.slice(0, 1);
    const all = [...rows, ...others];
    const store = openStore(file);
    const planned = all.flatMap(({ id }) =>
      [1, 2].map((replicate) => ({
        id: `${id} ${replicate}`,
        job: 'train' as const,
        architecture_id: id,
        replicate,
        settings: '{}',
      })),
    );
    recordExperiment(store, experiment, all, planned);
    const { sessionId } = recordSession(store, experiment.id, deviceKey, { host: 'here' });
    const scores = [[0.5, 0.6], [0.7], [], [0.9]];
    scores.forEach((own, at) =>
      own.forEach((top1, seed) => {
        recordTraining(store, { trialId: `${all[at]!.id} ${seed + 1}`, sessionId }, trainResult(top1));
      }),
    );
    store.close();
    const { search, warnings } = load(withHistory(file));
    const { results } = search!.history!;
    expect(results.map(({ values }) => values['top-1'])).toEqual([0.55, 0.7]);
    expect(results.map(({ values }) => values['macs'])).toEqual(rows.slice(0, 2).map(({ macs }) => macs));
    expect(warnings.map(({ message }) => message)).toEqual([
      '2 results inform the search; left out: 1 of networks outside of the space, 1 without every objective',
    ]);
  });
  it('reads a study of Optuna whose parameters are stages', () => {
    const file = join(folder, 'study.db');
    const sqlite = new Database(file);
    sqlite.exec(readFileSync(join(root, 'test/store/fixtures/optuna-study.sql'), 'utf8'));
    sqlite.exec(`
      UPDATE trial_params SET param_name = 'stage 1', param_value = 0,
        distribution_json = '{"name": "CategoricalDistribution", "attributes": {"choices": ["C"]}}'
        WHERE param_name = 'depth';
      UPDATE trial_params SET param_value = param_value * 0, param_name = CASE param_name
          WHEN 'kernel' THEN 'stage 2' WHEN 'attention' THEN 'stage 3' ELSE 'stage 4' END,
        distribution_json = '{"name": "CategoricalDistribution", "attributes": {"choices": ["CCTT"]}}'
        WHERE param_name != 'stage 1';`);
    sqlite.close();
    const { results } = load(withHistory(file)).search!.history!;
    expect(results.length).toBeGreaterThan(1);
    expect(results.map(({ genes }) => genes.join())).toEqual(results.map(() => results[0]!.genes.join()));
    expect(results[0]!.values['top-1']).toBe(0.6);
  });
  it.each([
    ['  strategy nsga2\n  history old.csv', 'history must be from and files, got old.csv'],
    ['  sample all\n  history from old.csv', 'history needs a strategy, got none'],
    ['  strategy nsga2\n  history from none.csv', `${join(root, 'experiments/none.csv')}: no such file`],
    [
      withHistory(write('far.csv', 'layout,top-1\nP-P-P-P,0.5\n')),
      'history must hold results of the space, ' +
        'got 1 of networks outside of the space, 0 without every objective',
    ],
    [
      withHistory(write('choices.csv', 'choice.depth,top-1\n3,0.5\n')),
      `${join(folder, 'choices.csv')}: networks must be named by choices layout or stage N, got depth`,
    ],
  ])('%j: %s', (search, message) => {
    expect(errorOf(search)).toBe(message);
  });
});

describe('seedsOf and pauseEpoch', () => {
  it('every replicate has seeds of its own', () => {
    expect([1, 2, 3].map((replicate) => seedsOf([4], replicate))).toEqual([[4], [5], [6]]);
    expect([1, 2].map((replicate) => seedsOf([1, 3], replicate))).toEqual([
      [1, 3],
      [4, 6],
    ]);
  });
  it('a fidelity is an epoch of the whole training', () => {
    expect([1 / 9, 1 / 3, 0.5, 1].map((fidelity) => pauseEpoch(fidelity, 9))).toEqual([1, 3, 5, undefined]);
    expect(pauseEpoch(0.1, 1)).toBeUndefined();
  });
});

describe('shipped searches', () => {
  const files = [
    'search.experiment',
    ...readdirSync(join(root, 'experiments/search'))
      .filter((name) => name.endsWith('.experiment'))
      .map((name) => join('search', name)),
  ];
  it.each(files)('%s: plans, and says that nothing is measured yet', (name) => {
    const experiment = loadExperiment(join(root, 'experiments', name));
    expect(experiment.warnings).toEqual([]);
    const plan = searchPlan(experiment, join(temporaryFolder(), 'x', 'results.sqlite'));
    expect(plan).toMatch(/^strategy {3}\S+/);
    expect(plan).toMatch(/^first {6}\w+(-\w+)+/m);
    expect(plan).toContain('time       unknown: no training or profile of these settings is measured yet');
  });
});
