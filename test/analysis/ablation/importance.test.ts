/** Sums of squares of the worked grid are those of statsmodels 0.15.0, `anova_lm` of `y ~ C(a) + C(b)`. */
import { describe, expect, it } from 'vitest';
import type { FactorRow } from '../../../src/analysis/ablation/importance/factor-rows.js';
import { functionalAnova } from '../../../src/analysis/ablation/importance/functional-anova.js';
import { pedAnova, pedAnovaIntervals } from '../../../src/analysis/ablation/importance/ped-anova.js';
import {
  permutationImportance,
  permutationIntervals,
} from '../../../src/analysis/ablation/importance/permutation-importance.js';
import { seededRandom } from '../../../src/util/random.js';

const grid = [0.5, 0.52, 0.57, 0.55, 0.6, 0.58];
const rows = (seeds = 1, noise = 0): FactorRow[] => {
  const random = seededRandom('importance');
  return Array.from({ length: seeds }, (_, seed) =>
    grid.map((merit, index) => ({
      levels: [Math.floor(index / 3), index % 3],
      merit: merit + noise * random.normal(),
      seed,
    })),
  ).flat();
};

describe('functionalAnova', () => {
  it('splits the variance of a 2×3 grid as statsmodels does', () => {
    const shares = functionalAnova(rows(), [2, 3], seededRandom(1));
    expect(shares.map(({ factors }) => factors)).toEqual([[0], [1], [0, 1]]);
    const expected = [0.457944, 0.369159, 0.172897];
    shares.forEach(({ share }, index) => {
      expect(share.value).toBeCloseTo(expected[index]!, 5);
      expect(share.unknown).toBe(true);
    });
  });

  it('has intervals over seeds that hold the true shares', () => {
    const shares = functionalAnova(rows(12, 0.01), [2, 3], seededRandom(1), 300);
    expect(shares[0]!.share.low).toBeLessThan(0.457944);
    expect(shares[0]!.share.high).toBeGreaterThan(0.457944);
    expect(shares.reduce((sum, { share }) => sum + share.value, 0)).toBeCloseTo(1, 9);
  });

  it('refuses an incomplete grid', () => {
    expect(() => functionalAnova(rows().slice(1), [2, 3], seededRandom(1))).toThrow('all 6 combinations');
  });
});

describe('pedAnova', () => {
  it('equals a case worked by hand: the best two of four runs have one level of a, both levels of b', () => {
    const four: FactorRow[] = [
      { levels: [1, 0], merit: 4, seed: 1 },
      { levels: [1, 1], merit: 3, seed: 1 },
      { levels: [0, 0], merit: 2, seed: 1 },
      { levels: [0, 1], merit: 1, seed: 1 },
    ];
    // a: 0.5 · (1 / 0.5 − 1)² + 0.5 · (0 − 1)² = 1; b: 0
    expect(pedAnova(four, 0.5)).toEqual([1, 0]);
  });

  it('intervals of a factor without effect reach down to nothing', () => {
    const random = seededRandom('ped');
    const many: FactorRow[] = Array.from({ length: 200 }, (_, seed) => {
      const levels = [random.integer(2), random.integer(2)];
      return { levels, merit: levels[0]! + 0.3 * random.normal(), seed };
    });
    const [first, second] = pedAnovaIntervals(many, random, { resamples: 200 });
    expect(first!.low).toBeGreaterThan(0.8);
    expect(second!.low).toBeLessThan(0.02);
  });
});

describe('permutationImportance', () => {
  it('finds the factor that matters, and not the other', () => {
    const random = seededRandom('permute');
    const runs: FactorRow[] = Array.from({ length: 10 }, (_, seed) =>
      [0, 1].flatMap((a) => [0, 1].map((b) => ({ levels: [a, b], merit: a + 0.3 * random.normal(), seed }))),
    ).flat();
    const [a, b] = permutationImportance(runs, random, 299);
    expect(a!.p).toBeLessThan(0.01);
    expect(a!.value).toBeGreaterThan(0.5);
    expect(b!.p).toBeGreaterThan(0.05);
    expect(Math.abs(b!.value)).toBeLessThan(0.05);
  });

  it('intervals hold the share of a planted factor, and 0 for one without effect', () => {
    const random = seededRandom('permutation intervals');
    const runs: FactorRow[] = Array.from({ length: 20 }, (_, seed) =>
      [0, 1].flatMap((a) => [0, 1].map((b) => ({ levels: [a, b], merit: a + 0.5 * random.normal(), seed }))),
    ).flat();
    const [a, b] = permutationIntervals(runs, random, { resamples: 200 })!;
    // the variance between the levels is 1/4, and so is that within them
    expect(a!.low).toBeLessThan(0.5);
    expect(a!.high).toBeGreaterThan(0.5);
    expect(a!.low).toBeGreaterThan(0.2);
    expect(b!.low).toBeLessThan(0);
    expect(b!.high).toBeGreaterThan(0);
    expect(permutationIntervals(rows(1), random)).toBeUndefined();
  });

  it('p-values of a factor without effect are uniform', () => {
    const random = seededRandom('uniform');
    const ps = Array.from({ length: 100 }, () => {
      const runs: FactorRow[] = Array.from({ length: 6 }, (_, seed) =>
        [0, 1].map((a) => ({ levels: [a], merit: random.normal(), seed })),
      ).flat();
      return permutationImportance(runs, random, 99)[0]!.p;
    });
    expect(ps.filter((p) => p <= 0.05).length).toBeLessThanOrEqual(12);
  });
});
