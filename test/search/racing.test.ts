/** Seed racing on tables with planted truth: coverage of the verdicts, and seeds spent. */
import { describe, expect, it } from 'vitest';
import { frontMembership, type Measured, pooledNoise } from '../../src/search/racing/front-membership.js';
import { PlanarDraws } from '../../src/search/racing/planar-draws.js';
import { strategies } from '../../src/search/strategy-table.js';
import { plantedTable } from '../../src/search/tables/planted-table.js';
import { usualObjectives } from '../../src/search/tables/read-table.js';
import { simulateSearch } from '../../src/search/tables/simulated-search.js';
import { frontIndices } from '../../src/util/pareto/front.js';
import { seededRandom } from '../../src/util/random.js';

const SEEDS = 8;

/** Verdicts against the truth after uniform repetition and after racing with half the seeds. */
function simulated(seed: number) {
  const table = plantedTable({ seed, genes: 4, noise: 0.01, seeds: 64 });
  const objectives = usualObjectives(table);
  const members = [...table.space.enumerate()];
  const truth = members.map((member) => [-table.truth(member), table.space.exact(member)['cost']!]);
  const onFront = new Set(frontIndices(truth).map((index) => members[index]!.key));
  const judged = (entries: readonly Measured[]) => {
    const noise = [pooledNoise(entries)![0]!, 0];
    const verdicts = frontMembership(entries, noise, seededRandom(`judge/${seed}`));
    const wrong = verdicts.filter(({ key, verdict }) =>
      onFront.has(key) ? verdict === 'off' : verdict === 'on',
    );
    const decided = verdicts.filter(({ verdict }) => verdict !== 'open');
    return { networks: verdicts.length, wrong: wrong.length, decided: decided.length };
  };
  const uniform = members.map((candidate) => {
    const each = table
      .runs(candidate)
      .slice(0, SEEDS)
      .map(({ values }) => [-values['score']!, values['cost']!]);
    const costs = [0, 1].map((axis) => each.reduce((sum, one) => sum + one[axis]!, 0) / SEEDS);
    return { candidate, each, costs, replicates: SEEDS };
  });
  const budget = (members.length * SEEDS) / 2;
  const params = { strategy: 'exhaustive', most: 64 };
  const { study } = simulateSearch({
    table,
    objectives,
    strategy: strategies.racing,
    params,
    seed,
    budget,
    scores: 'seeds',
  });
  return {
    uniform: judged(uniform),
    raced: judged(study.history.evaluated),
    spent: study.history.trials.length,
    budget,
  };
}

describe('racing', () => {
  const results = Array.from({ length: 12 }, (_, seed) => simulated(seed));
  const sum = (read: (result: (typeof results)[0]) => number) =>
    results.reduce((total, result) => total + read(result), 0);
  it('verdicts on front membership are right for 93 % of networks, with half the seeds of uniform repetition', () => {
    const networks = sum(({ raced }) => raced.networks);
    expect(networks).toBe(12 * 81);
    expect(results.every(({ spent, budget }) => spent <= budget)).toBe(true);
    expect(1 - sum(({ raced }) => raced.wrong) / networks).toBeGreaterThanOrEqual(0.93);
  });
  it('decides as many networks as uniform repetition does', () => {
    expect(sum(({ raced }) => raced.decided)).toBeGreaterThanOrEqual(
      0.98 * sum(({ uniform }) => uniform.decided),
    );
  });
});

describe('PlanarDraws', () => {
  it('counts the fronts of its draws, with ties and exact costs', () => {
    const means = Array.from({ length: 40 }, (_, at) => [at % 8, ((7 * at) % 11) / 2]);
    for (const errors of [
      [0, 0],
      [0.5, 0],
      [0, 0.7],
      [0.4, 3],
    ]) {
      const spread = means.map(() => errors);
      const [own, again] = [seededRandom('draws'), seededRandom('draws')];
      const draws = new PlanarDraws(means, spread);
      const times = new Float64Array(40);
      for (let draw = 0; draw < 50; draw++) {
        draws.next(own);
        const drawn = means.map((costs) =>
          costs.map((cost, axis) => (errors[axis]! > 0 ? cost + errors[axis]! * again.normal() : cost)),
        );
        for (const at of frontIndices(drawn)) times[at]!++;
      }
      expect(draws.times).toEqual(times);
    }
  });
});

describe('frontMembership', () => {
  it('is certain without noise, and even for two equal networks with noise', () => {
    const entry = (key: string, costs: number[]): Measured => ({
      candidate: { key },
      costs,
      each: [costs],
      replicates: 1,
    });
    const entries = [entry('a', [1, 1]), entry('b', [2, 2]), entry('c', [0, 3])];
    const exact = frontMembership(entries, [0, 0], seededRandom(1));
    expect(exact.map(({ verdict }) => verdict)).toEqual(['on', 'off', 'on']);
    const even = frontMembership([entry('a', [1, 1]), entry('b', [1, 1])], [0.1, 0], seededRandom(1));
    for (const { probability } of even) expect(Math.abs(probability - 0.5)).toBeLessThan(0.12);
  });
});
