import { describe, expect, it } from 'vitest';
import { FastestTimes, type PredictedTime } from '../../../src/lab/prediction/predict-times.js';
import { seededRandom } from '../../../src/util/random.js';

const row = (ms: number): PredictedTime => ({
  member: {} as PredictedTime['member'],
  stepMs: { value: ms, low: ms, high: ms, samples: 1 },
  source: 'predicted',
});

describe('FastestTimes', () => {
  it('holds the fastest of a stream in any order', () => {
    for (let seed = 1; seed <= 20; seed++) {
      const times = seededRandom(seed).shuffled(Array.from({ length: 500 }, (_, index) => index));
      const fastest = new FastestTimes(7);
      for (const ms of times) fastest.add(row(ms));
      expect(fastest.sorted().map(({ stepMs }) => stepMs.value)).toEqual([0, 1, 2, 3, 4, 5, 6]);
    }
  });
});
