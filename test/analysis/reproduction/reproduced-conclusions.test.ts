/** Verdicts on the conclusions of a first run, from second runs that are made to agree, differ and say nothing. */
import { describe, expect, it } from 'vitest';
import type {
  ReproducedConclusion,
  ReproductionVerdict,
} from '../../../src/analysis/reproduction/reproduced-conclusion.js';
import {
  ofDifferences,
  reproducedConclusions,
} from '../../../src/analysis/reproduction/reproduced-conclusions.js';
import type { CandidateResult, ExperimentResult } from '../../../src/store/experiment-result.js';
import { asAblation } from '../../fixtures/ablation-result.js';
import { fixtureResult } from '../../fixtures/experiment-result.js';

const interval = (low: number, high: number) => ({ value: (low + high) / 2, low, high });

describe('ofDifferences', () => {
  it.each<[string, [number, number], [number, number], ReproductionVerdict]>([
    ['above zero twice', [1, 3], [0.5, 2], 'holds'],
    ['below zero twice', [-3, -1], [-2, -0.5], 'holds'],
    ['above, then below', [1, 3], [-3, -1], 'contradicted'],
    ['above, then open', [1, 3], [-1, 2], 'not decided'],
    ['open twice', [-1, 1], [-2, 0.5], 'holds'],
    ['open, then above but overlapping', [-1, 1], [0.5, 3], 'not decided'],
    ['open, then above and apart', [-1, 1], [2, 3], 'contradicted'],
  ])('%s', (_, before, after, verdict) =>
    expect(ofDifferences(interval(...before), interval(...after))).toBe(verdict),
  );
  it('without an interval nothing is decided', () =>
    expect(ofDifferences(interval(1, 2), undefined)).toBe('not decided'));
});

const first = fixtureResult({ candidates: 24, failures: false, seeds: 3 });

const changed = (
  result: ExperimentResult,
  change: (candidate: CandidateResult) => CandidateResult,
): ExperimentResult => ({ ...result, candidates: result.candidates.map(change) });

/** Every score mirrored about the middle: good networks become bad ones. */
const reversed = changed(first, (candidate) => {
  const flip = (value: number): number => 1.2 - value;
  const { value, low, high, samples } = candidate.top1!;
  return {
    ...candidate,
    top1: { value: flip(value), low: flip(high), high: flip(low), samples },
    scores: candidate.scores.map((each) => ({ ...each, top1: flip(each.top1!) })),
  };
});

const verdictsOf = (found: readonly ReproducedConclusion[]): Set<ReproductionVerdict> =>
  new Set(found.map(({ verdict }) => verdict));

describe('reproducedConclusions', () => {
  it('a run against itself: no conclusion is contradicted, and the figures are equal', () => {
    const found = reproducedConclusions(first, first);
    expect(found.length).toBeGreaterThan(3);
    expect(verdictsOf(found)).toEqual(new Set(['holds']));
    for (const { before, after } of found) expect(after).toBe(before);
  });
  it('a run with reversed scores contradicts the best network and members of the front', () => {
    const found = reproducedConclusions(first, reversed);
    const best = found.find(({ conclusion }) => /has the highest/.test(conclusion))!;
    expect(best.verdict).toBe('contradicted');
    expect(best.before).not.toBe(best.after);
    expect(
      found.some(({ conclusion, verdict }) => /on the front/.test(conclusion) && verdict === 'contradicted'),
    ).toBe(true);
  });
  it('a run without scores decides nothing about them', () => {
    const empty = changed(first, ({ top1: _top1, loss: _loss, ...candidate }) => ({
      ...candidate,
      scores: [],
    }));
    const found = reproducedConclusions(first, empty);
    const scored = found.filter(({ conclusion }) => /highest|on the front|layouts/.test(conclusion));
    expect(scored.length).toBeGreaterThan(2);
    expect(verdictsOf(scored)).toEqual(new Set(['not decided']));
  });
  it('an ablation: the answer and every effect, matched by name', () => {
    const ablation = asAblation(first);
    const found = reproducedConclusions(ablation, ablation);
    expect(found[0]!.conclusion).toContain(ablation.ablation!.plan.question);
    expect(found.some(({ conclusion }) => /against .*: the claim of/.test(conclusion))).toBe(true);
    expect(verdictsOf(found).has('contradicted')).toBe(false);
  });
  it('a run that concluded nothing leaves nothing to check', () =>
    expect(reproducedConclusions(fixtureResult({ candidates: 0 }), first)).toEqual([]));
});
