/** Writes an experiment with its plan, and each result in one transaction. */
import { dirname, relative } from 'node:path';
import type { ProfileResult } from '../profile/profile-result.js';
import type { DeviceKey } from '../runtime/runtime.js';
import type { TrainResult } from '../train/train-result.js';
import type { ZeroCostResult } from '../train/zero-cost/run-zero-cost.js';
import { type Store, transaction } from './store.js';
import { type ArchitectureRow, insertArchitecture } from './tables/architecture-table.js';
import { insertClassReport } from './tables/class-report-table.js';
import { insertDataSplit } from './tables/data-split-table.js';
import { insertDevice } from './tables/device-table.js';
import { insertEpoch } from './tables/epoch-table.js';
import { type ExperimentRow, insertExperiment } from './tables/experiment-table.js';
import { insertPlanRow, plannedTrialIds } from './tables/plan-table.js';
import { insertProfileBatch } from './tables/profile-batch-table.js';
import { insertProfile, lastProfile, type NewProfile } from './tables/profile-table.js';
import { type Environment, insertSession } from './tables/session-table.js';
import { insertTraining, lastTraining } from './tables/training-table.js';
import { insertTrial, type TrialRow } from './tables/trial-table.js';
import { insertZeroCost } from './tables/zero-cost-table.js';

/** damaged: the stored result cannot be read, and none can be added. */
export type TrialState = 'pending' | 'done' | 'failed' | 'damaged';

/**
 * Stores the experiment, its architectures and its plan in one transaction; a repetition changes nothing, and
 * further trials stand after those that were planned before.
 */
export function recordExperiment(
  store: Store,
  experiment: ExperimentRow,
  architectures: readonly ArchitectureRow[],
  trials: readonly TrialRow[],
): void {
  transaction(store, () => {
    insertExperiment(store, experiment);
    for (const architecture of architectures) insertArchitecture(store, architecture);
    const known = new Set(plannedTrialIds(store, experiment.id));
    const added = trials.filter(({ id }) => !known.has(id));
    added.forEach((trial, index) => {
      insertTrial(store, trial);
      const position = known.size + index;
      insertPlanRow(store, { experiment_id: experiment.id, trial_id: trial.id, position });
    });
  });
}

/**
 * Starts a session of `experimentId` on the device of its profiles.
 * @param startedAt ISO 8601; default now
 */
export function recordSession(
  store: Store,
  experimentId: string,
  key: DeviceKey,
  environment: Environment,
  startedAt = new Date().toISOString(),
): { readonly sessionId: number; readonly deviceId: string } {
  return transaction(store, () => {
    const deviceId = insertDevice(store, key);
    return {
      deviceId,
      sessionId: insertSession(store, {
        experimentId,
        deviceId,
        startedAt,
        environment,
      }),
    };
  });
}

const measured = (status: string): boolean => status === 'ok' || status === 'capped';

function profileStatus({ batches }: ProfileResult): Pick<NewProfile, 'status' | 'reason'> {
  const failure = batches.find((batch) => !measured(batch.status));
  if (!failure && batches.length > 0) return { status: 'ok', reason: '' };
  if (batches.some((batch) => measured(batch.status)))
    return { status: 'partial', reason: `batch ${failure!.batch}: ${failure!.reason || failure!.status}` };
  return {
    status: failure ? (failure.status as Exclude<typeof failure.status, 'capped'>) : 'failed',
    reason: failure?.reason ?? 'no batch was measured',
  };
}

export interface TrialInSession {
  readonly trialId: string;
  readonly sessionId: number;
  /** When the job ended, ISO 8601; default now. */
  readonly endedAt?: string;
}

/** Stores a profile with its batches and samples in one transaction; returns its status. */
export function recordProfile(
  store: Store,
  { trialId, sessionId, endedAt = new Date().toISOString() }: TrialInSession,
  result: ProfileResult,
): Pick<NewProfile, 'status' | 'reason'> {
  const { status, reason } = profileStatus(result);
  transaction(store, () => {
    const id = insertProfile(store, {
      trial_id: trialId,
      device_id: insertDevice(store, result.deviceKey),
      session_id: sessionId,
      status,
      reason,
      cold_start_ms: result.coldStartMs,
      environment: JSON.stringify(result.environment),
      measured_at: endedAt,
    });
    for (const batch of result.batches) insertProfileBatch(store, id, batch);
  });
  return { status, reason };
}

/** Stores a training with its curve in one transaction. */
export function recordTraining(
  store: Store,
  { trialId, sessionId, endedAt = new Date().toISOString() }: TrialInSession,
  result: TrainResult,
): void {
  transaction(store, () => {
    const id = insertTraining(store, {
      trial_id: trialId,
      device_id: insertDevice(store, result.deviceKey),
      session_id: sessionId,
      status: result.status === 'stopped' ? 'ok' : result.status,
      reason: result.status === 'stopped' ? '' : result.reason,
      stopped: result.status === 'stopped' ? result.reason : null,
      dataset_hash: result.datasetHash,
      top1: result.validationTop1 ?? null,
      loss: result.validationLoss ?? null,
      validation_count: result.validationCount ?? null,
      steps: result.steps,
      seconds: result.seconds,
      first_step_ms: result.firstStepMs,
      resumed_from_epoch: result.resumedFromEpoch,
      trained_at: endedAt,
      top5: result.validationTop5 ?? null,
      miou: result.validationMiou ?? null,
      weights_file: result.weights ? relative(dirname(store.file), result.weights.file) : null,
      weights_sha256: result.weights?.sha256 ?? null,
    });
    for (const row of result.epochs) insertEpoch(store, id, row);
    if (result.classReport) insertClassReport(store, id, result.classReport);
    for (const split of result.splits ?? []) insertDataSplit(store, result.datasetHash, split);
  });
}

/** Stores the zero-cost scores of a network in one transaction. */
export function recordZeroCost(
  store: Store,
  architectureId: string,
  settings: string,
  { deviceKey, datasetHash, scores }: ZeroCostResult,
): void {
  transaction(store, () => {
    const deviceId = insertDevice(store, deviceKey);
    for (const { measure, value, reason, seconds } of scores) {
      insertZeroCost(store, {
        architecture_id: architectureId,
        measure,
        settings,
        device_id: deviceId,
        dataset_hash: datasetHash,
        value: value ?? null,
        reason,
        seconds,
        scored_at: new Date().toISOString(),
      });
    }
  });
}

/** Whether the store has the trial's result; profiles count per device. */
export function trialState(store: Store, trial: Pick<TrialRow, 'id' | 'job'>, deviceId: string): TrialState {
  const last =
    trial.job === 'profile' ? lastProfile(store, trial.id, deviceId) : lastTraining(store, trial.id);
  if (!last) return 'pending';
  if (last === 'damaged') return 'damaged';
  return last.status === 'ok' ? 'done' : 'failed';
}
