/** Comparison of strategies on a table: rows, axes, ranks and significance. */
import { describe, expect, it } from 'vitest';
import { strategies } from '../../src/search/strategy-table.js';
import { compareStrategies, signedRankP } from '../../src/search/tables/compare-strategies.js';
import { plantedTable } from '../../src/search/tables/planted-table.js';
import { usualObjectives } from '../../src/search/tables/read-table.js';

describe('compareStrategies', () => {
  const table = plantedTable({ seed: 2, genes: 5 });
  const result = compareStrategies({
    table,
    objectives: usualObjectives(table),
    strategies: [
      { label: 'uniform', strategy: strategies.uniform },
      { label: 'local', strategy: strategies['local-search'] },
    ],
    seeds: 12,
    budget: 80,
    workers: 4,
    points: 8,
  });
  it('ranks local search before uniform draws on a smooth table, with significance', () => {
    const [uniform, local] = result.rows;
    expect(local!.meanRank).toBeLessThan(uniform!.meanRank);
    expect(uniform!.meanRank + local!.meanRank).toBeCloseTo(3, 12);
    expect(uniform!.p).toBeLessThan(0.05);
    expect(local!.p).toBeUndefined();
  });
  it('hypervolume never falls along any axis, and regret is what is missing', () => {
    for (const axis of ['trials', 'computeSeconds', 'clockSeconds'] as const)
      for (const label of ['uniform', 'local']) {
        const points = result.points.filter((point) => point.axis === axis && point.label === label);
        expect(points.length).toBe(8);
        points.forEach(({ share, regret }, index) => {
          expect(regret.value).toBeCloseTo(1 - share.value, 12);
          if (index > 0) expect(share.value).toBeGreaterThanOrEqual(points[index - 1]!.share.value);
        });
      }
    const end = (axis: string) =>
      Math.max(...result.points.filter((p) => p.axis === axis).map(({ at }) => at));
    expect(end('clockSeconds')).toBe(20);
    expect(end('computeSeconds')).toBe(80);
  });
});

describe('signedRankP', () => {
  it('equals the published exact probabilities', () => {
    expect(signedRankP([1, 2, 3, 4, 5])).toBeCloseTo(2 / 32, 12);
    expect(signedRankP([-1, 2, 3, 4, 5, 6])).toBeCloseTo(4 / 64, 12);
    expect(signedRankP([0, 0])).toBe(1);
  });
  it('approximates where ranks are tied', () => {
    expect(signedRankP([1, 1, 1, -1])).toBeGreaterThan(0.3);
    expect(signedRankP(new Array<number>(12).fill(1))).toBeLessThan(0.01);
  });
});
