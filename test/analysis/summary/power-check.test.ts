import { describe, expect, it } from 'vitest';
import { objective } from '../../../src/analysis/objectives/objectives.js';
import { score } from '../../../src/analysis/objectives/result-score.js';
import { measuredScatter, powerCheck, statedPower } from '../../../src/analysis/summary/power-check.js';
import { compareSymmetry } from '../../../src/analysis/summary/symmetry-comparison.js';
import type { CandidateResult } from '../../../src/store/experiment-result.js';
import { withSeedMeans } from '../../../src/store/pool-seeds.js';
import { type Random, seededRandom } from '../../../src/util/random.js';
import { fitLaunches } from '../../../src/util/statistics/resolution.js';
import { fixtureResult } from '../../fixtures/experiment-result.js';

const template = fixtureResult({ candidates: 1, failures: false }).candidates[0]!;
const scatter = { layouts: 0.02, seeds: 0.03, launches: 0.011 };
const top1 = score('top-1');

const normal = (random: Random): number =>
  Math.sqrt(-2 * Math.log(1 - random.next())) * Math.cos(2 * Math.PI * random.next());

/** Networks of both kinds whose means differ by `difference`; no pair of equal cost. */
function planted(each: number, seeds: number, difference: number, random: Random): CandidateResult[] {
  return withSeedMeans(
    Array.from({ length: 2 * each }, (_, index) => {
      const symmetry = index % 2 ? ('asymmetric' as const) : ('symmetric' as const);
      const centre = 0.6 + (index % 2) * difference + scatter.layouts * normal(random);
      return {
        ...template,
        symmetry,
        macs: 10 ** (index + 1),
        scores: Array.from({ length: seeds }, (_unused, seed) => ({
          ...template.scores[0]!,
          seed: seed + 1,
          top1: centre + scatter.seeds * normal(random),
        })),
      };
    }),
    1000,
  );
}

describe('powerCheck', () => {
  const plan = { symmetric: 6, asymmetric: 6, unmixed: 0, seeds: 2, launches: 3 };

  it.each([
    [6, 2],
    [9, 1],
  ])(
    '%d of a kind with %d seeds: the stated difference is found in about 80 % of runs',
    (each, seeds) => {
      const { kinds } = powerCheck({ ...plan, symmetric: each, asymmetric: each, seeds }, scatter);
      const { difference } = kinds as { difference: number };
      const random = seededRandom(`power/${each}/${seeds}`);
      const runs = 200;
      let [found, wrong] = [0, 0];
      for (let run = 0; run < runs; run++) {
        const verdict = (size: number): string =>
          compareSymmetry(
            planted(each, seeds, size, random),
            top1,
            objective('macs'),
            seededRandom(`run ${run}`),
          ).overall.verdict;
        if (verdict(difference) === 'asymmetric better') found++;
        if (verdict(0) !== 'no difference beyond the interval') wrong++;
      }
      expect(found / runs).toBeGreaterThan(statedPower - 0.1);
      expect(found / runs).toBeLessThan(statedPower + 0.12);
      expect(wrong / runs).toBeLessThan(0.09);
    },
    120_000,
  );

  it('expects the resolution that a fit of simulated launches has', () => {
    const { times } = powerCheck({ ...plan, symmetric: 4, asymmetric: 4, launches: 3 }, scatter);
    const random = seededRandom('launches');
    const resolutions = Array.from({ length: 200 }, () => {
      const rows = Array.from({ length: 3 }, (_, launch) => {
        const shared = 0.05 * normal(random);
        return Array.from({ length: 10 }, (_unused, network) => ({
          network: `n${network}`,
          launch: `l${launch}`,
          stepMs: (5 + network) * Math.exp(shared + scatter.launches * normal(random)),
        }));
      }).flat();
      return fitLaunches(rows)!.resolution.relative;
    });
    const mean = resolutions.reduce((sum, each) => sum + each, 0) / resolutions.length;
    expect(times).toBeCloseTo(0.019, 3);
    expect(mean / times!).toBeGreaterThan(0.93);
    expect(mean / times!).toBeLessThan(1.07);
  });

  it('more seeds and more layouts tell smaller differences', () => {
    const of = (change: Partial<typeof plan>): number =>
      (powerCheck({ ...plan, ...change }, scatter).kinds as { difference: number }).difference;
    expect(of({ seeds: 5 })).toBeLessThan(of({}));
    expect(of({ symmetric: 20, asymmetric: 20 })).toBeLessThan(of({}));
  });
  it('with three of a kind, one seed or one launch a part says so or is absent', () => {
    expect(powerCheck({ ...plan, symmetric: 3 }, scatter).kinds).toEqual({ tooFew: true });
    expect(powerCheck({ ...plan, seeds: 1 }, scatter).networks).toBeUndefined();
    expect(powerCheck({ ...plan, launches: 1 }, scatter).times).toBeUndefined();
    expect(powerCheck({ ...plan, seeds: 0 }, scatter).kinds).toBeUndefined();
  });
});

describe('measuredScatter', () => {
  it('recovers what was planted', () => {
    const candidates = planted(200, 3, 0.05, seededRandom('scatter'));
    const measured = measuredScatter({ candidates, resolutions: [] }, top1);
    expect(measured.seeds! / scatter.seeds).toBeCloseTo(1, 1);
    expect(measured.layouts! / scatter.layouts).toBeGreaterThan(0.85);
    expect(measured.layouts! / scatter.layouts).toBeLessThan(1.15);
    expect(measured.launches).toBeUndefined();
  });
});
