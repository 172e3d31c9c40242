/**
 * Worked values are of SciPy 1.17.1, statsmodels 0.15.0 and NumPy 2.4.6: scipy.stats.ttest_1samp, nct.cdf,
 * trim_mean, mannwhitneyu; statsmodels TTestPower.
 */
import { describe, expect, it } from 'vitest';
import { pairedEffectSize } from '../../../src/analysis/ablation/effects/effect-size.js';
import { meanTest } from '../../../src/analysis/ablation/effects/mean-test.js';
import {
  interquartileMean,
  probabilityOfImprovement,
  stratifiedBootstrap,
} from '../../../src/analysis/ablation/effects/rliable-measures.js';
import { seededRandom } from '../../../src/util/random.js';
import { noncentralTCdf, pairedTPower } from '../../../src/util/statistics/noncentral-t.js';

const differences = [0.012, 0.004, 0.019, -0.002, 0.011, 0.008];

describe('meanTest, looks: once', () => {
  it('equals scipy.stats.ttest_1samp', () => {
    const test = meanTest(differences, { looks: 'once' });
    expect(test.low).toBeCloseTo(0.0011087869099409321, 9);
    expect(test.high).toBeCloseTo(0.0162245464233924, 9);
    expect(test.p(0).p).toBeCloseTo(0.031970290533964794, 7);
    expect(test.p(0.005).p).toBeCloseTo(0.26759006956669723, 7);
  });

  it('equal differences by rounding alone do not decide: the step of the score counts', () => {
    expect(meanTest([0.01, 0.01], { looks: 'once' }).p(0).p).toBe(1);
    expect(meanTest([0.01, 0.01], { looks: 'once', step: 0.01 }).p(0).p).toBeGreaterThan(0.05);
  });

  it('one value has an infinite interval', () => {
    expect(meanTest([0.1], { looks: 'once' })).toMatchObject({ low: -Infinity, high: Infinity });
  });
});

describe('meanTest, looks: any-time', () => {
  /** Differences with a given t value. */
  const withT = (t: number, n: number): number[] => {
    const shape = Array.from({ length: n }, (_, i) => i - (n - 1) / 2);
    const deviation = Math.sqrt(shape.reduce((sum, x) => sum + x * x, 0) / (n - 1));
    return shape.map((x) => x / deviation + t / Math.sqrt(n));
  };

  it('Bayes factors equal the integral of scipy.stats.nct over the prior', () => {
    const cases = [
      [3, 5, 1, 3.5065176708721775],
      [5, 4, 0.5, 3.5240341690328716],
    ] as const;
    for (const [t, n, effectVariance, factor] of cases) {
      const { p } = meanTest(withT(t, n), { looks: 'any-time', effectVariance }).p(0);
      const earlier = Math.min(
        1,
        ...[2, 3, 4]
          .filter((k) => k < n)
          .map((k) => meanTest(withT(t, n).slice(0, k), { looks: 'any-time', effectVariance }).p(0).p),
      );
      expect(p).toBeCloseTo(Math.min(1 / factor, earlier), 6);
    }
  });

  it('the interval holds exactly the means that the last look does not reject', () => {
    const values = withT(4, 12);
    const { low, high } = meanTest(values, { looks: 'any-time' });
    const moments = (mu: number): number => {
      const n = values.length;
      const mean = values.reduce((a, b) => a + b) / n;
      const variance = values.reduce((sum, x) => sum + (x - mean) ** 2, 0) / (n - 1);
      const ratio = (n * (mean - mu) ** 2) / variance / (n - 1);
      return (n / 2) * Math.log((1 + ratio) / (1 + ratio / (1 + n))) - Math.log(1 + n) / 2;
    };
    expect(moments(low)).toBeCloseTo(Math.log(20), 8);
    expect(moments(high)).toBeCloseTo(Math.log(20), 8);
  });

  it('is wider than the interval of one look, and infinite below five values', () => {
    const [once, often] = [
      meanTest(differences, { looks: 'once' }),
      meanTest(differences, { looks: 'any-time' }),
    ];
    expect(often.high - often.low).toBeGreaterThan(once.high - once.low);
    expect(meanTest(differences.slice(0, 4), { looks: 'any-time' }).high).toBe(Infinity);
  });
});

describe('noncentral t', () => {
  it('equals scipy.stats.nct.cdf', () => {
    expect(noncentralTCdf(2, 4, 1.5)).toBeCloseTo(0.6189289251396548, 6);
    expect(noncentralTCdf(-1, 9, 0.5)).toBeCloseTo(0.07564345303987377, 6);
    expect(noncentralTCdf(3, 1, 2)).toBeCloseTo(0.5248571617336879, 6);
    expect(noncentralTCdf(6, 30, 5)).toBeCloseTo(0.7734195244465687, 6);
  });

  it('pairedTPower equals statsmodels TTestPower.power', () => {
    expect(pairedTPower(1, 10)).toBeCloseTo(0.8030968566327218, 5);
    expect(pairedTPower(0.5, 20, 0.01)).toBeCloseTo(0.2973460776751171, 5);
    expect(pairedTPower(2, 4)).toBeCloseTo(0.7549839171140109, 5);
  });
});

describe('pairedEffectSize', () => {
  it("is Hedges' g with the bounds of scipy.stats.nct", () => {
    const size = pairedEffectSize(differences)!;
    expect(size.value).toBeCloseTo(1.011752112108523, 6);
    expect(size.low).toBeCloseTo(0.079147212628554, 5);
    expect(size.high).toBeCloseTo(1.8940175545410687, 5);
  });

  it('is undefined without scatter', () => {
    expect(pairedEffectSize([1, 1, 1])).toBeUndefined();
  });
});

describe('measures of Agarwal et al. 2021', () => {
  const treated = [
    [0.61, 0.64, 0.6, 0.66],
    [0.5, 0.55, 0.52, 0.51],
  ];
  const control = [
    [0.6, 0.62, 0.59, 0.61],
    [0.53, 0.52, 0.5, 0.51],
  ];

  it('interquartileMean equals scipy.stats.trim_mean with 0.25', () => {
    expect(interquartileMean(treated)).toBeCloseTo(0.57, 12);
    expect(interquartileMean(control)).toBeCloseTo(0.56, 12);
    expect(interquartileMean([[1, 2, 3, 4, 5, 6, 100]])).toBe(4);
  });

  it('probabilityOfImprovement equals the mean of scipy.stats.mannwhitneyu over pairs', () => {
    expect(probabilityOfImprovement(treated, control)).toBeCloseTo(0.640625, 12);
  });

  it('stratifiedBootstrap keeps strata apart: constant strata have no interval', () => {
    const strata = [
      [1, 1, 1],
      [5, 5, 5],
    ];
    const interval = stratifiedBootstrap(
      [strata],
      ([runs]) => interquartileMean(runs!),
      seededRandom(1),
      200,
    );
    expect(interval).toEqual({ value: 3, low: 3, high: 3 });
  });

  it('stratifiedBootstrap holds the mean of normal runs in about 95 of 100 cases', () => {
    const random = seededRandom('coverage');
    let held = 0;
    for (let run = 0; run < 300; run++) {
      const strata = [0, 10].map((at) => Array.from({ length: 12 }, () => at + random.normal()));
      const { low, high } = stratifiedBootstrap(
        [strata],
        ([runs]) => runs!.flat().reduce((a, b) => a + b) / 24,
        random,
        300,
      );
      if (low <= 5 && high >= 5) held++;
    }
    expect(held / 300).toBeGreaterThan(0.89);
    expect(held / 300).toBeLessThan(0.98);
  });
});
