/** The resolution of a stored run: copies of the anchor are no candidates, and intervals are those of the fit. */
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { objective } from '../../src/analysis/objectives/objectives.js';
import { areTied, frontOf } from '../../src/analysis/pareto/pareto-front.js';
import { biasText, resolutionText } from '../../src/analysis/summary/resolution-text.js';
import { neighbourVerdicts, timeVerdictSentence } from '../../src/analysis/summary/time-verdicts.js';
import { openStore, readExperimentResult } from '../../src/store/open-store.js';
import { recordExperiment, recordProfile, recordSession } from '../../src/store/record-results.js';
import type { TrialRow } from '../../src/store/tables/trial-table.js';
import { seededRandom } from '../../src/util/random.js';
import {
  architectures,
  batchProfile,
  deviceKey,
  experiment,
  profileResult,
  temporaryFolder,
} from './stored-experiment.js';

const anchor = { ...architectures[0]!, id: 'anchor', layout: 'C', text: '{"layout":"C"}' };

/**
 * Four launches of two networks and two copies of the anchor; each launch moves all by up to 20 %.
 * @param relevance undefined: a run of before it could be declared
 */
function storedRun(
  stepMs: { readonly a0: number; readonly a1: number; readonly secondAnchor: number },
  relevance?: number,
) {
  const store = openStore(join(temporaryFolder(), 'r.sqlite'));
  const launches = [1, 2, 3, 4];
  const trial = (id: string, architecture_id: string, replicate: number, settings: string): TrialRow => ({
    id: `${id}-${replicate}`,
    job: 'profile',
    architecture_id,
    replicate,
    settings,
  });
  const trials = launches.flatMap((launch) => [
    ...['a0', 'a1'].map((id) => trial(id, id, launch, '{}')),
    ...[1, 2].map((copy) => trial(`anchor${copy}`, 'anchor', launch, JSON.stringify({ anchorCopy: copy }))),
  ]);
  const protocol = JSON.stringify({ launches: 4, relevance });
  recordExperiment(store, { ...experiment, protocol }, [...architectures, anchor], trials);
  const { sessionId } = recordSession(store, experiment.id, deviceKey, {});
  const random = seededRandom('run');
  for (const launch of launches) {
    const shared = 1 + 0.2 * random.next();
    const times = { a0: stepMs.a0, a1: stepMs.a1, anchor1: 4, anchor2: stepMs.secondAnchor };
    for (const [name, ms] of Object.entries(times))
      recordProfile(
        store,
        { trialId: `${name}-${launch}`, sessionId },
        profileResult(batchProfile(16, ms * shared * (1 + 0.005 * random.normal()))),
      );
  }
  return readExperimentResult(store);
}

describe('readExperimentResult with copies of the anchor', () => {
  const apart = { a0: 10, a1: 10.5, secondAnchor: 4 };
  it('lists the networks alone as candidates', () => {
    const result = storedRun(apart);
    expect(result.candidates.map(({ architectureId }) => architectureId)).toEqual(['a0', 'a1']);
  });
  it('resolves a few per cent although launches differ by 20 %, and names it', () => {
    const result = storedRun(apart);
    const [at16] = result.resolutions;
    expect(at16).toMatchObject({ batch: 16, networks: 2, launches: 4, freedom: 9 });
    expect(at16!.relative).toBeLessThan(0.03);
    expect(at16!.anchors!.biased).toBe(false);
    expect(biasText(result)).toBeUndefined();
    expect(resolutionText(result)).toMatch(
      /^time differences under 0\.\d % \(batch 16\) cannot be told in this run; closer than 1\.0 %, the declared relevance, times count as the same$/,
    );
  });
  it('tells 5 % apart, which the launches’ own intervals could not', () => {
    const [a, b] = storedRun(apart).candidates.map(({ profiles }) => profiles[0]!.imagesPerSecond!);
    const y = { value: 1, low: 1, high: 1 };
    expect(a!.value / b!.value).toBeCloseTo(1.05, 1);
    expect(areTied({ x: a!, y }, { x: b!, y })).toBe(false);
  });
  it('ties networks within the resolution', () => {
    const same = storedRun({ a0: 10, a1: 10.01, secondAnchor: 4 });
    const [a, b] = same.candidates.map(({ profiles }) => profiles[0]!.imagesPerSecond!);
    const y = { value: 1, low: 1, high: 1 };
    expect(areTied({ x: a!, y }, { x: b!, y })).toBe(true);
  });
  it('ties networks that differ by more than the resolution, but by less than the declared relevance', () => {
    const close = { a0: 10, a1: 10.2, secondAnchor: 4 };
    const y = { value: 1, low: 1, high: 1 };
    const isTied = (relevance?: number): boolean => {
      const [a, b] = storedRun(close, relevance).candidates.map(
        ({ profiles }) => profiles[0]!.imagesPerSecond!,
      );
      return areTied({ x: a!, y }, { x: b!, y });
    };
    expect([isTied(), isTied(0.01), isTied(0.04)]).toEqual([false, false, true]);
  });
  it('calls neighbours of the front the SAME, NOT TOLD APART or different by relevance and resolution', () => {
    const found = (a1: number, relevance?: number) => {
      const result = storedRun({ a0: 10, a1, secondAnchor: 4 }, relevance);
      const front = frontOf(result.candidates, objective('images-per-second', 16), objective('params'));
      expect(front.front).toHaveLength(2);
      return {
        verdicts: neighbourVerdicts(result, front)!.map(({ verdict }) => verdict),
        sentence: timeVerdictSentence(result, front),
        same: resolutionText(result),
      };
    };
    expect(found(9.95, 0.03)).toMatchObject({
      verdicts: ['SAME'],
      sentence: 'neighbours on the front, in time at batch 16: one pair is the SAME within 3.0 %.',
    });
    const coarse = found(9.95, 0.002);
    expect(coarse.verdicts).toEqual(['NOT TOLD APART']);
    expect(coarse.sentence).toMatch(/one pair is NOT TOLD APART \(within 0\.\d %\)\.$/);
    expect(coarse.same).toMatch(/count as the same, which this run cannot show \(batch 16\)$/);
    expect(found(9.5)).toMatchObject({ verdicts: ['SLOWER'], sentence: undefined });
  });
  it('is void where the two copies of the anchor differ', () => {
    expect(biasText(storedRun({ a0: 10, a1: 10.5, secondAnchor: 4.6 }))).toMatch(
      /^times at batch 16 may not be compared: the two copies of the anchor network differ by −1\d % \(p < 0.001\), more than/,
    );
  });
});
