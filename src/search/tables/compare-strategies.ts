/**
 * Strategies × seeds on one table: hypervolume and regret against trials, seconds of training and the
 * simulated clock, with intervals, mean ranks and Holm-corrected paired tests. Pure: rows in, rows out.
 */

import type { ParamValues } from '../../util/params.js';
import { hypervolumeOf } from '../../util/pareto/hypervolume.js';
import { holmAdjusted } from '../../util/statistics/holm.js';
import type { Estimate } from '../../util/statistics/interval.js';
import { normalCdf } from '../../util/statistics/normal.js';
import { medianInterval } from '../../util/statistics/order-statistics.js';
import type { SearchObjective } from '../objective.js';
import type { AnyStrategy } from '../strategy.js';
import type { BenchmarkTable } from './benchmark-table.js';
import { type SimulationPoint, simulateSearch, tableTruth } from './simulated-search.js';

export interface ComparedStrategy {
  /** Shown in the rows; unique. */
  readonly label: string;
  readonly strategy: AnyStrategy;
  readonly params?: ParamValues;
}

export interface StrategyComparisonOptions {
  readonly table: BenchmarkTable;
  readonly objectives: readonly SearchObjective[];
  readonly strategies: readonly ComparedStrategy[];
  /** Repetitions, seeds 0…; default 30. */
  readonly seeds?: number;
  /** Trials of each search. */
  readonly budget: number;
  /** Simulated workers; default 1. */
  readonly workers?: number;
  readonly scores?: 'mean' | 'seeds';
  /** Points on each axis; default 50. */
  readonly points?: number;
  readonly note?: (line: string) => void;
}

export type ComparisonAxis = 'trials' | 'computeSeconds' | 'clockSeconds';

export interface ComparisonPoint {
  readonly label: string;
  readonly axis: ComparisonAxis;
  readonly at: number;
  /** Share of the hypervolume of the whole table's front: median over seeds, 95 % interval. */
  readonly share: Estimate;
  /** 1 − share. */
  readonly regret: Estimate;
}

export interface ComparisonRow {
  readonly label: string;
  /** At the end of the budget. */
  readonly share: Estimate;
  /** Mean over seeds of the rank among the strategies, 1 is best. */
  readonly meanRank: number;
  /** Median trials to 99 % of the hypervolume; undefined where half of the seeds do not reach it. */
  readonly trialsTo99?: number;
  /**
   * Wilcoxon signed-rank test against the best by mean rank, Holm-corrected; undefined for the best itself.
   */
  readonly p?: number;
}

export interface StrategyComparison {
  readonly rows: readonly ComparisonRow[];
  /** By axis, then by strategy in the order given, then ascending in `at`. */
  readonly points: readonly ComparisonPoint[];
  readonly reference: readonly number[];
  /** Hypervolume of the whole table's front. */
  readonly hypervolume: number;
  /** Whether the table has training times; without them an evaluation takes one second. */
  readonly timed: boolean;
}

export function compareStrategies(options: StrategyComparisonOptions): StrategyComparison {
  const { table, objectives, strategies, seeds = 30, budget, points = 50 } = options;
  const { front, reference } = tableTruth(table, objectives);
  const full = hypervolumeOf(front, reference);
  const curves = strategies.map(({ label, strategy, params }) =>
    Array.from({ length: seeds }, (_, seed) => {
      options.note?.(`${label}, seed ${seed}`);
      const { curve } = simulateSearch(
        {
          table,
          objectives,
          strategy,
          seed,
          budget,
          workers: options.workers ?? 1,
          scores: options.scores ?? 'mean',
          ...(params ? { params } : {}),
        },
        reference,
      );
      return curve.map((point) => ({ ...point, hypervolume: point.hypervolume / full }));
    }),
  );
  return {
    rows: comparisonRows(
      strategies.map(({ label }) => label),
      curves,
    ),
    points: (['trials', 'computeSeconds', 'clockSeconds'] as const).flatMap((axis) =>
      axisPoints(
        strategies.map(({ label }) => label),
        curves,
        axis,
        points,
      ),
    ),
    reference,
    hypervolume: full,
    timed: isTimed(table),
  };
}

function isTimed(table: BenchmarkTable): boolean {
  for (const candidate of table.space.enumerate()) return table.runs(candidate)[0]!.seconds !== undefined;
  return false;
}

type Curves = readonly (readonly (readonly SimulationPoint[])[])[];

const finalShare = (curve: readonly SimulationPoint[]): number => curve.at(-1)?.hypervolume ?? 0;

function comparisonRows(labels: readonly string[], curves: Curves): ComparisonRow[] {
  const seeds = curves[0]?.length ?? 0;
  const ranks = labels.map(() => 0);
  for (let seed = 0; seed < seeds; seed++) {
    const shares = curves.map((own) => finalShare(own[seed]!));
    shares.forEach((share, index) => {
      const [better, equal] = [
        shares.filter((other) => other > share).length,
        shares.filter((other) => other === share).length,
      ];
      ranks[index]! += (better + (equal + 1) / 2) / seeds;
    });
  }
  const best = ranks.indexOf(Math.min(...ranks));
  const others = labels.map((_, index) => index).filter((index) => index !== best);
  const adjusted = holmAdjusted(
    others.map((index) =>
      signedRankP(curves[best]!.map((curve, seed) => finalShare(curve) - finalShare(curves[index]![seed]!))),
    ),
  );
  return labels.map((label, index) => {
    const reached = curves[index]!.map((curve) => {
      const at = curve.findIndex(({ hypervolume }) => hypervolume >= 0.99);
      return at < 0 ? Infinity : curve[at]!.trials;
    }).sort((a, b) => a - b);
    const typical = reached[Math.floor((reached.length - 1) / 2)] ?? Infinity;
    return {
      label,
      share: medianInterval(curves[index]!.map(finalShare)),
      meanRank: ranks[index]!,
      ...(Number.isFinite(typical) ? { trialsTo99: typical } : {}),
      ...(index === best ? {} : { p: adjusted[others.indexOf(index)]! }),
    };
  });
}

function axisPoints(
  labels: readonly string[],
  curves: Curves,
  axis: ComparisonAxis,
  points: number,
): ComparisonPoint[] {
  const end = Math.max(...curves.flat().map((curve) => curve.at(-1)?.[axis] ?? 0));
  return labels.flatMap((label, index) =>
    Array.from({ length: points }, (_, step) => {
      const exact = (end * (step + 1)) / points;
      const at = axis === 'trials' ? Math.max(1, Math.round(exact)) : exact;
      const share = medianInterval(curves[index]!.map((curve) => shareAt(curve, axis, at)));
      const regret = { ...share, value: 1 - share.value, low: 1 - share.high, high: 1 - share.low };
      return { label, axis, at, share, regret };
    }),
  );
}

/** Hypervolume of the last answer that had arrived by then. */
function shareAt(curve: readonly SimulationPoint[], axis: ComparisonAxis, at: number): number {
  let [low, high] = [0, curve.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (curve[middle]![axis] <= at * (1 + 1e-12)) low = middle + 1;
    else high = middle;
  }
  return low === 0 ? 0 : curve[low - 1]!.hypervolume;
}

/** Most differences for which the distribution of the rank sum is counted exactly. */
const EXACT = 60;

/**
 * Two-sided Wilcoxon signed-rank test (Wilcoxon 1945, doi.org/10.2307/3001968); zeros are left out. Exact by
 * counting up to 60 differences without ties in rank, else the normal approximation with tie correction.
 */
export function signedRankP(differences: readonly number[]): number {
  const values = differences.filter((value) => value !== 0);
  const n = values.length;
  if (n === 0) return 1;
  const order = values.map(Math.abs).sort((a, b) => a - b);
  const rankOf = (size: number): number => (order.indexOf(size) + 1 + order.lastIndexOf(size) + 1) / 2;
  const positive = values.reduce((sum, value) => sum + (value > 0 ? rankOf(value) : 0), 0);
  const total = (n * (n + 1)) / 2;
  const smaller = Math.min(positive, total - positive);
  if (n <= EXACT && new Set(order).size === n) {
    const ways = new Float64Array(total + 1);
    ways[0] = 1;
    for (let rank = 1; rank <= n; rank++)
      for (let sum = total; sum >= rank; sum--) ways[sum]! += ways[sum - rank]!;
    let count = 0;
    for (let sum = 0; sum <= smaller; sum++) count += ways[sum]!;
    return Math.min(1, (2 * count) / 2 ** n);
  }
  let ties = 0;
  for (const size of new Set(order)) {
    const equal = order.lastIndexOf(size) - order.indexOf(size) + 1;
    ties += equal ** 3 - equal;
  }
  const deviation = Math.sqrt((n * (n + 1) * (2 * n + 1)) / 24 - ties / 48);
  return Math.min(1, 2 * normalCdf((smaller + 0.5 - total / 2) / deviation));
}
