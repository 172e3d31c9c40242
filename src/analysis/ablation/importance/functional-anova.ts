/**
 * Functional ANOVA (Hutter, Hoos and Leyton-Brown 2014, https://proceedings.mlr.press/v32/hutter14.html) of a
 * full grid, where it is exact: the variance of the cells' means is split among factors and pairs of factors.
 */
import type { Random } from '../../../util/random.js';
import type { Interval } from '../../../util/statistics/interval.js';
import { quantile } from '../../../util/statistics/order-statistics.js';
import { type FactorRow, groupsBy, meanMerit } from './factor-rows.js';

export interface VarianceShare {
  /** One factor, or two for their interaction alone. */
  readonly factors: readonly number[];
  /** Fraction of the variance, with its 95 % interval by resampling seeds; unknown with one seed. */
  readonly share: Interval;
}

type Shares = ReadonlyMap<string, number>;

/**
 * @param rows at least one of each combination of levels
 * @throws RangeError where a combination is missing
 */
export function functionalAnova(
  rows: readonly FactorRow[],
  levelCounts: readonly number[],
  random: Random,
  resamples = 1000,
): VarianceShare[] {
  const observed = sharesOf(rows, levelCounts);
  const bySeed = [...groupsBy(rows, ({ seed }) => seed).values()];
  const draws =
    bySeed.length < 2
      ? []
      : Array.from({ length: resamples }, () =>
          sharesOf(
            bySeed.flatMap(() => bySeed[random.integer(bySeed.length)]!),
            levelCounts,
          ),
        );
  return [...observed].map(([key, value]) => {
    const drawn = draws.map((shares) => shares.get(key) ?? 0);
    return {
      factors: key.split(',').map(Number),
      share:
        drawn.length === 0
          ? { value, low: value, high: value, unknown: true }
          : { value, low: quantile(drawn, 0.025), high: quantile(drawn, 0.975) },
    };
  });
}

function sharesOf(rows: readonly FactorRow[], levelCounts: readonly number[]): Shares {
  const cells = [...groupsBy(rows, ({ levels }) => levels.join(',')).values()].map((group) => ({
    levels: group[0]!.levels,
    merit: meanMerit(group),
    seed: 0,
  }));
  const expected = levelCounts.reduce((product, count) => product * count, 1);
  if (cells.length !== expected)
    throw new RangeError(`functionalAnova: all ${expected} combinations are needed, got ${cells.length}`);
  const grand = meanMerit(cells);
  const total = cells.reduce((sum, { merit }) => sum + (merit - grand) ** 2, 0) / cells.length;
  const factors = levelCounts.map((_, factor) => factor);
  const marginal = (of: readonly number[]): number => {
    const groups = [
      ...groupsBy(cells, ({ levels }) => of.map((factor) => levels[factor]).join(',')).values(),
    ];
    return groups.reduce((sum, group) => sum + (meanMerit(group) - grand) ** 2, 0) / groups.length;
  };
  const mains = factors.map((factor) => marginal([factor]));
  const shares = new Map<string, number>();
  const share = (variance: number): number => (total === 0 ? 0 : Math.max(0, variance) / total);
  for (const factor of factors) shares.set(String(factor), share(mains[factor]!));
  for (const a of factors)
    for (const b of factors.slice(a + 1))
      shares.set(`${a},${b}`, share(marginal([a, b]) - mains[a]! - mains[b]!));
  return shares;
}
