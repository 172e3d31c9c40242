import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { BatchProfile } from '../../src/profile/profile-result.js';
import { type EstimatorName, estimators } from '../../src/profile/protocol/estimators.js';
import { measuredTimes } from '../../src/store/measured-times.js';
import { openStore } from '../../src/store/open-store.js';
import { recordExperiment, recordProfile, recordSession } from '../../src/store/record-results.js';
import {
  architectures,
  batchProfile,
  deviceKey,
  experiment,
  profileResult,
  temporaryFolder,
} from './stored-experiment.js';

/** Blocks of which a third were disturbed: the median and the lower decile lie far apart. */
const disturbed = (ms: number): number[] =>
  Array.from({ length: 30 }, (_, block) => (block % 3 === 0 ? ms : 2 * ms) * (1 + block / 1e4));

const profiled = (ms: number, estimator?: EstimatorName): BatchProfile => {
  const samplesMs = disturbed(ms);
  const stepMs = estimators[estimator ?? 'median']({ samplesMs });
  return { ...batchProfile(16, stepMs.value), samplesMs, stepMs, ...(estimator && { estimator }) };
};

/** One experiment for each network, as if versions of different defaults had measured them. */
function stored(rows: readonly BatchProfile[]): Map<string, number> {
  const store = openStore(join(temporaryFolder(), 'results.sqlite'));
  for (const [index, row] of rows.entries()) {
    const { id } = architectures[index]!;
    const trial = {
      id: `profile-${id}`,
      job: 'profile',
      architecture_id: id,
      replicate: 1,
      settings: '{}',
    } as const;
    const each = { ...experiment, id: `e${index}`, name: `demo ${index}` };
    recordExperiment(store, each, [architectures[index]!], [trial]);
    const { sessionId } = recordSession(store, each.id, deviceKey, {});
    recordProfile(store, { trialId: trial.id, sessionId }, profileResult(row));
  }
  const [device] = measuredTimes(store, 16);
  store.close();
  return new Map(device!.times.map(({ id, stepMs }) => [id, stepMs.value]));
}

describe('measuredTimes', () => {
  it('takes times of one estimator as they were stored', () => {
    const times = stored([profiled(10), profiled(11)]);
    expect(times.get('a0')! / times.get('a1')!).toBeCloseTo(10 / 11, 6);
    expect(times.get('a0')).toBeGreaterThan(18);
  });
  it('estimates all anew where experiments of several estimators meet', () => {
    const times = stored([profiled(10), profiled(11, 'lower-decile')]);
    expect(times.get('a0')! / times.get('a1')!).toBeCloseTo(10 / 11, 6);
    expect(times.get('a0')).toBeLessThan(12);
  });
});
