/** Reference directions and survival of NSGA-III. */
import { describe, expect, it } from 'vitest';
import { nichedSurvivors, referenceDirections } from '../../src/search/strategies/nsga3.js';

describe('nsga3', () => {
  it('referenceDirections are as many as Das and Dennis count, and sum to 1', () => {
    expect(referenceDirections(3, 91).length).toBe(91);
    expect(referenceDirections(3, 100).length).toBe(91);
    expect(referenceDirections(4, 60).length).toBe(56);
    for (const direction of referenceDirections(3, 91))
      expect(direction.reduce((sum, value) => sum + value, 0)).toBeCloseTo(1, 12);
  });
  it('nichedSurvivors keeps one point for each direction of a front, and better ranks first', () => {
    const costs = [
      [0, 1],
      [0.01, 0.99],
      [0.02, 0.98],
      [0.5, 0.5],
      [1, 0],
      [2, 2],
    ];
    const entries = costs.map((cost, index) => ({
      candidate: { key: String(index), genes: [], value: index },
      costs: cost,
      violation: 0,
    }));
    const kept = nichedSurvivors(entries, 3, referenceDirections(2, 3));
    expect(kept.map(({ entry }) => entry.candidate.value).sort()).toEqual([0, 3, 4]);
    expect(nichedSurvivors(entries, 6, referenceDirections(2, 3)).at(-1)!.rank).toBe(1);
  });
});
