/** The whole of an experiment under one device key, as `result-view.ts` describes it. */
import type { Architecture } from '../architecture/architecture.js';
import type { BatchProfile } from '../profile/profile-result.js';
import type { Fidelity } from '../train/recipe/training-fidelity.js';
import { UserError } from '../util/errors.js';
import { median } from '../util/statistics/order-statistics.js';
import type { CandidateResult, ExperimentResult } from './experiment-result.js';
import { reportedClasses } from './experiment-result.js';
import { poolBatch, poolSeeds } from './pool-replicates.js';
import type { Store } from './store.js';
import { type ArchitectureRow, architecturesOf } from './tables/architecture-table.js';
import { classReportOf } from './tables/class-report-table.js';
import { dataSplits } from './tables/data-split-table.js';
import { devicesOf } from './tables/device-table.js';
import { epochsOf } from './tables/epoch-table.js';
import { type ExperimentRow, findExperiment, listExperiments } from './tables/experiment-table.js';
import { plannedTrials } from './tables/plan-table.js';
import { profileBatches } from './tables/profile-batch-table.js';
import { lastProfiles, type ProfileRow } from './tables/profile-table.js';
import { anchorControls, lastSession } from './tables/session-table.js';
import { testScoreOf } from './tables/test-score-table.js';
import { lastTrainings, type TrainingRow } from './tables/training-table.js';
import type { TrialRow } from './tables/trial-table.js';
import { type ZeroCostTable, zeroCostScores } from './tables/zero-cost-table.js';

/** Of the last session; controls of all sessions that measured, since its rows come from all of them. */
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

type Trials = ReadonlyMap<string, TrialRow>;

function chooseExperiment(store: Store, id: string | undefined): ExperimentRow {
  if (id === undefined) {
    const latest = listExperiments(store)[0];
    if (!latest)
      throw new UserError(`${store.file}: the database holds no experiment yet`, {
        fix: 'stagecraft run EXPERIMENT --db FILE fills one',
      });
    return latest;
  }
  const found = findExperiment(store, id);
  if (found) return found;
  const known = listExperiments(store)
    .map((row) => `${row.id} (${row.name})`)
    .join(', ');
  throw new UserError(`${store.file}: no experiment ${JSON.stringify(id)}`, {
    fix: `it holds: ${known || 'none'}`,
  });
}

function profilesOf(store: Store, launches: readonly ProfileRow[]): CandidateResult['profiles'] {
  const byBatch = new Map<number, { row: BatchProfile; coldStartMs: number }[]>();
  for (const launch of launches) {
    for (const row of profileBatches(store, launch.id))
      byBatch.set(row.batch, [...(byBatch.get(row.batch) ?? []), { row, coldStartMs: launch.cold_start_ms }]);
  }
  return [...byBatch.entries()]
    .sort(([a], [b]) => a - b)
    .map(([, list]) => ({
      ...poolBatch(list.map(({ row }) => row)),
      launches: list.map(({ row }) => row),
      coldStartMs: median(list.map(({ coldStartMs }) => coldStartMs)),
    }));
}

function failuresOf(
  store: Store,
  trials: Trials,
  launches: readonly ProfileRow[],
  trainings: readonly TrainingRow[],
): CandidateResult['failures'] {
  const profiles = launches
    .filter(({ status }) => status !== 'ok')
    .flatMap((launch) => {
      const bad = profileBatches(store, launch.id).filter(
        (row) => row.status !== 'ok' && row.status !== 'capped',
      );
      return bad.length
        ? bad.map(({ status, reason, batch }) => ({
            job: 'profile' as const,
            status: status as string,
            reason,
            batch,
          }))
        : [{ job: 'profile' as const, status: launch.status as string, reason: launch.reason }];
    });
  return [
    ...profiles,
    ...trainings
      .filter(({ status }) => status !== 'ok')
      .map(({ status, reason, trial_id }) => ({
        job: 'train' as const,
        status: status as string,
        reason,
        seed: trials.get(trial_id)!.replicate,
      })),
  ];
}

function trainingDetail(
  store: Store,
  training: TrainingRow,
): Pick<CandidateResult['scores'][number], 'top5' | 'miou' | 'classReport' | 'weightsFile' | 'test'> {
  const report = classReportOf(store, training.id);
  const test = testScoreOf(store, training.id);
  return {
    ...(training.top5 === null ? {} : { top5: training.top5 }),
    ...(training.miou === null ? {} : { miou: training.miou }),
    ...(report && report.classes.length <= reportedClasses ? { classReport: report } : {}),
    ...(training.weights_file === null ? {} : { weightsFile: training.weights_file }),
    ...(test
      ? {
          test: {
            loss: test.loss,
            top1: test.top1,
            top5: test.top5,
            miou: test.miou,
            count: test.count,
            at: test.tested_at,
          },
        }
      : {}),
  };
}

function candidate(
  store: Store,
  row: ArchitectureRow,
  trials: Trials,
  launches: readonly ProfileRow[],
  trainings: readonly TrainingRow[],
  zeroCosts: readonly ZeroCostTable[],
): CandidateResult {
  const zeroCost = [
    ...new Map(
      zeroCosts.map(({ measure, value, reason, seconds }) => [
        measure,
        { measure, value: value ?? Number.NaN, reason, seconds },
      ]),
    ).values(),
  ];
  const fidelityOf = ({ trial_id }: TrainingRow): Fidelity | undefined =>
    (JSON.parse(trials.get(trial_id)!.settings) as { fidelity?: Fidelity }).fidelity;
  const seedOf = ({ trial_id }: TrainingRow): number => trials.get(trial_id)!.replicate;
  const settled = trainings.filter(({ status }) => status === 'ok');
  const good = settled.filter((training) => training.stopped === null && !fidelityOf(training));
  const stopped = settled
    .filter((training) => training.stopped !== null)
    .map((training) => ({
      seed: seedOf(training),
      reason: training.stopped!,
      curve: epochsOf(store, training.id),
      seconds: training.seconds,
    }));
  const cheap = settled.flatMap((training) => {
    const fidelity = fidelityOf(training);
    return fidelity
      ? [
          {
            fidelity,
            seed: seedOf(training),
            top1: training.top1 ?? Number.NaN,
            loss: training.loss ?? Number.NaN,
            ...(training.miou === null ? {} : { miou: training.miou }),
            seconds: training.seconds,
          },
        ]
      : [];
  });
  const scores = good
    .map((training) => ({
      seed: seedOf(training),
      top1: training.top1 ?? Number.NaN,
      loss: training.loss ?? Number.NaN,
      curve: epochsOf(store, training.id),
      seconds: training.seconds,
      ...trainingDetail(store, training),
    }))
    .sort((a, b) => a.seed - b.seed);
  const top1 = poolSeeds(
    scores.map((score) => score.top1).filter(Number.isFinite),
    good[0]?.validation_count ?? 0,
  );
  return {
    architectureId: row.id,
    layout: row.layout,
    architecture: JSON.parse(row.text) as Architecture,
    symmetry: row.symmetry,
    params: row.params,
    macs: row.macs,
    activationBytes: row.activation_bytes,
    profiles: profilesOf(store, launches),
    scores,
    ...(stopped.length > 0 && { stopped }),
    ...(cheap.length > 0 && { cheap }),
    ...(zeroCost.length > 0 && { zeroCost }),
    ...(top1 ? { top1 } : {}),
    failures: failuresOf(store, trials, launches, trainings),
  };
}

function groupBy<V>(values: readonly V[], key: (value: V) => string): Map<string, V[]> {
  const groups = new Map<string, V[]>();
  for (const value of values) groups.set(key(value), [...(groups.get(key(value)) ?? []), value]);
  return groups;
}

/**
 * One consistent reading (a single read transaction), also while a run is writing.
 * Profiles are those of one device key; scores count wherever they were trained.
 * @param experimentId the experiment of the latest session where not given
 * @param deviceId that experiment's latest device where not given
 * @throws UserError where there is no such experiment or device
 */
export function readExperimentResult(
  store: Store,
  experimentId?: string,
  deviceId?: string,
): ExperimentResult {
  return store.sqlite.transaction(() => {
    const experiment = chooseExperiment(store, experimentId);
    const devices = devicesOf(store, experiment.id);
    const device = deviceId === undefined ? devices[0] : devices.find(({ id }) => id === deviceId);
    if (!device) {
      throw new UserError(
        `${store.file}: experiment ${JSON.stringify(experiment.name)} has no results ${deviceId === undefined ? 'yet' : `of device ${JSON.stringify(deviceId)}`}`,
        devices.length
          ? { fix: `it ran on: ${devices.map(({ id, key }) => `${id} (${key.device})`).join(', ')}` }
          : {},
      );
    }
    const planned = plannedTrials(store, experiment.id);
    const trials: Trials = new Map(planned.map((trial) => [trial.id, trial]));
    const profiles = lastProfiles(store, experiment.id, device.id);
    const trainings = lastTrainings(store, experiment.id);
    const architectureOf = (row: { trial_id: string }): string => trials.get(row.trial_id)!.architecture_id;
    const profilesByArchitecture = groupBy(profiles, architectureOf);
    const trainingsByArchitecture = groupBy(trainings, architectureOf);
    const zeroCosts = groupBy(zeroCostScores(store, experiment.id), (row) => row.architecture_id);
    const results = [...profiles, ...trainings];
    const datasetHash = trainings.find(({ status }) => status === 'ok')?.dataset_hash ?? '';
    const splits = dataSplits(store, datasetHash);
    return {
      experiment: {
        id: experiment.id,
        name: experiment.name,
        text: experiment.text,
        spaceText: experiment.space_text,
        createdAt: experiment.created_at,
        objectives: JSON.parse(experiment.objectives) as string[],
      },
      device,
      otherDevices: devices.filter(({ id }) => id !== device.id),
      spaceCount: experiment.space_count,
      datasetName: experiment.dataset_name,
      datasetHash,
      ...(splits.length > 0 ? { splits } : {}),
      protocol: JSON.parse(experiment.protocol) as Record<string, unknown>,
      recipe: JSON.parse(experiment.recipe) as Record<string, unknown>,
      environment: environmentOf(store, experiment.id, device.id),
      jobs: {
        planned: planned.length,
        done: results.filter(({ status }) => status === 'ok').length,
        failed: results.filter(({ status }) => status !== 'ok').length,
      },
      candidates: architecturesOf(store, experiment.id).map((row) =>
        candidate(
          store,
          row,
          trials,
          profilesByArchitecture.get(row.id) ?? [],
          trainingsByArchitecture.get(row.id) ?? [],
          zeroCosts.get(row.id) ?? [],
        ),
      ),
    };
  })();
}
