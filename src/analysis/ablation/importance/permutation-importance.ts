/**
 * Permutation form of importance: the share of variance that the levels of a factor explain, less what they
 * explain when they are exchanged at random among runs that agree in all other factors and in the seed.
 */
import type { Random } from '../../../util/random.js';
import type { Interval } from '../../../util/statistics/interval.js';
import { quantile } from '../../../util/statistics/order-statistics.js';
import { type FactorRow, groupsBy, meanMerit } from './factor-rows.js';

export interface PermutationImportance {
  /** Share of the variance above that of random levels; may be slightly below 0. */
  readonly value: number;
  /** P(random levels explain as much), Monte Carlo with the observed order counted. */
  readonly p: number;
}

/** One entry per factor. @param permutations default 999 */
export function permutationImportance(
  rows: readonly FactorRow[],
  random: Random,
  permutations = 999,
): PermutationImportance[] {
  const grand = meanMerit(rows);
  const total = rows.reduce((sum, { merit }) => sum + (merit - grand) ** 2, 0);
  const factors = rows[0]?.levels.length ?? 0;
  return Array.from({ length: factors }, (_, factor) => {
    const levels = rows.map((row) => row.levels[factor]!);
    const observed = explained(rows, levels, grand, total);
    const blocks = blocksOf(rows, factor);
    const draws = Array.from({ length: permutations }, () =>
      explained(rows, permuted(levels, blocks, random), grand, total),
    );
    const average = draws.reduce((sum, each) => sum + each, 0) / Math.max(1, permutations);
    const asLarge = draws.filter((each) => each >= observed - 1e-12).length;
    return { value: observed - average, p: (asLarge + 1) / (permutations + 1) };
  });
}

/**
 * 95 % intervals of `permutationImportance` by resampling seeds; undefined with fewer than two seeds.
 * @param resamples default 300 @param permutations of each resample, default 20
 */
export function permutationIntervals(
  rows: readonly FactorRow[],
  random: Random,
  {
    resamples = 300,
    permutations = 20,
  }: { readonly resamples?: number; readonly permutations?: number } = {},
): Interval[] | undefined {
  const seeds = [...groupsBy(rows, ({ seed }) => seed).values()];
  if (seeds.length < 2) return undefined;
  const draws = Array.from({ length: resamples }, () => {
    // a seed that is drawn twice is two seeds: its runs are exchanged within each copy
    const drawn = seeds.flatMap((_, copy) =>
      seeds[random.integer(seeds.length)]!.map((row) => ({ ...row, seed: copy })),
    );
    return permutationImportance(drawn, random, permutations);
  });
  return permutationImportance(rows, random).map(({ value }, factor) => {
    const values = draws.map((each) => each[factor]!.value);
    return { value, low: quantile(values, 0.025), high: quantile(values, 0.975) };
  });
}

/** Indices of the rows that agree in seed and in all factors but one. */
function blocksOf(rows: readonly FactorRow[], factor: number): readonly (readonly number[])[] {
  const keys = rows.map(({ levels, seed }) =>
    [seed, ...levels.filter((_, index) => index !== factor)].join(),
  );
  const indices = new Map<string, number[]>();
  keys.forEach((key, index) => {
    indices.set(key, [...(indices.get(key) ?? []), index]);
  });
  return [...indices.values()];
}

function permuted(
  levels: readonly number[],
  blocks: readonly (readonly number[])[],
  random: Random,
): number[] {
  const result = [...levels];
  for (const block of blocks)
    random.shuffled(block).forEach((from, index) => {
      result[block[index]!] = levels[from]!;
    });
  return result;
}

function explained(
  rows: readonly FactorRow[],
  levels: readonly number[],
  grand: number,
  total: number,
): number {
  if (total === 0) return 0;
  const labelled = rows.map((row, index) => ({ ...row, levels: [levels[index]!] }));
  const groups = [...groupsBy(labelled, (row) => row.levels[0]!).values()];
  return groups.reduce((sum, group) => sum + group.length * (meanMerit(group) - grand) ** 2, 0) / total;
}
