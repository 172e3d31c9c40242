/**
 * The rows of an experiment under one device key, with one query per table: the number of queries does not
 * grow with candidates, launches or epochs.
 */
import type { BatchProfile } from '../profile/profile-result.js';
import type { EstimatorName } from '../profile/protocol/estimators.js';
import type { Fidelity } from '../train/recipe/training-fidelity.js';
import type { ClassReport, EpochRow } from '../train/train-result.js';
import { canonicalJson } from '../util/canonical-json.js';
import { hasOneEstimator, withCommonEstimator } from './common-estimator.js';
import type { DamagedRow } from './damage/damaged-row.js';
import { noteDamage } from './damage/sound-rows.js';
import { type ExperimentResult, maxReportedClasses } from './experiment-result.js';
import { groupBy } from './group-by.js';
import { type KnownRows, knownArchitectures, knownOrRead } from './known-rows.js';
import type { Store } from './store.js';
import { ablationArms, ablationOf } from './tables/ablation-table.js';
import { architecturesByIds, type StoredArchitecture } from './tables/architecture-table.js';
import { classReports } from './tables/class-report-table.js';
import { epochsByTraining } from './tables/epoch-table.js';
import { plannedTrials } from './tables/plan-table.js';
import { batchesByProfile, batchSummaries } from './tables/profile-batch-table.js';
import { lastProfiles, type StoredProfile } from './tables/profile-table.js';
import { type TestScore, testScores } from './tables/test-score-table.js';
import { lastTrainings, type TrainingRow } from './tables/training-table.js';
import type { StoredTrial } from './tables/trial-table.js';
import { type StoredZeroCost, zeroCostScores } from './tables/zero-cost-table.js';

type OfTrial = Pick<TrainingRow, 'trial_id'>;

/** The launches of an experiment under one device key. */
export interface LaunchRows {
  /** Last attempts by architecture id, oldest first. */
  readonly profiles: ReadonlyMap<string, readonly StoredProfile[]>;
  /** Profiles of the two copies of the anchor network, by copy. */
  readonly anchors: ReadonlyMap<number, readonly StoredProfile[]>;
  /** Process launch of a profile, different in every session. */
  launchOf(profile: StoredProfile): string;
  /** By profile id, without the single samples. */
  readonly batches: ReadonlyMap<number, readonly BatchProfile[]>;
}

export interface ExperimentRows extends LaunchRows {
  readonly architectures: readonly StoredArchitecture[];
  /** The frozen plan of an ablation, whose arms are the candidates. */
  readonly ablation: ExperimentResult['ablation'];
  readonly plannedJobs: number;
  /** Every settled or failed job: last attempts of profiles, then of trainings. */
  readonly jobs: readonly (StoredProfile | TrainingRow)[];
  /** Of the first finished training; '' before there is one. */
  readonly datasetHash: string;
  /** Last attempts by architecture id, oldest first. */
  readonly trainings: ReadonlyMap<string, readonly TrainingRow[]>;
  readonly zeroCost: ReadonlyMap<string, readonly StoredZeroCost[]>;
  /** By training id: of trainings that finished or were stopped at full fidelity. */
  readonly epochs: ReadonlyMap<number, readonly EpochRow[]>;
  readonly classReports: ReadonlyMap<number, ClassReport>;
  readonly testScores: ReadonlyMap<number, TestScore>;
  /** Rows left out of all others, by the architecture whose result they are. */
  readonly damagedOf: ReadonlyMap<string | undefined, readonly DamagedRow[]>;
  /** All damaged rows met so far, also after these were read. */
  damaged(): readonly DamagedRow[];
  seedOf(training: OfTrial): number;
  /** Canonical settings of a training, without its fidelity. */
  settingsOf(training: OfTrial): string;
  /** Undefined: full fidelity. */
  fidelityOf(training: OfTrial): Fidelity | undefined;
}

/**
 * @param estimator of step times; default: as stored where all have the same, else today's
 * @param known rows of earlier reads under the same device key, brought up to date; default: none are kept
 */
export function readExperimentRows(
  store: Store,
  experimentId: string,
  deviceId: string,
  estimator?: EstimatorName,
  known?: KnownRows,
): ExperimentRows {
  const planned = plannedTrials(store, experimentId);
  const trials = new Map(planned.map((trial) => [trial.id, trial]));
  const launches = launchRows(store, trials, lastProfiles(store, experimentId, deviceId), estimator, known);
  const { jobs: profiles, ...launchesByNetwork } = launches;
  const trainings = ofPlannedTrials(store, trials, 'training', lastTrainings(store, experimentId));
  const architectureOf = (row: OfTrial): string => trials.get(row.trial_id)!.architecture_id;
  const fidelityOf = (row: OfTrial): Fidelity | undefined => trials.get(row.trial_id)!.settings.fidelity;
  const candidates = new Set(
    planned.filter(({ settings }) => settings.anchorCopy === undefined).map((trial) => trial.architecture_id),
  );
  const settled = trainings.filter(({ status }) => status === 'ok');
  const withCurves = settled.filter((row) => row.stopped !== null || !fidelityOf(row));
  const curves = withCurves.map(({ id }) => id);
  const read = {
    architectures: knownArchitectures(known?.architectures, [...candidates], (ids) =>
      architecturesByIds(store, ids),
    ),
    ablation: ablationRows(store, experimentId),
    plannedJobs: planned.length,
    jobs: [...profiles, ...trainings],
    datasetHash: settled[0]?.dataset_hash ?? '',
    ...launchesByNetwork,
    trainings: groupBy(trainings, architectureOf),
    zeroCost: groupBy(zeroCostScores(store, experimentId), (row) => row.architecture_id),
    epochs: knownOrRead(
      known?.epochs,
      withCurves,
      (row) => row.trained_at,
      (ids): ReadonlyMap<number, readonly EpochRow[]> => epochsByTraining(store, ids),
      { found: store.damaged, column: 'training_id' },
    ),
    classReports: classReports(store, curves, maxReportedClasses),
    testScores: new Map(testScores(store, experimentId).map((row) => [row.trainingId, row])),
    seedOf: (row: OfTrial) => trials.get(row.trial_id)!.replicate,
    settingsOf: (row: OfTrial) => {
      const { fidelity: _, ...settings } = trials.get(row.trial_id)!.settings;
      return canonicalJson(settings);
    },
    fidelityOf,
  };
  const trialIds = (): ReadonlyMap<string, string> =>
    new Map([
      ...profiles.map(({ id, trial_id }) => [`profile ${id}`, trial_id] as const),
      ...trainings.map(({ id, trial_id }) => [`training ${id}`, trial_id] as const),
    ]);
  const damaged = (): DamagedRow[] =>
    store.damaged.size === 0 ? [] : damagedRows(store, trials, trialIds());
  return { ...read, damaged, damagedOf: groupBy(damaged(), ({ architectureId }) => architectureId) };
}

/** The launches alone, without networks and trainings. */
export function readLaunchRows(store: Store, experimentId: string, deviceId: string): LaunchRows {
  const trials = new Map(plannedTrials(store, experimentId).map((trial) => [trial.id, trial]));
  return launchRows(store, trials, lastProfiles(store, experimentId, deviceId));
}

type Trials = ReadonlyMap<string, StoredTrial>;

function launchRows(
  store: Store,
  trials: Trials,
  found: readonly StoredProfile[],
  estimator?: EstimatorName,
  known?: KnownRows,
): LaunchRows & { readonly jobs: readonly StoredProfile[] } {
  const jobs = ofPlannedTrials(store, trials, 'profile', found);
  const trialOf = (row: OfTrial): StoredTrial => trials.get(row.trial_id)!;
  const anchorCopyOf = (row: OfTrial): number | undefined => trialOf(row).settings.anchorCopy;
  return {
    jobs,
    profiles: groupBy(
      jobs.filter((row) => anchorCopyOf(row) === undefined),
      (row) => trialOf(row).architecture_id,
    ),
    anchors: groupBy(
      jobs.filter((row) => anchorCopyOf(row) !== undefined),
      (row) => anchorCopyOf(row)!,
    ),
    launchOf: (row) => `${row.session_id}/${trialOf(row).replicate}`,
    batches: comparableBatches(store, jobs, estimator, known),
  };
}

/** Rows whose trial is there and sound; the others are noted as damage. */
const ofPlannedTrials = <R extends OfTrial & { id: number }>(
  store: Store,
  trials: Trials,
  table: string,
  found: readonly R[],
): R[] => found.filter((row) => trials.has(row.trial_id) || noteOrphan(store, table, row));

/** Single samples are read only where launches of several estimators meet. */
function comparableBatches(
  store: Store,
  profiles: readonly StoredProfile[],
  estimator?: EstimatorName,
  known?: KnownRows,
): ExperimentRows['batches'] {
  const summaries = knownOrRead(
    known?.batches,
    profiles,
    (row) => row.measured_at,
    (ids): ReadonlyMap<number, readonly BatchProfile[]> => batchSummaries(store, ids),
    { found: store.damaged, column: 'profile_id' },
  );
  if (hasOneEstimator(summaries, estimator)) return summaries;
  const ids = profiles.map(({ id }) => id);
  return withCommonEstimator(batchesByProfile(store, ids), estimator);
}

function ablationRows(store: Store, experimentId: string): ExperimentResult['ablation'] {
  const stored = ablationOf(store, experimentId);
  return (
    stored && {
      plan: stored.plan,
      planHash: stored.plan_hash,
      frozenAt: stored.frozen_at,
      arms: ablationArms(store, experimentId).map(({ name, levels, architecture_id, settings }) => ({
        name,
        levels,
        architectureId: architecture_id,
        settings,
      })),
    }
  );
}

/** Returns false, as a filter that leaves the row out. */
function noteOrphan(store: Store, table: string, row: OfTrial & { id: number }): false {
  const reason = `its trial must be there and sound, got ${JSON.stringify(row.trial_id)}`;
  const damage = { table, row: `id ${row.id}`, column: 'trial_id', reason };
  noteDamage(store, { damage, values: {} });
  return false;
}

/** Every damaged row met so far, with the architecture whose result it is. */
function damagedRows(
  { damaged }: Store,
  trials: Trials,
  trialIds: ReadonlyMap<string, string>,
): DamagedRow[] {
  return [...damaged.values()].map(({ damage, values }) => {
    const trial =
      values['trial_id'] ??
      trialIds.get(`profile ${String(values['profile_id'])}`) ??
      trialIds.get(`training ${String(values['training_id'])}`);
    const architectureId = trials.get(String(trial))?.architecture_id;
    return { ...damage, ...(architectureId === undefined ? {} : { architectureId }) };
  });
}
