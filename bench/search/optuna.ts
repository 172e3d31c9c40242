/**
 * Compares our strategies with Optuna's samplers on one table, with the same budget and seeds. Without
 * `--table` the table is a planted, rugged one. Makes its own Python environment on the first run, and keeps
 * Optuna's answers, which take hours, in `.stagecraft/bench-optuna`.
 */
import { execFileSync, spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { appendFileSync, existsSync, mkdirSync, readFileSync, renameSync, rmSync } from 'node:fs';
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
/** Optuna's Gaussian process needs minutes per hundred trials: it gets this many, and by default fewer seeds. */
const samplers = [
  { name: 'tpe', trials: 1000, seeds: 30 },
  { name: 'nsga2', trials: 1000, seeds: 30 },
  { name: 'nsga3', trials: 1000, seeds: 30 },
  { name: 'gp', trials: 300, seeds: 10 },
] as const;
/** All but those that list the space, or choose another one of these; training-free where the table has scores. */
const ours = (Object.keys(strategies) as StrategyName[]).filter(
  (name) => name !== 'exhaustive' && name !== 'auto',
);
const marks = [100, 300, 1000] as const;

const BLIND = 'predictor, no cost known';
/** Optuna's answers by table, sampler and budget: one line per seed, so that an interrupted run goes on. */
const cacheFolder = join(import.meta.dirname, '../../.stagecraft/bench-optuna');

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
    const table = options.table
      ? readTable(readFileSync(options.table, 'utf8'), basename(options.table))
      : plantedTable({ seed: 1 });
    const objectives = usualObjectives(table, options.objectives);
    const python = pythonWithOptuna(options.note);
    const judge = judgeOf(table, objectives);
    const budget = options.quick ? 60 : 1000;
    const seeds = options.seeds ?? (options.quick ? 2 : 30);
    const results: Result[] = [];
    const blind = withoutExactCosts(table);
    const usable = ours.filter((name) => name !== 'training-free' || table.space.trainingFree !== undefined);
    for (const name of usable) {
      results.push(ourResult(name, name, table, objectives, judge, budget, seeds, options));
      if (name === 'predictor')
        results.push(ourResult(BLIND, name, blind, objectives, judge, budget, seeds, options));
    }
    for (const { name, trials, seeds: most } of samplers) {
      const count = options.seeds ?? Math.min(seeds, most);
      const own = Math.min(budget, trials);
      results.push(await optunaResult(python, name, table, objectives, judge, own, count, options));
    }
    return [tableOf(table, objectives, results)];
  },
} as const satisfies Bench;

function tableOf(
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
      'ms per trial',
    ],
    rows: results.map(row),
    notes: [
      ...marks.flatMap((mark) => leadAt(mark, results)),
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

const at = (mark: number, curves: readonly Curve[]): readonly number[] | undefined =>
  curves.length > 0 && curves.every((curve) => curve.length >= mark)
    ? curves.map((curve) => 100 * curve[mark - 1]!)
    : undefined;

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
    return `${value.toFixed(2)} (${low.toFixed(2)}–${high.toFixed(2)})`;
  });
  const reached = curves.map((curve) => {
    const first = curve.findIndex((share) => share >= 0.99);
    return first < 0 ? Infinity : first + 1;
  });
  const typical = median(reached);
  const trials = curves.reduce((sum, curve) => sum + curve.length, 0);
  return [
    label,
    ...cells,
    Number.isFinite(typical) ? String(Math.round(typical)) : `over ${curves[0]!.length}`,
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

interface Answer {
  readonly seed: number;
  /** Members in the order of the trials. */
  readonly asked: readonly string[];
  readonly seconds: number;
  readonly optuna: string;
}

async function optunaResult(
  python: string,
  sampler: string,
  table: BenchmarkTable,
  objectives: readonly SearchObjective[],
  judge: Judge,
  budget: number,
  seeds: number,
  { note }: BenchOptions,
): Promise<Result> {
  const task = {
    genes: table.space.genes.map(({ choices }) => choices),
    members: judge.members,
    directions: objectives.map(({ better }) => (better === 'higher' ? 'maximize' : 'minimize')),
    sampler,
    budget,
  };
  const hash = createHash('sha256').update(JSON.stringify(task)).digest('hex').slice(0, 16);
  const file = join(cacheFolder, `${sampler}-${budget}-${hash}.jsonl`);
  const wanted = Array.from({ length: seeds }, (_, seed) => seed);
  const known = new Map(cached(file).map((answer) => [answer.seed, answer]));
  const missing = wanted.filter((seed) => !known.has(seed));
  if (missing.length > 0)
    await askOptuna(python, { ...task, seeds: missing }, (answer) => {
      known.set(answer.seed, answer);
      mkdirSync(cacheFolder, { recursive: true });
      appendFileSync(file, `\n${JSON.stringify(answer)}\n`);
      note(`optuna ${sampler}, ${known.size} of ${seeds} seeds`);
    });
  const answers = wanted.map((seed) => known.get(seed)!);
  return {
    label: `optuna ${answers[0]!.optuna} ${sampler}`,
    isOurs: false,
    curves: answers.map(({ asked }) => curveOf(asked, judge)),
    seconds: answers.reduce((sum, { seconds }) => sum + seconds, 0),
  };
}

/** A line that was cut off is left out. */
function cached(file: string): Answer[] {
  if (!existsSync(file)) return [];
  return readFileSync(file, 'utf8')
    .split('\n')
    .flatMap((line) => (line.endsWith('}') ? [JSON.parse(line) as Answer] : []));
}

async function askOptuna(python: string, task: object, onAnswer: (answer: Answer) => void): Promise<void> {
  const script = join(import.meta.dirname, 'optuna-side.py');
  const child = spawn(python, [script], { stdio: ['pipe', 'pipe', 'inherit'] });
  const ended = new Promise<number | null>((resolve) => child.on('close', resolve));
  child.stdin.end(JSON.stringify(task));
  for await (const line of createInterface({ input: child.stdout })) onAnswer(JSON.parse(line) as Answer);
  const code = await ended;
  if (code !== 0) throw new Error(`bench: optuna-side.py must end with 0, got ${code}`);
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
