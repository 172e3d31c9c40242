/**
 * PED-ANOVA (Watanabe, Bansal and Hutter 2023, https://arxiv.org/abs/2304.10255): the importance of a factor
 * is the Pearson divergence between its levels among the best runs and among all runs. It needs no grid, so
 * that it also reads the trials of a search.
 */
import type { Random } from '../../../util/random.js';
import type { Interval } from '../../../util/statistics/interval.js';
import { quantile } from '../../../util/statistics/order-statistics.js';
import { type FactorRow, groupsBy } from './factor-rows.js';

/** Divergence of each factor, normalised to a sum of 1; all 0 where the best runs are like the others. */
export function pedAnova(rows: readonly FactorRow[], top = 0.25): number[] {
  if (rows.length === 0) throw new RangeError('pedAnova: at least one run is needed, got none');
  const best = [...rows]
    .sort((a, b) => b.merit - a.merit)
    .slice(0, Math.max(1, Math.round(top * rows.length)));
  const divergences = rows[0]!.levels.map((_, factor) => {
    const shareOf = (of: readonly FactorRow[], level: number): number =>
      of.filter(({ levels }) => levels[factor] === level).length / of.length;
    return [...new Set(rows.map(({ levels }) => levels[factor]!))].reduce((sum, level) => {
      const all = shareOf(rows, level);
      return sum + all * (shareOf(best, level) / all - 1) ** 2;
    }, 0);
  });
  const total = divergences.reduce((sum, each) => sum + each, 0);
  return divergences.map((each) => (total === 0 ? 0 : each / total));
}

/** `pedAnova` with 95 % intervals by resampling seeds; runs where they all have one seed. */
export function pedAnovaIntervals(
  rows: readonly FactorRow[],
  random: Random,
  { top = 0.25, resamples = 1000 }: { readonly top?: number; readonly resamples?: number } = {},
): Interval[] {
  const seeds = [...groupsBy(rows, ({ seed }) => seed).values()];
  const units = seeds.length > 1 ? seeds : rows.map((row) => [row]);
  const draws = Array.from({ length: resamples }, () =>
    pedAnova(
      units.flatMap(() => units[random.integer(units.length)]!),
      top,
    ),
  );
  return pedAnova(rows, top).map((value, factor) => {
    const drawn = draws.map((each) => each[factor]!);
    return { value, low: quantile(drawn, 0.025), high: quantile(drawn, 0.975) };
  });
}
