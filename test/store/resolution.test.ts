/** The resolution of a stored run: copies of the anchor are no candidates, and intervals are those of the fit. */
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { areTied } from '../../src/analysis/pareto/pareto-front.js';
import { biasText, resolutionText } from '../../src/analysis/summary/resolution-text.js';
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

/** Four launches of two networks and two copies of the anchor; each launch moves all by up to 20 %. */
function storedRun(stepMs: { readonly a0: number; readonly a1: number; readonly secondAnchor: number }) {
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
  recordExperiment(store, experiment, [...architectures, anchor], trials);
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
      /^time differences under [\d.]+ % \(batch 16\) cannot be told in this run$/,
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
  it('is void where the two copies of the anchor differ', () => {
    expect(biasText(storedRun({ a0: 10, a1: 10.5, secondAnchor: 4.6 }))).toMatch(
      /^times at batch 16 may not be compared: the two copies of the anchor network differ by −1\d % \(p < 0.001\), more than/,
    );
  });
});
