/** Foretold scores: exact on curves that follow the model, honest about noise, and never from too little. */
import { describe, expect, it } from 'vitest';
import { checkExtrapolation, predictFinalScore } from '../../../src/analysis/ranking/score-extrapolation.js';
import { seededRandom } from '../../../src/util/random.js';

const random = seededRandom('curves');
/** final − distance·rate^epoch, with noise on every score. */
const made = (noise: number): number[] => {
  const [final, rate] = [0.5 + 0.4 * random.next(), 0.6];
  return Array.from(
    { length: 8 },
    (_, index) => final - 0.5 * rate ** (index + 1) * (0.8 + 0.4 * final) + noise * random.normal(),
  );
};

describe('predictFinalScore', () => {
  it('finds the end of curves of one family', () => {
    const finished = Array.from({ length: 12 }, () => made(0));
    const own = made(0);
    const predicted = predictFinalScore(own.slice(0, 3), 8, finished)!;
    expect(predicted.from).toBe(12);
    expect(Math.abs(predicted.value - own.at(-1)!)).toBeLessThan(0.01);
    expect(predicted.low).toBeLessThanOrEqual(predicted.value);
    expect(predicted.high).toBeGreaterThanOrEqual(predicted.value);
  });

  it('its 95 % intervals hold the end in at least 90 of 100 noisy cases, and narrow towards the end', () => {
    let inside = 0;
    let [early, late] = [0, 0];
    for (let trial = 0; trial < 200; trial++) {
      const finished = Array.from({ length: 10 }, () => made(0.02));
      const own = made(0.02);
      const at = (epochs: number) => predictFinalScore(own.slice(0, epochs), 8, finished)!;
      const predicted = at(2);
      if (own.at(-1)! >= predicted.low && own.at(-1)! <= predicted.high) inside++;
      early += predicted.high - predicted.low;
      late += at(6).high - at(6).low;
    }
    expect(inside).toBeGreaterThanOrEqual(180);
    expect(late).toBeLessThan(early);
  });

  it('says nothing from four finished curves, of a finished one, or beside curves of another length', () => {
    const finished = Array.from({ length: 5 }, () => made(0));
    expect(predictFinalScore([0.1], 8, finished.slice(1))).toBeUndefined();
    expect(predictFinalScore(finished[0]!, 8, finished)).toBeUndefined();
    expect(predictFinalScore([0.1], 9, finished)).toBeUndefined();
    expect(predictFinalScore([Number.NaN], 8, finished)).toBeUndefined();
  });
});

it('checkForetelling: every finished curve from the others, epoch by epoch', () => {
  const checks = checkExtrapolation(Array.from({ length: 12 }, () => made(0.01)));
  expect(checks.map(({ epoch, count }) => [epoch, count])).toEqual(
    [1, 2, 3, 4, 5, 6, 7].map((epoch) => [epoch, 12]),
  );
  for (const { meanAbsoluteError, coverage } of checks) {
    expect(meanAbsoluteError).toBeLessThan(0.1);
    expect(coverage).toBeGreaterThan(0.7);
  }
  expect(checkExtrapolation([[0.1, 0.2]])).toEqual([]);
});
