import { describe, expect, it } from 'vitest';
import { objective } from '../../../src/analysis/objectives/objectives.js';
import { score } from '../../../src/analysis/objectives/result-score.js';
import { compareSymmetry } from '../../../src/analysis/summary/symmetry-comparison.js';
import type { CandidateResult } from '../../../src/store/experiment-result.js';
import { seededRandom } from '../../../src/util/random.js';
import { expandedBootstrapInterval } from '../../../src/util/statistics/bootstrap.js';
import { meanInterval } from '../../../src/util/statistics/student.js';
import { fixtureResult } from '../../fixtures/experiment-result.js';

const template = fixtureResult({ candidates: 1, failures: false }).candidates[0]!;
const made = (symmetry: CandidateResult['symmetry'], top1: number, macs: number): CandidateResult => ({
  ...template,
  symmetry,
  macs,
  scores: template.scores.map((each) => ({ ...each, top1 })),
  top1: { value: top1, low: top1, high: top1, samples: 3 },
});
const [top1, macs] = [score('top-1'), objective('macs')];
const compare = (candidates: CandidateResult[]) => compareSymmetry(candidates, top1, macs, seededRandom(1));

describe('compareGroups', () => {
  it('a difference well beyond the spread is one, its interval around it', () => {
    const candidates = Array.from({ length: 12 }, (_, i) =>
      made(i % 2 ? 'asymmetric' : 'symmetric', 0.5 + (i % 2) * 0.1 + (i % 3) * 0.005, 100 + i),
    );
    const { overall, matched, asymmetric, symmetric } = compare(candidates);
    expect(overall.verdict).toBe('asymmetric better');
    expect(overall.interval!.low).toBeGreaterThan(0.08);
    expect(overall.interval!.high).toBeLessThan(0.12);
    expect(asymmetric!.mean - symmetric!.mean).toBeCloseTo(overall.interval!.value, 12);
    expect(matched.verdict).toBe('asymmetric better');
    expect(matched.pairs.length).toBe(6);
  });
  it('a seed that helps whoever has it is no difference of the kinds', () => {
    const helped = { 1: 0, 2: 0.1 } as const;
    const network = (index: number, seeds: readonly (1 | 2)[]): CandidateResult => {
      const own = 0.5 + 0.004 * (index >> 1);
      const scores = seeds.map((seed) => ({ ...template.scores[0]!, seed, top1: own + helped[seed] }));
      const mean = scores.reduce((sum, each) => sum + each.top1, 0) / scores.length;
      return { ...made(index % 2 ? 'asymmetric' : 'symmetric', mean, 100 * 2 ** index), scores };
    };
    const candidates = Array.from({ length: 12 }, (_, index) =>
      network(index, index % 2 === 0 && index > 3 ? [1] : [1, 2]),
    );
    const { overall } = compare(candidates);
    expect(overall.verdict).toBe('no difference beyond the interval');
    expect(overall.interval!.value).toBeCloseTo(0, 9);
  });
  it('the interval of a mean stays within what the score can be', () => {
    const candidates = [0.4, 0.6, 0.97, 0.99].map((value, index) =>
      made(index < 2 ? 'symmetric' : 'asymmetric', value, 100),
    );
    const { asymmetric, symmetric } = compare(candidates);
    expect(symmetric!.interval).toMatchObject({ low: 0, high: 1 });
    expect(asymmetric!.interval!.low).toBeCloseTo(0.98 - 12.706 * 0.01, 4);
    expect(asymmetric!.interval!.high).toBe(1);
  });
  it('equal groups show none', () => {
    const candidates = Array.from({ length: 12 }, (_, i) =>
      made(i % 2 ? 'asymmetric' : 'symmetric', 0.5 + (i >> 1) * 0.01, 100),
    );
    expect(compare(candidates).overall.verdict).toBe('no difference beyond the interval');
  });
  it('a difference that cost explains vanishes at matched cost', () => {
    const candidates = Array.from({ length: 16 }, (_, i) => {
      const cost = 100 * 1.05 ** (i % 2 ? i : i * 0.8);
      return made(
        i % 2 ? 'asymmetric' : 'symmetric',
        0.1 * Math.log(cost) + (i % 4 > 1 ? 0.001 : -0.001),
        cost,
      );
    });
    const { matched } = compare(candidates);
    expect(matched.pairs.length).toBeGreaterThan(5);
    expect(
      matched.pairs.every(
        ({ symmetric: s, asymmetric: a }) =>
          Math.abs(Math.log(candidates[a]!.macs / candidates[s]!.macs)) <= Math.log(1.1),
      ),
    ).toBe(true);
    expect(new Set(matched.pairs.flatMap((pair) => [pair.symmetric, pair.asymmetric])).size).toBe(
      2 * matched.pairs.length,
    );
    expect(Math.abs(matched.interval!.value)).toBeLessThan(0.01);
  });
  it('five pairs or three of a kind are too few layouts, however far apart', () => {
    const candidates = Array.from({ length: 10 }, (_, i) =>
      made(i % 2 ? 'asymmetric' : 'symmetric', i % 2 ? 0.9 : 0.5, 100),
    );
    expect(compare(candidates).matched).toMatchObject({ verdict: 'too few layouts' });
    expect(compare(candidates).overall.verdict).toBe('asymmetric better');
    expect(compare(candidates.slice(0, 6)).overall).toEqual({ verdict: 'too few layouts' });
  });
  it('too few layouts with one a side, none without', () => {
    expect(compare([made('symmetric', 0.5, 1), made('asymmetric', 0.9, 1)]).overall).toEqual({
      verdict: 'too few layouts',
    });
    expect(compare([])).toMatchObject({ overall: { verdict: 'too few layouts' }, matched: { pairs: [] } });
  });
});

describe('bootstrap', () => {
  it('covers the true difference of means in about 95 of 100 draws of five and five', () => {
    const random = seededRandom('coverage');
    const average = (values: number[]): number =>
      values.reduce((sum, value) => sum + value, 0) / values.length;
    let covered = 0;
    for (let round = 0; round < 400; round++) {
      const groups = [0, 1].map((shift) => Array.from({ length: 5 }, () => shift + random.normal()));
      const { low, high } = expandedBootstrapInterval(
        groups,
        ([a, b]) => average(b!) - average(a!),
        random.fork(String(round)),
        400,
      );
      if (low <= 1 && 1 <= high) covered++;
    }
    expect(covered / 400).toBeGreaterThan(0.92);
    expect(covered / 400).toBeLessThan(0.995);
  });
  it('repeats itself for one seed', () => {
    const draw = () =>
      expandedBootstrapInterval([[1, 2, 4]], ([values]) => Math.max(...values!), seededRandom(3), 50);
    expect(draw()).toEqual(draw());
  });
});

describe('meanInterval', () => {
  it('three values give t with two degrees of freedom', () => {
    const interval = meanInterval([1, 2, 3])!;
    expect(interval.high - 2).toBeCloseTo(4.303 / Math.sqrt(3), 3);
  });
  it('one value has none', () => expect(meanInterval([1])).toBeUndefined());
});
