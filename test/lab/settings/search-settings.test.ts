/** Settings of a search: strategies, budgets, constraints, and the shipped searches. */
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { searchPlan } from '../../../src/cli/output/search-text.js';
import { experimentFromText, loadExperiment } from '../../../src/lab/load-experiment.js';
import { pauseEpoch, seedsOf } from '../../../src/lab/run/search/network-evaluator.js';
import { type StrategyName, strategies } from '../../../src/search/strategy-table.js';
import { DiagnosticError } from '../../../src/util/errors.js';
import { paramsWithDefaults } from '../../../src/util/params.js';
import { temporaryFolder } from '../../store/stored-experiment.js';

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
    ...readdirSync(join(root, 'experiments/search')).map((name) => join('search', name)),
  ];
  it.each(files)('%s: plans, and says that nothing is measured yet', (name) => {
    const experiment = loadExperiment(join(root, 'experiments', name));
    expect(experiment.warnings).toEqual([]);
    const plan = searchPlan(experiment, join(temporaryFolder(), 'x', 'results.sqlite'));
    expect(plan).toMatch(/^strategy {3}\S+/);
    expect(plan).toMatch(/^first {6}C-\w{4}-\w{4}-\w{4}/m);
    expect(plan).toContain('time       unknown: no training or profile of these settings is measured yet');
  });
});
