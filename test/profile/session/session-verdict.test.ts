/** Verdicts of simulated sessions: how often they are wrong, and how often they find what is there. */
import { describe, expect, it } from 'vitest';
import type { LaunchRecord } from '../../../src/profile/session/launch.js';
import { judgeSession } from '../../../src/profile/session/session-verdict.js';
import { type Random, seededRandom } from '../../../src/util/random.js';
import { overlaps } from '../../../src/util/statistics/interval.js';
import { medianInterval } from '../../../src/util/statistics/order-statistics.js';
import { comparePaired, type Verdict } from '../../../src/util/statistics/paired.js';
import { rough, simulateOneAfterTheOther, simulateSession } from '../simulator.js';

const sessions = 200;
const options = { resamples: 300 };

type Shares = Readonly<Record<Verdict, number>>;

/** Share of sessions, each of 3 launches of 20 rounds, whose pair a, b gets each verdict. */
function verdicts(factors: { a: number; b: number }, weather: typeof rough, seed: string): Shares {
  return shares(
    (random) =>
      judgeSession(simulateSession(factors, 3, 20, weather, random), random, options).pairs[0]!.comparison
        .verdict,
    seed,
  );
}

/** The same for 30 bare pairs, side by side in one process. */
function pairVerdicts(factor: number, seed: string): Shares {
  return shares((random) => {
    const [
      {
        control: [{ stepMs, anchorMs }],
      },
    ] = simulateSession({}, 1, 30, { ...rough, launchDeviation: 0 }, random) as [LaunchRecord];
    return comparePaired(
      stepMs.map((ms) => ms * factor),
      anchorMs,
      random,
      options,
    ).verdict;
  }, seed);
}

function shares(draw: (random: Random) => Verdict, seed: string): Shares {
  const counts = { FASTER: 0, SLOWER: 0, SAME: 0, AMBIGUOUS: 0 };
  for (let session = 0; session < sessions; session++)
    counts[draw(seededRandom(`${seed}/${session}`))] += 1 / sessions;
  return counts;
}

describe('comparePaired, on 30 simulated pairs under 3 % drift, wander and spikes', () => {
  it('equal networks are called different in at most 5 %', () => {
    const { FASTER, SLOWER } = pairVerdicts(1, 'pairs/same');
    expect(FASTER + SLOWER).toBeLessThanOrEqual(0.05);
  });
  it('a true 2 % is found in at least 95 %, never the wrong way round', () => {
    const found = pairVerdicts(1.02, 'pairs/two');
    expect(found.SLOWER).toBeGreaterThanOrEqual(0.95);
    expect(found.FASTER).toBe(0);
  });
});

describe('judge, on simulated sessions whose processes differ by 2 % as well', () => {
  it('equal networks: at most 5 % are called different', () => {
    const { FASTER, SLOWER } = verdicts({ a: 1.3, b: 1.3 }, rough, 'same');
    expect(FASTER + SLOWER).toBeLessThanOrEqual(0.05);
  });
  it('a true 2 % is found in at least 95 %, never the wrong way round', () => {
    const found = verdicts({ a: 1.02, b: 1 }, rough, 'two');
    expect(found.SLOWER).toBeGreaterThanOrEqual(0.95);
    expect(found.FASTER).toBe(0);
  });
  it('equal networks on a quiet machine are SAME in at least 95 %', () => {
    const quiet = { ...rough, drift: 0.005, wander: 0.003, noise: 0.005, spikes: 0.01 };
    expect(verdicts({ a: 1, b: 1 }, quiet, 'quiet').SAME).toBeGreaterThanOrEqual(0.95);
  });
  it('the same weather fools timing one after the other: most equal pairs look different', () => {
    let wrong = 0;
    for (let session = 0; session < sessions; session++) {
      const [a, b] = simulateOneAfterTheOther(1, 100, rough, seededRandom(`naive/${session}`));
      if (!overlaps(medianInterval(a), medianInterval(b))) wrong++;
    }
    expect(wrong / sessions).toBeGreaterThan(0.5);
  });
});

describe('judge', () => {
  const random = () => seededRandom('judge');
  const quiet = {
    drift: 0,
    wander: 0,
    spikes: 0,
    noise: 0.002,
    processDeviation: 0.02,
    launchDeviation: 0.0005,
  };

  it('orders by ratio to the anchor, with the milliseconds that go with it', () => {
    const verdict = judgeSession(
      simulateSession({ slow: 2, fast: 0.5, middle: 1 }, 3, 10, quiet, random()),
      random(),
    );
    expect(verdict.ratios.map(({ name }) => name)).toEqual(['fast', 'middle', 'slow']);
    expect(verdict.ratios[0]!.ratio.value).toBeCloseTo(0.5, 2);
    expect(verdict.ratios[2]!.stepMs).toBeCloseTo(20, 0);
    expect(verdict.void).toBe(false);
    expect(verdict.pairs).toHaveLength(3);
  });

  it('is void where the control does not say SAME', () => {
    const records = simulateSession({ a: 1, b: 1 }, 3, 10, quiet, random()).map((record) => ({
      ...record,
      control: [
        record.control[0],
        { ...record.control[1], stepMs: record.control[1].stepMs.map((ms) => ms * 1.05) },
      ] as const,
    }));
    const verdict = judgeSession(records, random());
    expect(verdict.void).toBe(true);
    expect(verdict.control.verdict).toBe('FASTER');
  });

  it('compares networks that never ran together through the anchor, with a wider interval', () => {
    const together = simulateSession({ a: 1, b: 1.1 }, 3, 10, quiet, random());
    const apart = [
      ...simulateSession({ a: 1 }, 3, 10, quiet, random()),
      ...simulateSession({ b: 1.1 }, 3, 10, quiet, seededRandom('other')),
    ];
    const [direct, indirect] = [
      judgeSession(together, random()).pairs[0]!,
      judgeSession(apart, random()).pairs[0]!,
    ];
    expect([direct.direct, indirect.direct]).toEqual([true, false]);
    expect(indirect.comparison.verdict).toBe('FASTER');
    expect(indirect.comparison.ratio.value).toBeCloseTo(1 / 1.1, 2);
  });

  it('a pair that ran side by side once and often apart is judged by all launches of each', () => {
    const factors = { a: 1.02, b: 1 };
    const weather = { ...quiet, launchDeviation: 0.004 };
    const launchesOf = (name: 'a' | 'b', seed: string): LaunchRecord[] =>
      simulateSession({ [name]: factors[name], [`${name} too`]: 1.5 }, 8, 10, weather, seededRandom(seed));
    const once = simulateSession(factors, 1, 10, weather, random());
    const [alone, all] = [
      judgeSession(once, random()).pairs[0]!,
      judgeSession([...once, ...launchesOf('a', 'first'), ...launchesOf('b', 'second')], random()).pairs.find(
        ({ first, second }) => first === 'a' && second === 'b',
      )!,
    ];
    expect([alone.direct, all.direct]).toEqual([true, false]);
    expect(all.comparison.verdict).toBe('SLOWER');
    expect(all.comparison.ratio.samples).toBeGreaterThan(alone.comparison.ratio.samples);
  });

  it('through the anchor: equal networks are called different in at most 5 %, a true 2 % is found in at least 95 %', () => {
    const apart = (factor: number, seed: string): Shares =>
      shares(
        (from) =>
          judgeSession(
            [
              ...simulateSession({ a: factor, c: 1.4 }, 8, 10, { ...rough, launchDeviation: 0.004 }, from),
              ...simulateSession({ b: 1, d: 0.7 }, 8, 10, { ...rough, launchDeviation: 0.004 }, from),
            ],
            from,
            options,
          ).pairs.find(({ first, second }) => first === 'a' && second === 'b')!.comparison.verdict,
        seed,
      );
    const [same, slower] = [apart(1, 'apart/same'), apart(1.02, 'apart/two')];
    expect(same.FASTER + same.SLOWER).toBeLessThanOrEqual(0.05);
    expect(slower.SLOWER).toBeGreaterThanOrEqual(0.95);
  });

  it('launches that disagree make AMBIGUOUS, whatever each says alone', () => {
    const launches = [1.06, 0.95, 1.05].flatMap((factor, i) =>
      simulateSession({ a: factor, b: 1 }, 1, 10, quiet, seededRandom(i)),
    );
    expect(judgeSession(launches, random()).pairs[0]!.comparison.verdict).toBe('AMBIGUOUS');
  });

  it('Holm: among many equal pairs the chance of any false finding stays low', () => {
    let sessionsWithFinding = 0;
    for (let session = 0; session < 60; session++) {
      const factors = Object.fromEntries(Array.from({ length: 8 }, (_, i) => [`n${i}`, 1]));
      const { pairs } = judgeSession(
        simulateSession(
          factors,
          3,
          10,
          { ...rough, launchDeviation: 0.003 },
          seededRandom(`holm/${session}`),
        ),
        seededRandom(session),
        { resamples: 200 },
      );
      if (pairs.some(({ comparison }) => comparison.verdict === 'FASTER' || comparison.verdict === 'SLOWER'))
        sessionsWithFinding++;
    }
    expect(sessionsWithFinding / 60).toBeLessThanOrEqual(0.05);
  });
});
