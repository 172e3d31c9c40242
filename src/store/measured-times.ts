/**
 * Measured step times of all networks in a database by device key, from profiles and interleaved sessions.
 */

import type { Architecture } from '../architecture/architecture.js';
import {
  defaultEstimator,
  type EstimatorName,
  estimators,
  unnamedEstimator,
} from '../profile/protocol/estimators.js';
import type { DeviceKey } from '../runtime/runtime.js';
import type { Estimate } from '../util/statistics/interval.js';
import { poolLogRatios } from '../util/statistics/paired.js';
import { damagedDeviceKey } from './damage/json-forms.js';
import { readExperimentResult } from './read-result.js';
import type { Store } from './store.js';
import { architecturesByPrefix } from './tables/architecture-table.js';
import { allDevices, devicesOf } from './tables/device-table.js';
import { listExperiments } from './tables/experiment-table.js';
import { allLaunches, type StoredLaunch } from './tables/launch-table.js';

export interface MeasuredTime {
  readonly id: string;
  readonly architecture: Architecture;
  /** Milliseconds per pass. */
  readonly stepMs: Estimate;
}

export interface DeviceTimes {
  readonly deviceId: string;
  readonly key: DeviceKey;
  readonly times: readonly MeasuredTime[];
}

/**
 * One entry per device key with measurements, the one with most networks first. A network's profile takes
 * precedence over its session ratio. All times of a device come from one estimator: as stored where all
 * profiles have the same, else today's.
 * @param batch batch size
 */
export function measuredTimes(store: Store, batch: number): DeviceTimes[] {
  const byDevice = new Map<string, { key: DeviceKey; times: Map<string, MeasuredTime> }>();
  const at = (deviceId: string, key: DeviceKey): Map<string, MeasuredTime> => {
    const found = byDevice.get(deviceId) ?? { key, times: new Map<string, MeasuredTime>() };
    byDevice.set(deviceId, found);
    return found.times;
  };
  const estimatorOf = new Map<string, EstimatorName>();
  for (const [deviceId, { key, experiments }] of experimentsByDevice(store)) {
    const { estimator, profiles } = profilesOf(store, deviceId, experiments, batch);
    estimatorOf.set(deviceId, estimator);
    for (const { id, architecture, stepMs } of profiles)
      if (!at(deviceId, key).has(id)) at(deviceId, key).set(id, { id, architecture, stepMs });
  }
  const devices = new Map(allDevices(store).map(({ id, key }) => [id, key]));
  for (const [deviceId, stored] of groupBy(
    allLaunches(store).filter((launch) => launch.batch === batch),
    ({ deviceId }) => deviceId,
  )) {
    const times = at(deviceId, devices.get(deviceId) ?? damagedDeviceKey);
    for (const [id, stepMs] of sessionTimes(stored, estimatorOf.get(deviceId) ?? defaultEstimator)) {
      const row = architecturesByPrefix(store, id, 1)[0];
      if (row && !times.has(id)) times.set(id, { id, architecture: row.text, stepMs });
    }
  }
  return [...byDevice]
    .map(([deviceId, { key, times }]) => ({ deviceId, key, times: [...times.values()] }))
    .filter(({ times }) => times.length > 0)
    .sort((a, b) => b.times.length - a.times.length);
}

type Profiled = MeasuredTime & { readonly estimator: string };

function experimentsByDevice(store: Store): Map<string, { key: DeviceKey; experiments: string[] }> {
  const found = new Map<string, { key: DeviceKey; experiments: string[] }>();
  for (const { id: experiment } of listExperiments(store))
    for (const { id, key } of devicesOf(store, experiment)) {
      const device = found.get(id) ?? { key, experiments: [] };
      device.experiments.push(experiment);
      found.set(id, device);
    }
  return found;
}

function profilesOf(
  store: Store,
  deviceId: string,
  experiments: readonly string[],
  batch: number,
): { estimator: EstimatorName; profiles: readonly Profiled[] } {
  const read = (wanted?: EstimatorName): Profiled[] =>
    experiments.flatMap((experiment) =>
      readExperimentResult(store, experiment, deviceId, wanted).candidates.flatMap(
        ({ architectureId: id, architecture, profiles }) => {
          const measured = profiles.find((profile) => profile.batch === batch);
          return measured?.stepMs === undefined
            ? []
            : [
                {
                  id,
                  architecture,
                  stepMs: measured.stepMs,
                  estimator: measured.estimator ?? unnamedEstimator,
                },
              ];
        },
      ),
    );
  const profiles = read();
  const names = new Set(profiles.map(({ estimator }) => estimator));
  const [only] = names;
  if (names.size > 1) return { estimator: defaultEstimator, profiles: read(defaultEstimator) };
  return { estimator: (only as EstimatorName | undefined) ?? defaultEstimator, profiles };
}

/** The pooled ratio to the anchor over all launches, times the anchor's milliseconds. */
function sessionTimes(stored: readonly StoredLaunch[], estimator: EstimatorName): Map<string, Estimate> {
  const { value: anchorMs } = (estimators[estimator] ?? estimators[defaultEstimator])({
    samplesMs: stored.flatMap(({ record: { networks, control } }) =>
      [...Object.values(networks), ...control].flatMap((rounds) => rounds.anchorMs),
    ),
  });
  const rounds = new Map<string, StoredLaunch['record']['networks'][string][]>();
  for (const { networks, record } of stored) {
    for (const [name, series] of Object.entries(record.networks))
      if (series.stepMs.length >= 2)
        rounds.set(networks[name]!, [...(rounds.get(networks[name]!) ?? []), series]);
  }
  return new Map(
    [...rounds].map(([id, list]) => {
      const { value, low, high, samples } = poolLogRatios(
        list.map(({ stepMs }) => stepMs),
        list.map((each) => each.anchorMs),
      );
      return [
        id,
        {
          value: anchorMs * Math.exp(value),
          low: anchorMs * Math.exp(low),
          high: anchorMs * Math.exp(high),
          samples,
        },
      ];
    }),
  );
}

function groupBy<V>(values: readonly V[], key: (value: V) => string): Map<string, V[]> {
  const groups = new Map<string, V[]>();
  for (const value of values) groups.set(key(value), [...(groups.get(key(value)) ?? []), value]);
  return groups;
}
