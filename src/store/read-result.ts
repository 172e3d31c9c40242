/** Reads the result of an experiment under one device key. */

import type { EstimatorName } from '../profile/protocol/estimators.js';
import { UserError } from '../util/errors.js';
import { standardRelevance } from '../util/statistics/verdict.js';
import { candidateResults, networkTimesOf } from './candidate-result.js';
import { damageText, doctorFix } from './damage/damaged-row.js';
import type { ExperimentResult, NetworkTime, SearchResult } from './experiment-result.js';
import { readExperimentRows, readLaunchRows } from './experiment-rows.js';
import type { KnownRows } from './known-rows.js';
import { batchResolutions, launchFits } from './launch-fits.js';
import type { Store } from './store.js';
import { dataSplits } from './tables/data-split-table.js';
import { allDevices, devicesOf } from './tables/device-table.js';
import { findExperiment, listExperiments, type StoredExperiment } from './tables/experiment-table.js';
import { otherDeviceTimes } from './tables/other-device-time-table.js';
import { searchAnswers } from './tables/search-event-table.js';
import { anchorControls, lastSession } from './tables/session-table.js';

/**
 * One consistent snapshot (a single read transaction), also while a run is writing. Profiles are those of one
 * device key; scores count on whichever device they were trained.
 * @param experimentId default: the experiment of the latest session
 * @param deviceId default: the experiment's latest device
 * @param estimator of step times; default: as stored where all have the same, else today's
 * @param known rows of earlier reads, for a reader that follows a run; brought up to date
 * @throws UserError where the database has no such experiment or device
 */
export function readExperimentResult(
  openStore: Store,
  experimentId?: string,
  deviceId?: string,
  estimator?: EstimatorName,
  known?: KnownRows,
): ExperimentResult {
  const store: Store = { ...openStore, damaged: new Map() };
  return store.sqlite.transaction(() => {
    const experiment = chooseExperiment(store, experimentId);
    const devices = devicesOf(store, experiment.id);
    const device = chooseDevice(store, experiment, devices, deviceId);
    const rows = readExperimentRows(store, experiment.id, device.id, estimator, known);
    const fits = launchFits(rows);
    const relevance = relevanceOf(experiment);
    const splits = dataSplits(store, rows.datasetHash);
    const answered = searchAnswers(store, experiment.id);
    const environment = environmentOf(store, experiment.id, device.id);
    const damaged = rows.damaged();
    const damagedJobs = damaged.filter(({ table }) => table === 'profile' || table === 'training').length;
    return {
      experiment: {
        id: experiment.id,
        name: experiment.name,
        text: experiment.text,
        spaceText: experiment.space_text,
        createdAt: experiment.created_at,
        objectives: experiment.objectives,
      },
      ...(answered > 0 && { search: { answered, ...elsewhereOf(store, experiment.id) } }),
      device,
      otherDevices: devices
        .filter(({ id }) => id !== device.id)
        .map((other) => ({ ...other, times: timesUnder(store, experiment.id, other.id, relevance) })),
      spaceCount: experiment.space_count,
      datasetName: experiment.dataset_name,
      datasetHash: rows.datasetHash,
      ...(splits.length > 0 ? { splits } : {}),
      protocol: experiment.protocol,
      recipe: experiment.recipe,
      resolutions: batchResolutions(fits),
      relevance,
      environment,
      jobs: {
        planned: rows.plannedJobs,
        done: rows.jobs.filter(({ status }) => status === 'ok').length,
        failed: rows.jobs.filter(({ status }) => status !== 'ok').length + damagedJobs,
      },
      candidates: candidateResults(rows, fits, relevance),
      ...(rows.ablation && { ablation: rows.ablation }),
      ...(damaged.length > 0 ? { damaged } : {}),
    };
  })();
}

/** Times of the search's networks on other devices; nothing where its experiment names none. */
function elsewhereOf(store: Store, experimentId: string): Pick<SearchResult, 'elsewhere'> {
  const times = otherDeviceTimes(store, experimentId);
  if (times.length === 0) return {};
  const ids = new Set(times.map(({ device_id: id }) => id));
  return {
    elsewhere: allDevices(store)
      .filter(({ id }) => ids.has(id))
      .map((device) => ({
        ...device,
        times: times
          .filter(({ device_id: id }) => id === device.id)
          .map(({ architecture_id: architectureId, quantity, value, source }) => ({
            architectureId,
            quantity,
            value,
            source,
          })),
      })),
  };
}

function timesUnder(
  store: Store,
  experimentId: string,
  deviceId: string,
  relevance: number,
): readonly NetworkTime[] {
  const rows = readLaunchRows(store, experimentId, deviceId);
  return networkTimesOf(rows, launchFits(rows), relevance);
}

/** Experiments of older versions declare none. */
function relevanceOf({ protocol }: StoredExperiment): number {
  const { relevance } = protocol as { readonly relevance?: unknown };
  return typeof relevance === 'number' && relevance > 0 && relevance < 1 ? relevance : standardRelevance;
}

function chooseExperiment(store: Store, id: string | undefined): StoredExperiment {
  if (id === undefined) {
    const latest = listExperiments(store)[0];
    if (!latest) throwDamage(store);
    if (!latest)
      throw new UserError(`${store.file}: the database holds no experiment yet`, {
        fix: 'run one with: npx stagecraft run EXPERIMENT --db FILE',
      });
    return latest;
  }
  const found = findExperiment(store, id);
  if (found) return found;
  throwDamage(store);
  const stored = listExperiments(store)
    .map((row) => `${row.id} (${row.name})`)
    .join(', ');
  throw new UserError(`${store.file}: no experiment ${JSON.stringify(id)}`, {
    fix: `choose one of: ${stored || 'none'}`,
  });
}

/** @throws UserError where a damaged row is why nothing was found */
function throwDamage({ file, damaged }: Store): void {
  for (const { damage } of damaged.values())
    throw new UserError(`${file}: ${damageText(damage)}`, { fix: doctorFix(file) });
}

function chooseDevice(
  store: Store,
  experiment: StoredExperiment,
  devices: readonly ExperimentResult['device'][],
  id: string | undefined,
): ExperimentResult['device'] {
  const device = id === undefined ? devices[0] : devices.find((each) => each.id === id);
  if (device) return device;
  throwDamage(store);
  const wanted = id === undefined ? 'yet' : `of device ${JSON.stringify(id)}`;
  throw new UserError(
    `${store.file}: experiment ${JSON.stringify(experiment.name)} has no results ${wanted}`,
    devices.length > 0
      ? { fix: `choose one of: ${devices.map((each) => `${each.id} (${each.key.device})`).join(', ')}` }
      : {},
  );
}

/** Of the last session, with the A/A controls of every session that measured. */
function environmentOf(
  store: Store,
  experimentId: string,
  deviceId: string,
): ExperimentResult['environment'] {
  const controls = anchorControls(store, experimentId, deviceId);
  return {
    ...lastSession(store, experimentId, deviceId)?.environment,
    ...(controls.length > 0 ? { control: controls.join('; ') } : {}),
  };
}
