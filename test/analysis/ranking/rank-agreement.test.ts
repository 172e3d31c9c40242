/** Agreement of rankings: known inversions, ties of a run's resolution, fronts, and names of settings. */
import { describe, expect, it } from 'vitest';
import {
  agreementText,
  meritsOf,
  rankAgreement,
  rankAgreements,
  rankedSettings,
} from '../../../src/analysis/ranking/rank-agreement.js';
import type { NetworkTime } from '../../../src/store/experiment-result.js';
import type { Estimate } from '../../../src/util/statistics/interval.js';
import { fixtureResult } from '../../fixtures/experiment-result.js';

const setting = (label: string, times: readonly number[], resolution = 0.01) => ({
  label,
  times: new Map(
    times.map((value, index): [string, Estimate] => [
      `n${index}`,
      { value, low: value, high: value, samples: 3, resolution },
    ]),
  ),
});
const noScore = (): undefined => undefined;

describe('rankAgreement', () => {
  it('counts inverted pairs, and those of them that both settings tell apart', () => {
    const first = setting('a', [1, 2, 3, 4, 5, 6]);
    // n0 and n1 change places by far, n4 and n5 within the resolution
    const second = setting('b', [2.5, 2, 3, 4, 6.01, 6]);
    const found = rankAgreement(first, second, noScore)!;
    expect(found).toMatchObject({ pairs: 15, inverted: 2, invertedToldApart: 1, toldApart: 14 });
    expect(found.tau.value).toBeCloseTo((13 - 2) / 15, 12);
    expect(found.tau.low).toBeLessThan(found.tau.value);
    expect(found.tau.high).toBeGreaterThan(found.tau.value);
    expect(found.fronts).toBeUndefined();
  });
  it('the same order has a tau of 1, and no inversion', () =>
    expect(
      rankAgreement(setting('a', [1, 2, 3, 4, 5]), setting('b', [2, 4, 6, 8, 10]), noScore),
    ).toMatchObject({
      tau: { value: 1 },
      inverted: 0,
    }));
  it('fewer than five common networks have none', () =>
    expect(rankAgreement(setting('a', [1, 2, 3, 4]), setting('b', [1, 2, 3, 4]), noScore)).toBeUndefined());
  it('common members of the fronts of score against time', () => {
    const merits = [1, 2, 3, 4, 5, 6];
    const first = setting('a', [1, 2, 3, 4, 5, 6]); // all on the front
    const second = setting('b', [6, 5, 4, 3, 2, 1]); // the last alone
    const found = rankAgreement(first, second, (id) => merits[Number(id.slice(1))])!;
    expect(found.fronts).toEqual({ first: 6, second: 1, common: 1 });
    expect(agreementText(found)).toBe('15 of 15 pairs invert, 15 told apart; fronts share 1 of 6 networks');
  });
  it('of thousands of networks a thousand are compared pair by pair', () => {
    const times = Array.from({ length: 4000 }, (_, index) => index + 1);
    const found = rankAgreement(setting('a', times), setting('b', times), noScore)!;
    expect([found.tau.samples, found.pairs, found.inverted]).toEqual([1000, 499_500, 0]);
  });
});

describe('rankedSettings', () => {
  const result = fixtureResult({ candidates: 8, batches: [1, 16], failures: false });
  const times = (scale: (index: number) => number): NetworkTime[] =>
    result.candidates.map(({ architectureId }, index) => ({
      architectureId,
      batch: 16,
      stepMs: { value: scale(index), low: scale(index), high: scale(index), samples: 3 },
    }));

  it('one per batch size; labels say what differs', () =>
    expect(rankedSettings([result]).map(({ label }) => label)).toEqual(['batch 1', 'batch 16']));
  it('other device keys of the experiment count, named by what differs', () => {
    const other = { ...result.device.key, precision: 'bfloat16', execution: 'eager' } as const;
    const settings = rankedSettings([
      { ...result, otherDevices: [{ id: 'x', key: other, times: times((index) => index + 1) }] },
    ]);
    expect(settings.map(({ label }) => label)).toEqual([
      `${result.device.key.execution}, ${result.device.key.precision}, batch 1`,
      `${result.device.key.execution}, ${result.device.key.precision}, batch 16`,
      'eager, bfloat16, batch 16',
    ]);
  });
  it('keys that differ in a version alone are told apart', () => {
    const other = { ...result.device.key, runtimeVersion: 'newer' };
    const labels = rankedSettings([
      { ...result, otherDevices: [{ id: 'x', key: other, times: times((index) => index + 1) }] },
    ]).map(({ label }) => label);
    expect(new Set(labels).size).toBe(3);
    expect(labels.at(-1)).toContain('newer');
  });
  it('every pair of settings, the least agreement first', () => {
    const key = { ...result.device.key, runtime: 'wasm' } as const;
    const slow = result.candidates.map(
      ({ profiles }) => profiles.find(({ batch }) => batch === 16)!.stepMs!.value,
    );
    const settings = rankedSettings([
      { ...result, otherDevices: [{ id: 'x', key, times: times((index) => 1 / slow[index]!) }] },
    ]);
    const found = rankAgreements(settings, meritsOf([result]));
    expect(found).toHaveLength(3);
    expect(found[0]!.tau.value).toBeCloseTo(-1, 12);
    expect(found.map(({ tau }) => tau.value)).toEqual(
      [...found.map(({ tau }) => tau.value)].sort((a, b) => a - b),
    );
  });
});
