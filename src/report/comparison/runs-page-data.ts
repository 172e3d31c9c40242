/** The data of the page that compares runs: what its script selects, filters, sorts and states as text. */
import type { RunComparison } from '../../analysis/comparison/compared-runs.js';
import { mainCost, type Objective } from '../../analysis/objectives/objectives.js';
import { frontOf } from '../../analysis/pareto/pareto-front.js';

/** A quantity of one run, as the table shows it. */
export interface RunQuantity {
  readonly label: string;
  readonly short: string;
  readonly unit: string;
  readonly scale: number;
  readonly better: 'higher' | 'lower';
}

export interface RunsPageData {
  readonly runs: readonly {
    readonly label: string;
    readonly score: RunQuantity;
    readonly cost: RunQuantity;
  }[];
  /** In the order of the table; charts name them by position. */
  readonly networks: readonly {
    readonly id: string;
    readonly layout: string;
    readonly symmetry: string;
    /** By run: score and cost as stored; null where the run has none. */
    readonly values: readonly (readonly [score: number | null, cost: number | null])[];
    /** Runs on whose front it is. */
    readonly front: readonly number[];
    /** Listed in the table; others are in the CSV file alone. */
    readonly listed: boolean;
  }[];
}

/** Rows of the table at most: shared networks first, then those of a front. */
export const mostListed = 400;

const quantityOf = ({ label, short, unit, scale, better }: Objective): RunQuantity => ({
  label,
  short,
  unit,
  scale,
  better,
});

export function runsPageData({ runs, networks }: RunComparison): RunsPageData {
  const costs = runs.map(({ result }) => mainCost(result));
  const fronts = runs.map(({ result, score }, run) => {
    const { front } = frontOf(result.candidates, costs[run]!, score);
    return new Set(front.map((index) => result.candidates[index]!.architectureId));
  });
  const rows = networks.map(({ id, layout, symmetry, results }) => ({
    id,
    layout,
    symmetry,
    values: results.map((candidate, run): [number | null, number | null] => [
      (candidate && runs[run]!.score.read(candidate)?.value) ?? null,
      (candidate && costs[run]!.read(candidate)?.value) ?? null,
    ]),
    front: fronts.flatMap((front, run) => (front.has(id) ? [run] : [])),
  }));
  const rank = ({ values, front }: (typeof rows)[number]): number =>
    2 * values.filter(([score]) => score !== null).length + Number(front.length > 0);
  const order = rows.map((_, index) => index).sort((a, b) => rank(rows[b]!) - rank(rows[a]!) || a - b);
  const listed = new Set(order.slice(0, mostListed));
  return {
    runs: runs.map(({ key, score }, run) => ({
      label: key,
      score: quantityOf(score),
      cost: quantityOf(costs[run]!),
    })),
    networks: rows.map((row, index) => ({ ...row, listed: listed.has(index) })),
  };
}
