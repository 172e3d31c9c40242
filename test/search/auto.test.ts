/** What \`auto\` chooses, and that a covered space is evaluated whole, the front first. */
import { describe, expect, it } from 'vitest';
import { choiceSpace } from '../../src/search/spaces/choice-space.js';
import { autoChoice } from '../../src/search/strategies/auto.js';
import { strategies } from '../../src/search/strategy-table.js';
import { plantedTable } from '../../src/search/tables/planted-table.js';
import { usualObjectives } from '../../src/search/tables/read-table.js';
import { simulateSearch, tableTruth } from '../../src/search/tables/simulated-search.js';
import { hypervolumeOf } from '../../src/util/pareto/hypervolume.js';

const chosen = (genes: number, budget: number, objectives = 2): string => {
  const { strategy, reason } = autoChoice({
    space: choiceSpace({
      name: 'own',
      genes: Array.from({ length: genes }, (_, at) => ({ name: `${at}`, choices: 3 })),
    }),
    objectives: Array.from({ length: objectives }, (_, at) => ({ name: `${at}`, better: 'lower' as const })),
    constraints: [],
    budget,
  });
  return `${strategy.name}: ${reason}`;
};

describe('autoChoice', () => {
  it.each([
    [2, 100, 2, 'exhaustive: the budget of 100 trials covers all 9 members'],
    [
      4,
      100,
      2,
      'predictor: the budget of 100 trials covers all 81 members; a model puts the most promising first',
    ],
    [4, 100, 4, 'exhaustive: the budget of 100 trials covers all 81 members'],
    [8, 7000, 2, 'exhaustive: the budget of 7000 trials covers all 6561 members'],
    [8, 10, 2, 'quasi-random: 10 trials are too few for a model: they are spread evenly'],
    [8, 100, 2, 'predictor: a model finds the front in fewest trials; there are 100 trials'],
    [12, 30_000, 2, 'nsga2: 30000 trials are enough for evolution, at less overhead'],
    [8, 100, 4, 'nsga3: with 4 objectives expected improvement is costly: evolution by rank'],
  ])('3^%i members, %i trials, %i objectives', (genes, budget, objectives, expected) =>
    expect(chosen(genes, budget, objectives)).toBe(expected),
  );

  it('a covered space of 81 members is evaluated whole, and its front is known after half', () => {
    const table = plantedTable({ seed: 4, genes: 4, noise: 0 });
    const objectives = usualObjectives(table);
    const { front, reference } = tableTruth(table, objectives);
    const settings = { table, objectives, strategy: strategies.auto, seed: 1, budget: 100 };
    const { curve, study } = simulateSearch(settings, reference);
    expect(study.history.distinct).toBe(81);
    expect(study.ask()).toBeUndefined();
    const full = hypervolumeOf(front, reference);
    expect(curve.at(-1)!.hypervolume / full).toBeCloseTo(1, 9);
    expect(curve[39]!.hypervolume / full).toBeGreaterThan(0.99);
  });
});
