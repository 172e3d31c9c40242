/** No interval of a result has width zero: it has scatter, or says that it is unknown. */
import { describe, expect, it } from 'vitest';
import type { BatchProfile } from '../../src/profile/profile-result.js';
import type { CandidateResult } from '../../src/store/experiment-result.js';
import { poolBatch } from '../../src/store/pool-replicates.js';
import { withSeedMeans } from '../../src/store/pool-seeds.js';
import type { Interval } from '../../src/util/statistics/interval.js';
import { fixtureResult } from '../fixtures/experiment-result.js';

/** Every object with `value`, `low` and `high`, with its path. */
function intervalsOf(value: unknown, path = ''): [string, Interval][] {
  if (typeof value !== 'object' || value === null) return [];
  const own = 'value' in value && 'low' in value && 'high' in value;
  const inside = Object.entries(value).flatMap(([key, part]) => intervalsOf(part, `${path}/${key}`));
  return own ? [[path, value as Interval], ...inside] : inside;
}

const points = (value: unknown): string[] =>
  intervalsOf(value).flatMap(([path, { low, high, unknown }]) => (low < high || unknown ? [] : [path]));

const template = fixtureResult({ candidates: 1, failures: false }).candidates[0]!;
const trained = (scores: readonly Partial<CandidateResult['scores'][number]>[]): CandidateResult => ({
  ...template,
  scores: scores.map((each, index) => ({ ...template.scores[0]!, seed: index + 1, ...each })),
});

describe('intervals of a result', () => {
  it('scores: one seed, equal seeds, all right and all wrong, with and without other networks', () => {
    for (const seeds of [1, 2, 3, 8])
      for (const value of [0, 0.5, 1]) {
        const scores = Array.from({ length: seeds }, () => ({ top1: value, miou: value, loss: value }));
        const scattered = trained([
          { top1: 0.4, miou: 0.3, loss: 1 },
          { top1: 0.5, miou: 0.4, loss: 1.2 },
        ]);
        for (const candidates of [[trained(scores)], [trained(scores), scattered]]) {
          const found = withSeedMeans(candidates, 1000);
          const means = found.map(({ top1, miou, loss }) => ({ top1, miou, loss }));
          expect(intervalsOf(means).length).toBeGreaterThan(0);
          expect(points(means), `${seeds} seeds of ${value}`).toEqual([]);
        }
      }
  });
  it('times: one launch of one block, launches that agree to the digit, ordinary ones', () => {
    const launch = (low: number, high: number): BatchProfile => {
      const step = { value: 4, low, high, samples: 1 };
      const rate = { value: 250, low: 1000 / high, high: 1000 / low, samples: 1 };
      return { ...template.profiles[0]!, stepMs: step, imagesPerSecond: rate, anchorRatio: { ...step } };
    };
    for (const launches of [
      [launch(4, 4)],
      [launch(4, 4), launch(4, 4)],
      [launch(3.9, 4.1), launch(3.8, 4.2)],
    ]) {
      const { stepMs, imagesPerSecond, anchorRatio } = poolBatch(launches);
      expect(points({ stepMs, imagesPerSecond, anchorRatio })).toEqual([]);
    }
  });
});
