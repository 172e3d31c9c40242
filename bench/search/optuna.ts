/**
 * Compares our strategies with Optuna's samplers on one table, with the same budget and seeds. Without
 * `--table` the table is a planted, rugged one. Makes its own Python environment on the first run.
 */
import { execFileSync, spawn } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { basename, join } from 'node:path';
import { createInterface } from 'node:readline';
import envPaths from 'env-paths';
import { type SearchObjective, toCostVector } from '../../src/search/objective.js';
import { type StrategyName, strategies } from '../../src/search/strategy-table.js';
import { type BenchmarkTable, evaluateFromTable } from '../../src/search/tables/benchmark-table.js';
import { plantedTable } from '../../src/search/tables/planted-table.js';
import { readTable, usualObjectives } from '../../src/search/tables/read-table.js';
import { simulateSearch, tableTruth } from '../../src/search/tables/simulated-search.js';
import { hypervolumeOf } from '../../src/util/pareto/hypervolume.js';
import { median, medianInterval } from '../../src/util/statistics/order-statistics.js';
import type { Bench, BenchOptions, BenchTable } from '../benchmark.js';

const packages = ['optuna==5.*', 'numpy', 'scipy', 'torch'];
/** Optuna's Gaussian process needs minutes per hundred trials: it gets this many, and fewer seeds. */
const samplers = [
  { name: 'tpe', trials: 1000, seeds: 30 },
  { name: 'nsga2', trials: 1000, seeds: 30 },
  { name: 'nsga3', trials: 1000, seeds: 30 },
  { name: 'gp', trials: 300, seeds: 10 },
] as const;
const ours: readonly StrategyName[] = ['uniform', 'nsga2', 'tpe', 'predictor'];
const marks = [100, 300, 1000] as const;

/** Shares of the full front's hypervolume after each trial. */
type Curve = Float64Array;

export const optunaBench = {
  summary: 'hypervolume against trials beside the samplers of Optuna 5, on one table (--table FILE)',
  needsEngine: false,
  onlyByName: true,
  async run(options) {
    const table = options.table
      ? readTable(readFileSync(options.table, 'utf8'), basename(options.table))
      : plantedTable({ seed: 1 });
    const objectives = usualObjectives(table, options.objectives);
    const python = pythonWithOptuna(options.note);
    const judge = judgeOf(table, objectives);
    const budget = options.quick ? 60 : 1000;
    const seeds = options.seeds ?? (options.quick ? 2 : 30);
    const rows: string[][] = [];
    const blind = withoutExactCosts(table);
    for (const name of ours) {
      rows.push(ourRow(name, name, table, objectives, judge, budget, seeds, options));
      if (name === 'predictor')
        rows.push(ourRow('predictor, no cost known', name, blind, objectives, judge, budget, seeds, options));
    }
    for (const { name, trials, seeds: most } of samplers) {
      const count = Math.min(seeds, most);
      rows.push(
        await optunaRow(python, name, table, objectives, judge, Math.min(budget, trials), count, options),
      );
    }
    return [tableOf(table, objectives, rows)];
  },
} as const satisfies Bench;

function tableOf(
  table: BenchmarkTable,
  objectives: readonly SearchObjective[],
  rows: readonly (readonly string[])[],
): BenchTable {
  const names = objectives.map(({ name, better }) => `${name} (${better})`).join(' and ');
  return {
    title: `Hypervolume on ${table.name}, % of the full front's: median over seeds (95 % interval)`,
    columns: [
      'strategy',
      ...marks.map((mark) => `${mark} trials`),
      'trials to 99 %',
      'seeds',
      'ms per trial',
    ],
    rows,
    notes: [
      `objectives: ${names}; every candidate is judged by its mean over the table's seeds`,
      'reference point: beyond the worst of the table by a tenth of its range; — : not run so far',
    ],
  };
}

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

function row(name: string, curves: readonly Curve[], seconds: number): string[] {
  const cells = marks.map((mark) => {
    if (curves.some((curve) => curve.length < mark)) return '—';
    const { value, low, high } = medianInterval(curves.map((curve) => 100 * curve[mark - 1]!));
    return `${value.toFixed(2)} (${low.toFixed(2)}–${high.toFixed(2)})`;
  });
  const reached = curves.map((curve) => {
    const at = curve.findIndex((share) => share >= 0.99);
    return at < 0 ? Infinity : at + 1;
  });
  const typical = median(reached);
  const trials = curves.reduce((sum, curve) => sum + curve.length, 0);
  return [
    name,
    ...cells,
    Number.isFinite(typical) ? String(Math.round(typical)) : `over ${curves[0]!.length}`,
    String(curves.length),
    ((1000 * seconds) / trials).toFixed(2),
  ];
}

function ourRow(
  label: string,
  name: StrategyName,
  table: BenchmarkTable,
  objectives: readonly SearchObjective[],
  { reference, full }: Judge,
  budget: number,
  seeds: number,
  { note }: BenchOptions,
): string[] {
  const before = process.cpuUsage();
  const curves = Array.from({ length: seeds }, (_, seed) => {
    note(`${label}, seed ${seed}`);
    const settings = { table, objectives, strategy: strategies[name], seed, budget };
    const { curve } = simulateSearch(settings, reference);
    return Float64Array.from({ length: budget }, (_unused, at) => {
      return (curve[Math.min(at, curve.length - 1)]?.hypervolume ?? 0) / full;
    });
  });
  const { user, system } = process.cpuUsage(before);
  return row(`stagecraft ${label}`, curves, (user + system) / 1e6);
}

async function optunaRow(
  python: string,
  sampler: string,
  table: BenchmarkTable,
  objectives: readonly SearchObjective[],
  judge: Judge,
  budget: number,
  seeds: number,
  { note }: BenchOptions,
): Promise<string[]> {
  const child = spawn(python, [join(import.meta.dirname, 'optuna-side.py')], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  const ended = new Promise<number | null>((resolve) => child.on('close', resolve));
  child.stdin.end(
    JSON.stringify({
      genes: table.space.genes.map(({ choices }) => choices),
      members: judge.members,
      directions: objectives.map(({ better }) => (better === 'higher' ? 'maximize' : 'minimize')),
      sampler,
      budget,
      seeds: Array.from({ length: seeds }, (_, seed) => seed),
    }),
  );
  const curves: Curve[] = [];
  let [spent, version] = [0, ''];
  for await (const line of createInterface({ input: child.stdout })) {
    const answer = JSON.parse(line) as { asked: string[]; seconds: number; optuna: string };
    curves.push(curveOf(answer.asked, judge));
    spent += answer.seconds;
    version = answer.optuna;
    note(`optuna ${sampler}, ${curves.length} of ${seeds} seeds`);
  }
  const code = await ended;
  if (code !== 0) throw new Error(`bench: optuna-side.py must end with 0, got ${code}`);
  return row(`optuna ${version} ${sampler}`, curves, spent);
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

/** `STAGECRAFT_BENCH_OPTUNA`, or an environment of its own in the user's cache, made on first use. */
function pythonWithOptuna(note: (line: string) => void): string {
  const named = process.env['STAGECRAFT_BENCH_OPTUNA'];
  if (named) return named;
  const folder = join(envPaths('stagecraft', { suffix: '' }).cache, 'bench-optuna');
  const python = join(folder, 'bin', 'python');
  if (existsSync(python)) return python;
  const fresh = `${folder}.new`;
  rmSync(fresh, { recursive: true, force: true });
  mkdirSync(join(fresh, '..'), { recursive: true });
  note('making a Python environment with Optuna and PyTorch (gigabytes, once)');
  execFileSync('python3', ['-m', 'venv', fresh], { stdio: 'inherit' });
  const install = ['-m', 'pip', 'install', '--quiet', '--disable-pip-version-check', ...packages];
  execFileSync(join(fresh, 'bin', 'python'), install, { stdio: ['ignore', 'inherit', 'inherit'] });
  renameSync(fresh, folder); // only a finished environment is ever seen
  return python;
}
