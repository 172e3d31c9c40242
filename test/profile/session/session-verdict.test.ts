/** Verdicts of simulated launches: order, control, resolution, pairs that never ran together. */
import { describe, expect, it } from 'vitest';
import type { LaunchRecord } from '../../../src/profile/session/launch.js';
import { judgeSession, type PairVerdict } from '../../../src/profile/session/session-verdict.js';
import { seededRandom } from '../../../src/util/random.js';
import { overlaps } from '../../../src/util/statistics/interval.js';
import { medianInterval } from '../../../src/util/statistics/order-statistics.js';
import { comparePaired } from '../../../src/util/statistics/paired.js';
import { type Verdict, verdicts } from '../../../src/util/statistics/verdict.js';
import { rough, simulateOneAfterTheOther, simulateSession } from '../simulator.js';

const random = () => seededRandom('judge');
const quiet = {
  drift: 0,
  wander: 0,
  spikes: 0,
  noise: 0.002,
  processDeviation: 0.02,
  launchDeviation: 0.0005,
};

const pairOf = (records: readonly LaunchRecord[], first: string, second: string): PairVerdict =>
  judgeSession(records).pairs.find((pair) => pair.first === first && pair.second === second)!;

/** Share of `sessions` draws that give each verdict. */
function shares(sessions: number, draw: (session: number) => Verdict): Readonly<Record<Verdict, number>> {
  const counts = Object.fromEntries(verdicts.map((verdict) => [verdict, 0])) as Record<Verdict, number>;
  for (let session = 0; session < sessions; session++) counts[draw(session)] += 1 / sessions;
  return counts;
}

describe('comparePaired, on 30 simulated pairs under 3 % drift, wander and spikes', () => {
  const pairs = (factor: number, seed: string) =>
    shares(400, (session) => {
      const [{ control }] = simulateSession(
        {},
        1,
        30,
        { ...rough, launchDeviation: 0 },
        seededRandom(`${seed}/${session}`),
      ) as [LaunchRecord];
      const { stepMs, anchorMs } = control[0];
      return comparePaired(
        stepMs.map((ms) => ms * factor),
        anchorMs,
      ).verdict;
    });
  it('equal networks are called different in at most 5 %', () => {
    const { FASTER, SLOWER } = pairs(1, 'pairs/same');
    expect(FASTER + SLOWER).toBeLessThanOrEqual(0.05);
  });
  it('a true 2 % is found in at least 95 %, never the wrong way round', () => {
    const found = pairs(1.02, 'pairs/two');
    expect(found.SLOWER).toBeGreaterThanOrEqual(0.95);
    expect(found.FASTER).toBe(0);
  });
  it('the same weather fools timing one after the other: most equal pairs look different', () => {
    let wrong = 0;
    for (let session = 0; session < 200; session++) {
      const [a, b] = simulateOneAfterTheOther(1, 100, rough, seededRandom(`naive/${session}`));
      if (!overlaps(medianInterval(a), medianInterval(b))) wrong++;
    }
    expect(wrong / 200).toBeGreaterThan(0.5);
  });
});

describe('judgeSession', () => {
  it('orders by ratio to the anchor, with the milliseconds that go with it', () => {
    const verdict = judgeSession(simulateSession({ slow: 2, fast: 0.5, middle: 1 }, 3, 10, quiet, random()));
    expect(verdict.ratios.map(({ name }) => name)).toEqual(['fast', 'middle', 'slow']);
    expect(verdict.ratios[0]!.ratio.value).toBeCloseTo(0.5, 2);
    expect(verdict.ratios[2]!.stepMs).toBeCloseTo(20, 0);
    expect(verdict.void).toBe(false);
    expect(verdict.pairs).toHaveLength(3);
    expect(verdict.resolution!.relative).toBeGreaterThan(0.0003);
    expect(verdict.resolution!.relative).toBeLessThan(0.005);
  });

  it('is void where the controls differ by more than the resolution, and not where the run is imprecise', () => {
    const biased = simulateSession({ a: 1, b: 1 }, 3, 10, quiet, random()).map((record) => ({
      ...record,
      control: [
        record.control[0],
        { ...record.control[1], stepMs: record.control[1].stepMs.map((ms) => ms * 1.05) },
      ] as const,
    }));
    expect(judgeSession(biased).void).toBe(true);
    expect(judgeSession(biased).control!.ratio.value).toBeCloseTo(1 / 1.05, 2);
    let voided = 0;
    for (let session = 0; session < 200; session++) {
      const weather = { ...rough, launchDeviation: 0.02 };
      if (judgeSession(simulateSession({ a: 1, b: 1 }, 3, 10, weather, seededRandom(`void/${session}`))).void)
        voided++;
    }
    expect(voided / 200).toBeLessThanOrEqual(0.02);
  });

  it('one launch tells no pair apart, since the scatter between launches is unknown', () => {
    const verdict = judgeSession(simulateSession({ a: 1, b: 2 }, 1, 10, quiet, random()));
    expect(verdict.resolution).toBeUndefined();
    expect(verdict.control).toBeUndefined();
    expect(verdict.pairs[0]!.comparison.verdict).toBe('NOT TOLD APART');
    expect(verdict.ratios[0]!.ratio.unknown).toBe(true);
  });

  it('compares networks that never ran together through the controls, with a wider interval', () => {
    const weather = { ...quiet, launchDeviation: 0.01 };
    const [together, apart] = [0, 1].map(() => ({ width: 0 })) as [{ width: number }, { width: number }];
    for (let session = 0; session < 40; session++) {
      const from = seededRandom(`apart/${session}`);
      const { low, high } = pairOf(simulateSession({ a: 1, b: 1.1 }, 6, 10, weather, from), 'a', 'b')
        .comparison.ratio;
      together.width += high - low;
      const separate = pairOf(
        [
          ...simulateSession({ a: 1 }, 6, 10, weather, from),
          ...simulateSession({ b: 1.1 }, 6, 10, weather, from),
        ],
        'a',
        'b',
      ).comparison;
      apart.width += separate.ratio.high - separate.ratio.low;
      expect(separate.verdict).toBe('FASTER');
    }
    expect(apart.width / together.width).toBeGreaterThan(1.15);
  });

  it('through the controls: equal networks are called different in at most 5 %, a true 4 % is found in at least 95 %', () => {
    const apart = (factor: number, seed: string) =>
      shares(300, (session) => {
        const from = seededRandom(`${seed}/${session}`);
        const weather = { ...rough, launchDeviation: 0.011 };
        const records = [
          ...simulateSession({ a: factor, c: 1.4 }, 8, 10, weather, from),
          ...simulateSession({ b: 1, d: 0.7 }, 8, 10, weather, from),
        ];
        return pairOf(records, 'a', 'b').comparison.verdict;
      });
    const [same, slower] = [apart(1, 'apart/same'), apart(1.04, 'apart/four')];
    expect(same.FASTER + same.SLOWER).toBeLessThanOrEqual(0.05);
    expect(slower.SLOWER).toBeGreaterThanOrEqual(0.95);
  });

  it('launches that disagree tell nothing apart, whatever each says alone', () => {
    const launches = [1.06, 0.95, 1.05].flatMap((factor, i) =>
      simulateSession({ a: factor, b: 1 }, 1, 10, quiet, seededRandom(i)),
    );
    expect(judgeSession(launches).pairs[0]!.comparison.verdict).toBe('NOT TOLD APART');
  });
});
