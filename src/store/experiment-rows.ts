/**
 * The rows of an experiment under one device key, with one query per table: the number of queries does not
 * grow with candidates, launches or epochs.
 */
import type { BatchProfile } from '../profile/profile-result.js';
import type { Fidelity } from '../train/recipe/training-fidelity.js';
import type { ClassReport, EpochRow } from '../train/train-result.js';
import { maxReportedClasses } from './experiment-result.js';
import { groupBy } from './group-by.js';
import type { Store } from './store.js';
import { type ArchitectureRow, architecturesOf } from './tables/architecture-table.js';
import { classReports } from './tables/class-report-table.js';
import { epochsByTraining } from './tables/epoch-table.js';
import { plannedTrials } from './tables/plan-table.js';
import { batchesByProfile } from './tables/profile-batch-table.js';
import { lastProfiles, type ProfileRow } from './tables/profile-table.js';
import { type TestScore, testScores } from './tables/test-score-table.js';
import { lastTrainings, type TrainingRow } from './tables/training-table.js';
import { type ZeroCostTable, zeroCostScores } from './tables/zero-cost-table.js';

type OfTrial = Pick<TrainingRow, 'trial_id'>;

export interface ExperimentRows {
  readonly architectures: readonly ArchitectureRow[];
  readonly plannedJobs: number;
  /** Every settled or failed job: last attempts of profiles, then of trainings. */
  readonly jobs: readonly (ProfileRow | TrainingRow)[];
  /** Of the first finished training; '' before there is one. */
  readonly datasetHash: string;
  /** Last attempts by architecture id, oldest first. */
  readonly profiles: ReadonlyMap<string, readonly ProfileRow[]>;
  readonly trainings: ReadonlyMap<string, readonly TrainingRow[]>;
  readonly zeroCost: ReadonlyMap<string, readonly ZeroCostTable[]>;
  /** Profiles of the two copies of the anchor network, by copy. */
  readonly anchors: ReadonlyMap<number, readonly ProfileRow[]>;
  /** Process launch of a profile, different in every session. */
  launchOf(profile: ProfileRow): string;
  /** By profile id. */
  readonly batches: ReadonlyMap<number, readonly BatchProfile[]>;
  /** By training id: of trainings that finished or were stopped at full fidelity. */
  readonly epochs: ReadonlyMap<number, readonly EpochRow[]>;
  readonly classReports: ReadonlyMap<number, ClassReport>;
  readonly testScores: ReadonlyMap<number, TestScore>;
  seedOf(training: OfTrial): number;
  /** Undefined: full fidelity. */
  fidelityOf(training: OfTrial): Fidelity | undefined;
}

export function readExperimentRows(store: Store, experimentId: string, deviceId: string): ExperimentRows {
  const planned = plannedTrials(store, experimentId);
  const trials = new Map(planned.map((trial) => [trial.id, trial]));
  const profiles = lastProfiles(store, experimentId, deviceId);
  const trainings = lastTrainings(store, experimentId);
  const architectureOf = (row: OfTrial): string => trials.get(row.trial_id)!.architecture_id;
  const fidelityOf = (row: OfTrial): Fidelity | undefined =>
    (JSON.parse(trials.get(row.trial_id)!.settings) as { fidelity?: Fidelity }).fidelity;
  const copyIn = (settings: string): number | undefined =>
    settings.includes('"anchorCopy"')
      ? (JSON.parse(settings) as { anchorCopy?: number }).anchorCopy
      : undefined;
  const anchorCopyOf = (row: OfTrial): number | undefined => copyIn(trials.get(row.trial_id)!.settings);
  const candidates = new Set(
    planned.filter(({ settings }) => copyIn(settings) === undefined).map((trial) => trial.architecture_id),
  );
  const settled = trainings.filter(({ status }) => status === 'ok');
  const curves = settled.filter((row) => row.stopped !== null || !fidelityOf(row)).map(({ id }) => id);
  return {
    architectures: architecturesOf(store, experimentId).filter(({ id }) => candidates.has(id)),
    plannedJobs: planned.length,
    jobs: [...profiles, ...trainings],
    datasetHash: settled[0]?.dataset_hash ?? '',
    profiles: groupBy(
      profiles.filter((row) => anchorCopyOf(row) === undefined),
      architectureOf,
    ),
    anchors: groupBy(
      profiles.filter((row) => anchorCopyOf(row) !== undefined),
      (row) => anchorCopyOf(row)!,
    ),
    launchOf: (row) => `${row.session_id}/${trials.get(row.trial_id)!.replicate}`,
    trainings: groupBy(trainings, architectureOf),
    zeroCost: groupBy(zeroCostScores(store, experimentId), (row) => row.architecture_id),
    batches: batchesByProfile(
      store,
      profiles.map(({ id }) => id),
    ),
    epochs: epochsByTraining(store, curves),
    classReports: classReports(store, curves, maxReportedClasses),
    testScores: new Map(testScores(store, experimentId).map((row) => [row.trainingId, row])),
    seedOf: (row) => trials.get(row.trial_id)!.replicate,
    fidelityOf,
  };
}
