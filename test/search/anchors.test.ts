/** Searches on a planted table: the predictor against uniform draws, and parallel against sequential runs. */
import { describe, expect, it } from 'vitest';
import { geneDistance } from '../../src/search/strategies/initial-design.js';
import { strategies } from '../../src/search/strategy-table.js';
import { plantedTable } from '../../src/search/tables/planted-table.js';
import { usualObjectives } from '../../src/search/tables/read-table.js';
import { simulateSearch, tableTruth } from '../../src/search/tables/simulated-search.js';
import { hypervolumeOf } from '../../src/util/pareto/hypervolume.js';
import { median } from '../../src/util/statistics/order-statistics.js';

const table = plantedTable({ seed: 5, genes: 7 });
const objectives = usualObjectives(table);
const { front, reference } = tableTruth(table, objectives);
const full = hypervolumeOf(front, reference);
const seeds = [0, 1, 2, 3, 4];

const trialsTo99 = (name: 'uniform' | 'predictor', budget: number) =>
  median(
    seeds.map((seed) => {
      const { curve } = simulateSearch(
        { table, objectives, strategy: strategies[name], seed, budget },
        reference,
      );
      const at = curve.findIndex(({ hypervolume }) => hypervolume >= 0.99 * full);
      return at < 0 ? Infinity : at + 1;
    }),
  );

describe('predictor', () => {
  it('reaches 99 % of the hypervolume in a third of the trials of uniform draws', () => {
    expect(3 * trialsTo99('predictor', 150)).toBeLessThanOrEqual(trialsTo99('uniform', 2187));
  });
  it('eight workers propose no more neighbours at a time than a sequential run does', () => {
    const shareOfNeighbours = (workers: number): number => {
      let [near, pairs] = [0, 0];
      for (const seed of seeds.slice(0, 3)) {
        const settings = { table, objectives, strategy: strategies.predictor, seed, budget: 68, workers };
        const { trials } = simulateSearch(settings, reference).study.history;
        // Eight consecutive trials after the initial ones: with eight workers, those that run together.
        for (let at = 20; at + 8 <= trials.length; at += 8)
          for (let a = at; a < at + 8; a++)
            for (let b = at; b < a; b++) {
              pairs++;
              if (geneDistance(trials[a]!.candidate.genes, trials[b]!.candidate.genes) <= 1) near++;
            }
      }
      return near / pairs;
    };
    expect(shareOfNeighbours(8)).toBeLessThanOrEqual(shareOfNeighbours(1) + 0.01);
  });
});
