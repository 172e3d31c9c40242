/** Resolution of a run: coverage, false findings and bias in simulated sessions. */
import { describe, expect, it } from 'vitest';
import { seededRandom } from '../../../src/util/random.js';
import { anchorBias, fitLaunches, type LaunchTime } from '../../../src/util/statistics/resolution.js';

interface Session {
  /** True milliseconds by network. */
  readonly truth: Readonly<Record<string, number>>;
  readonly launches: number;
  /** Scatter of one network in one launch, relative; launches move all networks by three times as much. */
  readonly scatter: number;
}

function simulate({ truth, launches, scatter }: Session, seed: string): LaunchTime[] {
  const random = seededRandom(seed);
  return Array.from({ length: launches }, (_, launch) => {
    const shared = 3 * scatter * random.normal();
    return Object.entries(truth).map(([network, ms]) => ({
      network,
      launch: String(launch),
      stepMs: ms * Math.exp(shared + scatter * random.normal()),
    }));
  }).flat();
}

const names = ['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h'];
const equal = Object.fromEntries([...names, 'anchor 1', 'anchor 2'].map((name) => [name, 10]));
const sessions = 400;

describe.each([0.0055, 0.011, 0.02])('fitLaunches at a launch scatter of %f', (scatter) => {
  const fits = Array.from(
    { length: sessions },
    (_, index) =>
      fitLaunches(simulate({ truth: { ...equal, h: 10.5 }, launches: 3, scatter }, `${scatter}/${index}`))!,
  );
  it('resolves 1.71 times the scatter with ten networks and three launches', () => {
    const mean = fits.reduce((sum, fit) => sum + fit.resolution.relative, 0) / sessions;
    expect(mean / scatter).toBeGreaterThan(1.55);
    expect(mean / scatter).toBeLessThan(1.85);
  });
  it('calls at most 5 % (and the error of the simulation) of equal pairs different', () => {
    const different = fits.filter(({ stepMs, resolution }) => {
      const ratio = Math.abs(Math.log(stepMs.get('a')!.value / stepMs.get('b')!.value));
      return ratio > Math.log1p(resolution.relative);
    }).length;
    expect(different / sessions).toBeLessThan(0.075);
  });
  it('covers the true ratio in at least 93 % of sessions', () => {
    const covered = fits.filter(({ stepMs, ratioError, resolution: { freedom } }) => {
      const error = Math.abs(Math.log(stepMs.get('a')!.value / stepMs.get('h')!.value / (10 / 10.5)));
      return error <= (freedom === 18 ? 2.1009 : 0) * ratioError('a', 'h');
    }).length;
    expect(covered / sessions).toBeGreaterThan(0.93);
  });
  it('marks at most 1 % of unbiased sessions as biased, and finds a planted bias of 8 %', () => {
    const biased = fits.filter((fit) => anchorBias(fit, 'anchor 1', 'anchor 2')!.biased).length;
    expect(biased / sessions).toBeLessThan(0.02);
    const planted = fitLaunches(
      simulate({ truth: { ...equal, 'anchor 1': 10.8 }, launches: 3, scatter }, `bias/${scatter}`),
    )!;
    expect(anchorBias(planted, 'anchor 1', 'anchor 2')!.biased).toBe(true);
  });
});

describe('fitLaunches', () => {
  it('finds a true 5 % at a scatter of 1.1 % in at least 95 % of sessions', () => {
    const found = Array.from({ length: sessions }, (_, index) => {
      const fit = fitLaunches(
        simulate({ truth: { ...equal, h: 10.5 }, launches: 3, scatter: 0.011 }, `5 %/${index}`),
      )!;
      const log = Math.log(fit.stepMs.get('h')!.value / fit.stepMs.get('a')!.value);
      return log > Math.log1p(fit.resolution.relative);
    });
    expect(found.filter(Boolean).length / sessions).toBeGreaterThan(0.95);
  });
  it('equals the closed form of a balanced layout, to the digit', () => {
    const fit = fitLaunches([
      { network: 'a', launch: '1', stepMs: Math.exp(1) },
      { network: 'a', launch: '2', stepMs: Math.exp(2) },
      { network: 'b', launch: '1', stepMs: Math.exp(3) },
      { network: 'b', launch: '2', stepMs: Math.exp(5) },
    ])!;
    // Means 1.5 and 4; launch effects −0.75 and +0.75; residuals ±0.25, four of them, one degree of freedom.
    expect(Math.log(fit.stepMs.get('a')!.value)).toBeCloseTo(1.5, 9);
    expect(fit.resolution.residual).toBeCloseTo(0.5, 9);
    expect(fit.resolution.freedom).toBe(1);
  });
  it('removes what a launch does to all when a network misses one', () => {
    const times = ['1', '2', '3'].flatMap((launch, index) =>
      ['a', 'b', 'c']
        .filter((network) => !(network === 'c' && launch === '3'))
        .map((network) => ({ network, launch, stepMs: 10 * 1.2 ** index })),
    );
    const fit = fitLaunches(times)!;
    expect(fit.stepMs.get('c')!.value).toBeCloseTo(fit.stepMs.get('a')!.value, 6);
    expect(fit.resolution.residual).toBeLessThan(1e-6);
  });
  it('says nothing from one launch or one network', () => {
    expect(fitLaunches([{ network: 'a', launch: '1', stepMs: 1 }])).toBeUndefined();
    expect(fitLaunches(['a', 'b'].map((network) => ({ network, launch: '1', stepMs: 1 })))).toBeUndefined();
  });
});
