/**
 * What the trials of one evaluation of a network have measured, without reading the rest of its experiment.
 */
import { mean } from 'simple-statistics';
import { exactInterval } from '../util/statistics/interval.js';
import { pooledProfiles } from './candidate-result.js';
import { withCommonEstimator } from './common-estimator.js';
import type { CandidateResult } from './experiment-result.js';
import type { Store } from './store.js';
import { epochsByTraining } from './tables/epoch-table.js';
import { batchesByProfile } from './tables/profile-batch-table.js';
import {
  lastProfile,
  latestProfiles,
  profilesBySettings,
  type StoredProfile,
} from './tables/profile-table.js';
import type { TrainingRow } from './tables/training-table.js';

/** Batches of the profiles, launches pooled. */
export function measuredProfiles(
  store: Store,
  trialIds: readonly string[],
  deviceId: string,
): CandidateResult['profiles'] {
  const profiles = trialIds.flatMap((id) => {
    const last = lastProfile(store, id, deviceId);
    return last === undefined || last === 'damaged' ? [] : [last];
  });
  const ids = profiles.map(({ id }) => id);
  return pooledProfiles(profiles, { batches: withCommonEstimator(batchesByProfile(store, ids)) });
}

/** Learning curve of a stored training. */
export const storedEpochs = (store: Store, { id }: TrainingRow) =>
  epochsByTraining(store, [id]).get(id) ?? [];

/** A candidate as objectives read it: the network, its pooled profiles, and means of scores over seeds. */
export function evaluatedCandidate(
  network: Omit<CandidateResult, 'profiles' | 'scores' | 'failures'>,
  profiles: CandidateResult['profiles'],
  scores: readonly Pick<CandidateResult['scores'][number], 'top1' | 'miou' | 'loss'>[],
): CandidateResult {
  const means = (['top1', 'miou', 'loss'] as const).flatMap((name) => {
    const values = scores.flatMap((score) => score[name] ?? []);
    return values.length === scores.length && values.length > 0
      ? [[name, { ...exactInterval(mean(values)), samples: values.length }] as const]
      : [];
  });
  return {
    ...network,
    profiles,
    scores: [],
    failures: [],
    ...Object.fromEntries(means),
  };
}

/** Seconds of every complete profile of these settings: start, warm-up and all timed passes. */
export const profileSeconds = (store: Store, settings: string): number[] =>
  secondsOf(store, profilesBySettings(store, settings)).map(({ seconds }) => seconds);

/** Seconds per batch size of the latest complete profiles of any settings, at most `most`. */
export const profileSecondsPerBatch = (store: Store, most: number): number[] =>
  secondsOf(store, latestProfiles(store, most)).flatMap(({ seconds, batches }) =>
    batches > 0 ? [seconds / batches] : [],
  );

function secondsOf(
  store: Store,
  profiles: readonly StoredProfile[],
): { readonly seconds: number; readonly batches: number }[] {
  const batches = batchesByProfile(
    store,
    profiles.map(({ id }) => id),
  );
  const sum = (values: readonly number[] = []): number => values.reduce((total, value) => total + value, 0);
  return profiles.map(({ id, cold_start_ms: coldStartMs }) => {
    const passes = (batches.get(id) ?? []).map(
      ({ buildMs = 0, firstRunMs = 0, warmupMs = 0, samplesMs, passesPerBlock = 1, latencySamplesMs }) =>
        buildMs + firstRunMs + warmupMs + passesPerBlock * sum(samplesMs) + sum(latencySamplesMs),
    );
    return { seconds: (coldStartMs + sum(passes)) / 1000, batches: passes.length };
  });
}
