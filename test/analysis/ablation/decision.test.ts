import { describe, expect, it } from 'vitest';
import {
  type DecisionRule,
  decide,
  overallVerdict,
} from '../../../src/analysis/ablation/decision/decision-rule.js';
import { powerOf, seedsNeeded } from '../../../src/analysis/ablation/decision/power.js';
import { meanTest } from '../../../src/analysis/ablation/effects/mean-test.js';
import { seededRandom } from '../../../src/util/random.js';

const rule = (changes: Partial<DecisionRule> = {}): DecisionRule => ({
  claim: 'better',
  by: 0,
  of: 'any',
  level: 0.05,
  looks: 'once',
  effectVariance: 1,
  ...changes,
});
const verdictsOf = (of: DecisionRule, ...values: readonly number[][]): string[] =>
  decide(
    of,
    values.map((each) => meanTest(each, of)),
  ).map(({ verdict }) => verdict);

const better = [0.02, 0.021, 0.019, 0.0205, 0.0195, 0.02];
const worse = better.map((value) => -value);
const nothing = [0.02, -0.021, 0.019, -0.0205, 0.0005, 0.001];

describe('decide', () => {
  it('a claim of better: supported, contradicted, not decided', () => {
    expect(verdictsOf(rule(), better, worse, nothing)).toEqual(['supported', 'contradicted', 'not decided']);
  });

  it('a margin is part of the claim', () => {
    expect(verdictsOf(rule({ by: 0.05 }), better)).toEqual(['contradicted']);
    expect(verdictsOf(rule({ by: 0.02 }), better)).toEqual(['not decided']);
  });

  it('a claim of equal is supported within the margin alone', () => {
    expect(verdictsOf(rule({ claim: 'equal', by: 0.05 }), better, worse)).toEqual(['supported', 'supported']);
    expect(verdictsOf(rule({ claim: 'equal', by: 0.01 }), better)).toEqual(['contradicted']);
    expect(verdictsOf(rule({ claim: 'equal', by: 0.015 }), nothing)).toEqual(['not decided']);
  });

  it('corrects for the number of comparisons as Holm does', () => {
    const weak = [0.012, 0.004, 0.019, -0.002, 0.011, 0.008]; // p = 0.032 alone
    expect(verdictsOf(rule(), weak)).toEqual(['supported']);
    expect(verdictsOf(rule(), weak, nothing)).toEqual(['not decided', 'not decided']);
  });

  it('the overall verdict follows any or all', () => {
    const of = (changes: Partial<DecisionRule>, ...verdicts: Parameters<typeof overallVerdict>[1]): string =>
      overallVerdict(rule(changes), verdicts);
    expect(of({}, 'supported', 'contradicted')).toBe('supported');
    expect(of({}, 'contradicted', 'contradicted')).toBe('contradicted');
    expect(of({}, 'contradicted', 'not decided')).toBe('not decided');
    expect(of({ of: 'all' }, 'supported', 'contradicted')).toBe('contradicted');
    expect(of({ of: 'all' }, 'supported', 'supported')).toBe('supported');
    expect(of({})).toBe('not decided');
  });
});

describe('false verdicts', () => {
  /** Share of runs with a verdict at any look, over three comparisons that share a baseline. */
  function falseVerdicts(of: DecisionRule, looks: readonly number[], runs: number): number {
    const random = seededRandom(`null/${of.looks}/${looks.length}`);
    let wrong = 0;
    for (let run = 0; run < runs; run++) {
      const most = looks.at(-1)!;
      const baseline = Array.from({ length: most }, () => random.normal());
      const arms = [0, 1, 2].map(() => baseline.map((base) => random.normal() - base));
      const isDecided = looks.some((look) =>
        verdictsOf(of, ...arms.map((values) => values.slice(0, look))).some((each) => each !== 'not decided'),
      );
      if (isDecided) wrong++;
    }
    return wrong / runs;
  }
  const everySeed = Array.from({ length: 19 }, (_, index) => index + 2);

  it('any-time: 1,000 nulls, looked at after each of 20 seeds, give at most 5 %', () => {
    expect(falseVerdicts(rule({ looks: 'any-time' }), everySeed, 1000)).toBeLessThanOrEqual(0.05);
  });

  it('one look gives at most 5 %, and more where it is repeated', () => {
    expect(falseVerdicts(rule(), [10], 1000)).toBeLessThanOrEqual(0.05 + 2 * Math.sqrt(0.0475 / 1000));
    expect(falseVerdicts(rule(), everySeed, 300)).toBeGreaterThan(0.1);
  });
});

describe('powerOf', () => {
  /** Share of runs in which a planted effect is found within `seeds`. */
  function found(of: DecisionRule, effect: number, seeds: number, runs: number): number {
    const random = seededRandom(`planted/${of.looks}/${effect}`);
    let decided = 0;
    for (let run = 0; run < runs; run++) {
      const values = Array.from({ length: seeds }, () => effect + random.normal());
      const looks = of.looks === 'once' ? [seeds] : Array.from({ length: seeds }, (_, index) => index + 1);
      if (looks.some((look) => verdictsOf(of, values.slice(0, look))[0] === 'supported')) decided++;
    }
    return decided / runs;
  }

  it('planted effects are found as often as the power says', () => {
    for (const [looks, effect, seeds] of [
      ['once', 1, 10],
      ['once', 1.5, 5],
      ['any-time', 1, 15],
      ['any-time', 1.5, 8],
    ] as const) {
      const of = rule({ looks });
      const stated = powerOf(of, effect, seeds, { deviation: 1, comparisons: 1, simulations: 2000 });
      expect(stated).toBeGreaterThan(0.3);
      expect(Math.abs(found(of, effect, seeds, 1000) - stated)).toBeLessThan(0.05);
    }
  });

  it('seedsNeeded equals statsmodels TTestPower.solve_power, rounded up', () => {
    expect(seedsNeeded(rule(), 0.8, { deviation: 1, comparisons: 1 })).toBe(15); // 14.30
    expect(seedsNeeded(rule(), 0.0001, { deviation: 1, comparisons: 1 })).toBeUndefined();
    const often = seedsNeeded(rule({ looks: 'any-time' }), 0.8, { deviation: 1, comparisons: 1 })!;
    expect(often).toBeGreaterThan(15);
    expect(often).toBeLessThan(40);
  });
});
