/** Searches on a planted table: the predictor against uniform draws, and parallel against sequential runs. */
import { describe, expect, it } from 'vitest';
import { toCostVector } from '../../src/search/objective.js';
import { geneDistance } from '../../src/search/strategies/initial-design.js';
import { type StrategyName, strategies } from '../../src/search/strategy-table.js';
import { evaluateFromTable } from '../../src/search/tables/benchmark-table.js';
import { plantedTable } from '../../src/search/tables/planted-table.js';
import { usualObjectives } from '../../src/search/tables/read-table.js';
import { simulateSearch, tableTruth } from '../../src/search/tables/simulated-search.js';
import { frontIndices } from '../../src/util/pareto/front.js';
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

describe('predictor(per: second)', () => {
  it('finds more of the front in the same seconds, where times differ tenfold', () => {
    // Times are learned: the space does not know them, and they follow the cost steeply.
    const shareOf = (per: 'trial' | 'second', of: typeof table): number => {
      const timed: typeof table = {
        ...of,
        runs: (candidate) =>
          of.runs(candidate).map((run) => ({ ...run, seconds: run.values['cost']! ** 3 / 1000 })),
      };
      const truth = tableTruth(timed, objectives);
      const shares = seeds.slice(0, 3).flatMap((seed) => {
        const settings = { table: timed, objectives, strategy: strategies.predictor, seed, budget: 100 };
        const { curve } = simulateSearch({ ...settings, params: { per } }, truth.reference);
        return [400, 600, 1000].map(
          (seconds) => curve.filter(({ computeSeconds }) => computeSeconds <= seconds).at(-1)!.hypervolume,
        );
      });
      const mean = shares.reduce((sum, share) => sum + share, 0) / shares.length;
      return mean / hypervolumeOf(truth.front, truth.reference);
    };
    const tables = [1, 2, 3, 4, 5, 6].map((seed) => plantedTable({ seed, genes: 7 }));
    const [perTrial, perSecond] = (['trial', 'second'] as const).map((per) =>
      tables.reduce((sum, own) => sum + shareOf(per, own) / tables.length, 0),
    );
    expect(perSecond!).toBeGreaterThan(perTrial! + 0.005);
  });
});

describe('priors and fidelities', () => {
  const after = (
    budget: number,
    more: Partial<Parameters<typeof simulateSearch>[0]>,
    name: StrategyName = 'predictor',
  ) =>
    median(
      seeds.map(
        (seed) =>
          simulateSearch(
            { table, objectives, strategy: strategies[name], seed, budget, ...more },
            reference,
          ).curve.at(-1)!.hypervolume / full,
      ),
    );
  /** Weights that favour one choice of each gene by 20 to 1. */
  const belief = (choiceOf: (gene: number) => number) =>
    Object.fromEntries(
      table.space.genes.map(({ name, choices }, gene) => [
        name,
        Array.from({ length: choices }, (_, choice) => (choice === choiceOf(gene) ? 20 : 1)),
      ]),
    );
  it('a wrong prior costs at most a tenth of the budget', () => {
    const worst = [...table.space.enumerate()].reduce((low, member) =>
      table.truth(member) < table.truth(low) ? member : low,
    );
    const prior = belief((gene) => worst.genes[gene]!);
    expect(after(100, { prior })).toBeGreaterThanOrEqual(after(90, {}) - 0.002);
  });
  it('uniform draws gain from a right prior', () => {
    const best = [...table.space.enumerate()].reduce((high, member) =>
      table.truth(member) > table.truth(high) ? member : high,
    );
    const prior = belief((gene) => best.genes[gene]!);
    expect(after(60, { prior }, 'uniform')).toBeGreaterThan(after(60, {}, 'uniform'));
  });
  it('multi-fidelity trains few networks to the end, and these are good ones', () => {
    const { study } = simulateSearch({
      table,
      objectives,
      strategy: strategies['multi-fidelity'],
      params: { seeds: 2 },
      seed: 1,
      budget: 260,
    });
    const { trials, evaluated } = study.history;
    const rungs = [1 / 9, 1 / 3, 1].map((fidelity) => {
      const own = trials.filter((trial) => Math.abs(trial.fidelity - fidelity) < 1e-9);
      return { trainings: own.length, networks: new Set(own.map(({ candidate }) => candidate.key)).size };
    });
    for (const { trainings, networks } of rungs) expect(Math.abs(trainings - 2 * networks)).toBeLessThan(2);
    expect(rungs[1]!.networks).toBeLessThanOrEqual(rungs[0]!.networks / 3);
    expect(rungs[2]!.networks).toBeLessThanOrEqual(rungs[1]!.networks / 3);
    const candidates = [...new Map(trials.map(({ candidate }) => [candidate.key, candidate])).values()];
    const all = candidates.map((candidate) => {
      const request = { replicate: 1, fidelity: 1 };
      return toCostVector(
        evaluateFromTable(table, candidate, request, { scores: 'mean' }).values,
        objectives,
      );
    });
    const front = new Set(frontIndices(all).map((index) => all[index]!.join()));
    const last = evaluated.filter(({ costs }) => front.has(costs.join()));
    expect(evaluated.length).toBe(rungs[2]!.networks);
    expect(last.length / evaluated.length).toBeGreaterThan(0.5);
  });
});
