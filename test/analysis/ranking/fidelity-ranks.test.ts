/** Rank correlation of cheaper trainings on results made by hand. */
import { describe, expect, it } from 'vitest';
import { score } from '../../../src/analysis/objectives/result-score.js';
import { cheapestFidelity, rankFidelities } from '../../../src/analysis/ranking/fidelity-ranks.js';
import type { CandidateResult } from '../../../src/store/experiment-result.js';
import { fixtureResult } from '../../fixtures/experiment-result.js';

const rank = (candidates: readonly CandidateResult[]) => rankFidelities(candidates, score('top-1'));
/** Curves of three epochs: the first in reverse order, the second in the final one. */
const candidates: readonly CandidateResult[] = fixtureResult({
  candidates: 6,
  seeds: 1,
  epochs: 3,
  failures: false,
}).candidates.map((candidate, index) => ({
  ...candidate,
  scores: candidate.scores.map((score) => ({
    ...score,
    top1: 0.5 + 0.05 * index,
    seconds: 30,
    curve: score.curve.map((row, epoch) => ({
      ...row,
      seconds: 10,
      validationTop1: [0.5 - 0.05 * index, 0.3 + 0.05 * index, 0.5 + 0.05 * index][epoch]!,
    })),
  })),
  cheap: [{ fidelity: { data: 0.25 }, seed: 1, top1: index < 3 ? 0.2 : 0.3, loss: 1, seconds: 6 }],
}));

describe('rankFidelities', () => {
  it('is −1 for the reverse order, 1 for the same one, tau-b where ties are', () => {
    const { ranks, fullSeconds } = rank(candidates)!;
    expect(fullSeconds).toBe(30);
    expect(
      ranks.map(({ label, kind, seconds, tau }) => [
        label,
        kind,
        seconds,
        Number(tau.value.toFixed(4)),
        tau.samples,
      ]),
    ).toEqual([
      // 9 of 15 pairs untied and concordant: 9 / √(9 · 15)
      ['data 0.25', 'trained', 6, 0.7746, 6],
      ['1 of 3 epochs', 'epochs', 10, -1, 6],
      ['2 of 3 epochs', 'epochs', 20, 1, 6],
    ]);
    for (const { tau } of ranks) expect(tau.low).toBeLessThanOrEqual(tau.value);
  });
  it('chooses the cheapest whose whole interval is high enough', () => {
    const found = rank(candidates)!;
    expect(cheapestFidelity(found, 0.9)).toBeUndefined(); // six networks do not tell so much
    expect(cheapestFidelity(found, 0)?.label).toBe('2 of 3 epochs');
    expect(cheapestFidelity(found, -1)?.label).toBe('data 0.25');
    expect(cheapestFidelity({ ...found, ranks: found.ranks.slice(0, 2) }, 0.99)).toBeUndefined();
  });
  it('says nothing of four networks, and nothing of fewer at one fidelity', () => {
    expect(rank(candidates.slice(0, 4))).toBeUndefined();
    const few = candidates.map((candidate, index) => {
      const { cheap: _, ...rest } = candidate;
      return index < 4 ? candidate : rest;
    });
    expect(rank(few)!.ranks.map(({ kind }) => kind)).toEqual(['epochs', 'epochs']);
  });
});
