/**
 * Earlier results and priors on a table: wrong ones cost at most a tenth of the budget, right ones help. Medians of
 * hypervolume over fixed seeds.
 */
import { describe, expect, it } from 'vitest';
import { type StrategyName, strategies } from '../../src/search/strategy-table.js';
import { evaluateFromTable } from '../../src/search/tables/benchmark-table.js';
import { plantedTable } from '../../src/search/tables/planted-table.js';
import {
  type SimulationSettings,
  simulateSearch,
  tableTruth,
} from '../../src/search/tables/simulated-search.js';
import { type Random, seededRandom } from '../../src/util/random.js';
import { median } from '../../src/util/statistics/order-statistics.js';

const table = plantedTable({ seed: 3 });
const objectives = [
  { name: 'score', better: 'higher' },
  { name: 'cost', better: 'lower' },
] as const;
const { reference } = tableTruth(table, objectives);
const BUDGET = 60;
const SEEDS = 9;
/** Scatter of a median over the seeds, relative. */
const NOISE = 0.01;

/** A hundred networks of the table whose scores are changed. */
function earlierOf(random: Random, change: (score: number) => number) {
  return Array.from({ length: 100 }, () => {
    const candidate = table.space.sample(random);
    const { values } = evaluateFromTable(table, candidate, { replicate: 1, fidelity: 1 }, { scores: 'mean' });
    return { genes: candidate.genes, values: { ...values, score: change(values['score']!) } };
  });
}

/** Median hypervolume after so many trials, over the seeds. */
function medians(name: StrategyName, moreOf: (random: Random) => Partial<SimulationSettings>) {
  const curves = Array.from({ length: SEEDS }, (_, seed) => {
    const more = moreOf(seededRandom(`earlier/${seed}`));
    const strategy = strategies[name];
    return simulateSearch({ table, objectives, strategy, seed, budget: BUDGET, ...more }, reference).curve;
  });
  return (trials: number): number => median(curves.map((curve) => curve[trials - 1]!.hypervolume));
}

describe.each(['predictor', 'tpe', 'nsga2'] as const)('%s', (name) => {
  const alone = medians(name, () => ({}));
  const tenthLess = alone(BUDGET - BUDGET / 10);
  it.each([
    ['inverted', () => (score: number) => 2 - score],
    ['random', (random: Random) => () => random.next()],
  ])('results with %s scores cost at most a tenth of the budget', (_, changeOf) => {
    const wrong = medians(name, (random) => ({ earlier: earlierOf(random, changeOf(random)) }));
    expect(wrong(BUDGET)).toBeGreaterThanOrEqual(tenthLess * (1 - NOISE));
  });
  it('a prior on the worst values costs at most a tenth of the budget', () => {
    const prior = Object.fromEntries(table.space.genes.map(({ name: gene }) => [gene, [1, 0, 0]]));
    expect(medians(name, () => ({ prior }))(BUDGET)).toBeGreaterThanOrEqual(tenthLess * (1 - NOISE));
  });
  it('right results help in the first half', () => {
    const right = medians(name, (random) => ({ earlier: earlierOf(random, (score) => score) }));
    expect(right(BUDGET / 2)).toBeGreaterThan(alone(BUDGET / 2));
  });
});
