/**
 * Compares our strategies with Optuna's samplers on one table, with the same budget and seeds. Without
 * `--table` the table is a planted, rugged one; `--table epistasis` and `--table staircase` are generated, too.
 * `--searches a,b` runs some of them only, `--kept` takes Optuna's answers as far as earlier runs have them.
 */
import { readFileSync } from 'node:fs';
import { basename } from 'node:path';
import { type SearchObjective, toCostVector } from '../../src/search/objective.js';
import { type StrategyName, strategies } from '../../src/search/strategy-table.js';
import { type BenchmarkTable, evaluateFromTable } from '../../src/search/tables/benchmark-table.js';
import { plantedTable } from '../../src/search/tables/planted-table.js';
import { readTable, usualObjectives } from '../../src/search/tables/read-table.js';
import { simulateSearch, tableTruth } from '../../src/search/tables/simulated-search.js';
import { hypervolumeOf } from '../../src/util/pareto/hypervolume.js';
import { median, medianInterval } from '../../src/util/statistics/order-statistics.js';
import type { Bench, BenchOptions, BenchTable } from '../benchmark.js';
import { optunaAnswers } from './optuna-answers.js';
import { structuredTables } from './structured-tables.js';

const always = (): number => 1000;
/** The Gaussian process takes hours for a thousand trials: two of its seeds go on to them. */
const samplers = [
  { name: 'tpe', trials: always, seeds: 30 },
  { name: 'nsga2', trials: always, seeds: 30 },
  { name: 'nsga3', trials: always, seeds: 30 },
  { name: 'gp', trials: (seed: number) => (seed < 2 ? 1000 : 300), seeds: 10 },
] as const;
/** All but those that list the space, or choose another one of these; training-free where the table has scores. */
const ours = (Object.keys(strategies) as StrategyName[]).filter(
  (name) => name !== 'exhaustive' && name !== 'auto',
);
const marks = [100, 300, 1000] as const;

const BLIND = 'predictor, no cost known';

/** Shares of the full front's hypervolume after each trial. */
type Curve = Float64Array;

interface Result {
  readonly label: string;
  readonly isOurs: boolean;
  /** One per seed. */
  readonly curves: readonly Curve[];
  readonly seconds: number;
}

export const optunaBench = {
  summary: 'hypervolume against trials beside the samplers of Optuna 5, on one table (--table FILE)',
  needsEngine: false,
  onlyByName: true,
  async run(options) {
    const table = tableOf(options.table);
    const objectives = usualObjectives(table, options.objectives);
    const judge = judgeOf(table, objectives);
    const budget = options.trials ?? (options.quick ? 60 : 1000);
    const seeds = options.seeds ?? (options.quick ? 2 : 30);
    const results: Result[] = [];
    const blind = withoutExactCosts(table);
    const isWanted = (name: string): boolean => options.searches?.includes(name) ?? true;
    const usable = ours.filter((name) => name !== 'training-free' || table.space.trainingFree !== undefined);
    for (const name of usable.filter(isWanted)) {
      results.push(ourResult(name, name, table, objectives, judge, budget, seeds, options));
      if (name === 'predictor' && knowsCosts(table))
        results.push(ourResult(BLIND, name, blind, objectives, judge, budget, seeds, options));
    }
    for (const sampler of samplers.filter(({ name }) => isWanted(`optuna-${name}`))) {
      const result = await optunaResult(sampler, table, objectives, judge, budget, options);
      if (result) results.push(result);
    }
    return [resultTable(table, objectives, results)];
  },
} as const satisfies Bench;

/** A generated table by its name, or a file's; the planted one by default. */
function tableOf(named: string | undefined): BenchmarkTable {
  if (named === undefined) return plantedTable({ seed: 1 });
  if (Object.hasOwn(structuredTables, named))
    return structuredTables[named as keyof typeof structuredTables]();
  return readTable(readFileSync(named, 'utf8'), basename(named));
}

function resultTable(
  table: BenchmarkTable,
  objectives: readonly SearchObjective[],
  results: readonly Result[],
): BenchTable {
  const names = objectives.map(({ name, better }) => `${name} (${better})`).join(' and ');
  return {
    title: `Hypervolume on ${table.name}, % of the full front's: median over seeds (95 % interval)`,
    columns: [
      'strategy',
      ...marks.map((mark) => `${mark} trials`),
      'trials to 99 %',
      'seeds',
      'CPU ms per trial',
    ],
    rows: results.map(row),
    notes: [
      ...marks.flatMap((mark) => leadAt(mark, results)),
      `objectives: ${names}; every candidate is judged by its mean over the table's seeds`,
      'reference point: beyond the worst of the table by a tenth of its range',
      '— : not run so far; of 2: so many seeds went so far',
    ],
  };
}

const knowsCosts = ({ space }: BenchmarkTable): boolean => {
  const [first] = space.enumerate();
  return Object.keys(space.exact(first!)).length > 0;
};

const withoutExactCosts = (table: BenchmarkTable): BenchmarkTable => ({
  ...table,
  space: { ...table.space, exact: () => ({}) },
});

interface Judge {
  readonly reference: readonly number[];
  readonly full: number;
  costsOf(key: string): readonly number[];
  readonly members: Readonly<Record<string, number[]>>;
}

function judgeOf(table: BenchmarkTable, objectives: readonly SearchObjective[]): Judge {
  const { front, reference } = tableTruth(table, objectives);
  const members: Record<string, number[]> = {};
  const costs = new Map<string, number[]>();
  for (const candidate of table.space.enumerate()) {
    const { values } = evaluateFromTable(table, candidate, { replicate: 1, fidelity: 1 }, { scores: 'mean' });
    const key = candidate.genes.join(',');
    members[key] = objectives.map(({ name }) => values[name]!);
    costs.set(key, toCostVector(values, objectives));
  }
  return { reference, full: hypervolumeOf(front, reference), members, costsOf: (key) => costs.get(key)! };
}

/** Shares in % of the searches that went so far; undefined where none did. */
function at(mark: number, curves: readonly Curve[]): readonly number[] | undefined {
  const reached = curves.filter((curve) => curve.length >= mark);
  return reached.length > 0 ? reached.map((curve) => 100 * curve[mark - 1]!) : undefined;
}

/** The best medians of both sides after as many trials, with and without exactly known costs. */
function leadAt(mark: number, results: readonly Result[]): string[] {
  const best = (kept: (result: Result) => boolean): string | undefined => {
    const medians = results.filter(kept).flatMap(({ label, curves }) => {
      const shares = at(mark, curves);
      return shares ? [{ label, share: median(shares) }] : [];
    });
    const first = medians.sort((a, b) => b.share - a.share)[0];
    return first && `${first.label} ${first.share.toFixed(2)}`;
  };
  const [own, blind, other] = [
    best(({ isOurs }) => isOurs),
    best(({ label }) => label === `stagecraft ${BLIND}`),
    best(({ isOurs }) => !isOurs),
  ];
  return own && other ? [`after ${mark} trials: ${own}; ${blind}; ${other}`] : [];
}

function row({ label, curves, seconds }: Result): string[] {
  const cells = marks.map((mark) => {
    const shares = at(mark, curves);
    if (!shares) return '—';
    const { value, low, high } = medianInterval(shares);
    const few = shares.length < curves.length ? ` of ${shares.length}` : '';
    return `${value.toFixed(2)} (${low.toFixed(2)}–${high.toFixed(2)})${few}`;
  });
  const longest = Math.max(...curves.map(({ length }) => length));
  const reached = curves.map((curve) => {
    const first = curve.findIndex((share) => share >= 0.99);
    return first < 0 ? Infinity : first + 1;
  });
  const typical = median(reached);
  const trials = curves.reduce((sum, curve) => sum + curve.length, 0);
  return [
    label,
    ...cells,
    Number.isFinite(typical) ? String(Math.round(typical)) : `over ${longest}`,
    String(curves.length),
    ((1000 * seconds) / trials).toFixed(2),
  ];
}

function ourResult(
  label: string,
  name: StrategyName,
  table: BenchmarkTable,
  objectives: readonly SearchObjective[],
  { reference, full }: Judge,
  budget: number,
  seeds: number,
  { note }: BenchOptions,
): Result {
  const before = process.cpuUsage();
  const curves = Array.from({ length: seeds }, (_, seed) => {
    note(`${label}, seed ${seed}`);
    const settings = { table, objectives, strategy: strategies[name], seed, budget };
    const { curve } = simulateSearch(settings, reference);
    return Float64Array.from({ length: budget }, (_unused, trial) => {
      return (curve[Math.min(trial, curve.length - 1)]?.hypervolume ?? 0) / full;
    });
  });
  const { user, system } = process.cpuUsage(before);
  return { label: `stagecraft ${label}`, isOurs: true, curves, seconds: (user + system) / 1e6 };
}

async function optunaResult(
  { name, trials, seeds }: (typeof samplers)[number],
  table: BenchmarkTable,
  objectives: readonly SearchObjective[],
  judge: Judge,
  budget: number,
  options: BenchOptions,
): Promise<Result | undefined> {
  const task = {
    genes: table.space.genes.map(({ choices }) => choices),
    members: judge.members,
    directions: objectives.map(({ better }): 'maximize' | 'minimize' =>
      better === 'higher' ? 'maximize' : 'minimize',
    ),
    sampler: name,
  };
  const count = options.seeds === undefined ? seeds : Math.min(seeds, options.seeds);
  const runs = Array.from({ length: options.quick ? Math.min(2, count) : count }, (_, seed) => ({
    seed,
    trials: Math.min(budget, trials(seed)),
  }));
  const answers = await optunaAnswers(task, runs, { marks, keptOnly: options.kept, note: options.note });
  if (answers.length === 0) return undefined;
  return {
    label: `optuna ${answers[0]!.optuna} ${name}`,
    isOurs: false,
    curves: answers.map(({ asked }) => curveOf(asked, judge)),
    seconds: answers.reduce((sum, { seconds }) => sum + seconds, 0),
  };
}

function curveOf(asked: readonly string[], { reference, full, costsOf }: Judge): Curve {
  const seen = new Map<string, readonly number[]>();
  let [share, known] = [0, 0];
  return Float64Array.from(asked, (key) => {
    seen.set(key, costsOf(key));
    if (seen.size > known) share = hypervolumeOf([...seen.values()], reference) / full;
    known = seen.size;
    return share;
  });
}
