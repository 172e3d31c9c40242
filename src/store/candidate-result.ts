/** Builds the result of one architecture from the rows of its trials. */
import { symmetryOf } from '../architecture/layout.js';
import type { Fidelity } from '../train/recipe/training-fidelity.js';
import type { Mutable } from '../util/mutable.js';
import { mapInterval, unlessPoint } from '../util/statistics/interval.js';
import { median } from '../util/statistics/order-statistics.js';
import type { RunFit } from '../util/statistics/resolution.js';
import type { AblationArm } from './ablation-plan.js';
import { damageText } from './damage/damaged-row.js';
import type { CandidateResult, NetworkTime } from './experiment-result.js';
import type { ExperimentRows, LaunchRows } from './experiment-rows.js';
import { poolBatch } from './pool-replicates.js';
import { withSeedMeans } from './pool-seeds.js';
import type { StoredArchitecture } from './tables/architecture-table.js';
import type { StoredProfile } from './tables/profile-table.js';
import type { TrainingRow } from './tables/training-table.js';
import type { StoredZeroCost } from './tables/zero-cost-table.js';
import { withoutNulls } from './without-nulls.js';

type SeedResult = CandidateResult['scores'][number];

/**
 * The results of all architectures, in the order of the rows.
 * @param fits of the launches, by batch size
 * @param relevance declared, of times, as a fraction
 */
export function candidateResults(
  rows: ExperimentRows,
  fits: ReadonlyMap<number, RunFit>,
  relevance: number,
): CandidateResult[] {
  const counts = [...rows.trainings.values()].flat().map((training) => training.validation_count ?? 0);
  return withSeedMeans(
    candidatesOf(rows).map((candidate) => candidateResult(candidate, rows, fits, relevance)),
    counts.find((count) => count > 0) ?? 1,
  );
}

interface Candidate {
  readonly architecture: StoredArchitecture;
  readonly arm?: AblationArm;
}

/** One per network; of an ablation one per arm, of which several may share a network. */
function candidatesOf({ architectures, ablation }: ExperimentRows): Candidate[] {
  if (!ablation) return architectures.map((architecture) => ({ architecture }));
  const byId = new Map(architectures.map((architecture) => [architecture.id, architecture]));
  return ablation.arms.flatMap((arm) => {
    const architecture = byId.get(arm.architectureId);
    return architecture ? [{ architecture, arm }] : [];
  });
}

function candidateResult(
  { architecture, arm }: Candidate,
  rows: ExperimentRows,
  fits: ReadonlyMap<number, RunFit>,
  relevance: number,
): CandidateResult {
  const profiles = rows.profiles.get(architecture.id) ?? [];
  const trainings = (rows.trainings.get(architecture.id) ?? []).filter(
    (training) => !arm || rows.settingsOf(training) === arm.settings,
  );
  const settled = trainings.filter(({ status }) => status === 'ok');
  const complete = settled.filter((training) => training.stopped === null && !rows.fidelityOf(training));
  const scores = complete.map((training) => seedResult(training, rows)).sort((a, b) => a.seed - b.seed);
  const stopped = settled.flatMap((training) => stoppedTraining(training, rows));
  const cheap = settled.flatMap((training) => {
    const fidelity = rows.fidelityOf(training);
    return fidelity ? [cheapTraining(training, fidelity, rows)] : [];
  });
  const zeroCost = latestZeroCost(rows.zeroCost.get(architecture.id) ?? []);
  // assigned one by one: spreads would give each of 100,000 objects a hidden class of its own
  const found: Mutable<Omit<CandidateResult, 'failures'>> = {
    architectureId: architecture.id,
    ...(arm && { arm: arm.name }),
    layout: architecture.layout,
    architecture: architecture.text,
    symmetry: symmetryOf(architecture.layout),
    params: architecture.params,
    macs: architecture.macs,
    activationBytes: architecture.activation_bytes,
    profiles: pooledProfiles(profiles, rows).map((profile) =>
      fittedProfile(architecture.id, profile, fits, relevance),
    ),
    scores,
  };
  if (stopped.length > 0) found.stopped = stopped;
  if (cheap.length > 0) found.cheap = cheap;
  if (zeroCost.length > 0) found.zeroCost = zeroCost;
  return Object.assign(found, {
    failures: [
      ...failedProfiles(profiles, rows),
      ...failedTrainings(trainings, rows),
      ...damagedResults(architecture.id, rows),
    ],
  });
}

function seedResult(training: TrainingRow, rows: ExperimentRows): SeedResult {
  const classReport = rows.classReports.get(training.id);
  const test = rows.testScores.get(training.id);
  return {
    seed: rows.seedOf(training),
    ...withoutNulls({ top1: training.top1, loss: training.loss }),
    curve: rows.epochs.get(training.id) ?? [],
    seconds: training.seconds,
    ...withoutNulls({ top5: training.top5, miou: training.miou }),
    ...(classReport ? { classReport } : {}),
    ...withoutNulls({ weightsFile: training.weights_file }),
    ...(test ? { test: test.score } : {}),
  };
}

function stoppedTraining(
  training: TrainingRow,
  rows: ExperimentRows,
): NonNullable<CandidateResult['stopped']>[number][] {
  if (training.stopped === null) return [];
  return [
    {
      seed: rows.seedOf(training),
      reason: training.stopped,
      curve: rows.epochs.get(training.id) ?? [],
      seconds: training.seconds,
    },
  ];
}

const cheapTraining = (
  training: TrainingRow,
  fidelity: Fidelity,
  rows: ExperimentRows,
): NonNullable<CandidateResult['cheap']>[number] => ({
  fidelity,
  seed: rows.seedOf(training),
  ...withoutNulls({ top1: training.top1, loss: training.loss, miou: training.miou }),
  seconds: training.seconds,
});

/** The last row of each measure. */
const latestZeroCost = (scores: readonly StoredZeroCost[]): NonNullable<CandidateResult['zeroCost']> => [
  ...new Map(
    scores.map(({ measure, value, reason, seconds }) => [
      measure,
      { measure, ...withoutNulls({ value }), reason, seconds },
    ]),
  ).values(),
];

/** One entry per batch size, ascending, with its launches pooled. */
export function pooledProfiles(
  profiles: readonly Pick<StoredProfile, 'id' | 'cold_start_ms'>[],
  { batches }: Pick<LaunchRows, 'batches'>,
): CandidateResult['profiles'] {
  const launches = profiles.flatMap((profile) =>
    (batches.get(profile.id) ?? []).map((batch) => ({ batch, coldStartMs: profile.cold_start_ms })),
  );
  const sizes = [...new Set(launches.map(({ batch }) => batch.batch))].sort((a, b) => a - b);
  return sizes.map((size) => {
    const ofSize = launches.filter(({ batch }) => batch.batch === size);
    const own = ofSize.map(({ batch }) => batch);
    // a spread into a new object would give each of 100,000 a hidden class of its own
    return Object.assign(poolBatch(own), {
      launches: own,
      coldStartMs: median(ofSize.map(({ coldStartMs }) => coldStartMs)),
    });
  });
}

/** Times of every network and batch size. */
export const networkTimesOf = (
  rows: Pick<LaunchRows, 'profiles' | 'batches'>,
  fits: ReadonlyMap<number, RunFit>,
  relevance: number,
): NetworkTime[] =>
  [...rows.profiles].flatMap(([architectureId, profiles]) =>
    pooledProfiles(profiles, rows).flatMap((profile) => {
      const { batch, stepMs } = fittedProfile(architectureId, profile, fits, relevance);
      return stepMs ? [{ architectureId, batch, stepMs }] : [];
    }),
  );

/** The pooled profile with the interval and resolution that the whole run gives it. */
function fittedProfile(
  id: string,
  profile: CandidateResult['profiles'][number],
  fits: ReadonlyMap<number, RunFit>,
  relevance: number,
): CandidateResult['profiles'][number] {
  const fit = fits.get(profile.batch);
  const time = fit?.stepMs.get(id);
  if (!fit || !time || profile.stepMs === undefined) return profile;
  const { samples } = profile.stepMs;
  const stepMs = unlessPoint({ ...time, samples, resolution: fit.resolution.relative, relevance });
  return { ...profile, stepMs, imagesPerSecond: mapInterval(stepMs, (ms) => (profile.batch / ms) * 1000) };
}

/** Failed batches; the profile itself where it failed before any batch. */
const failedProfiles = (
  profiles: readonly StoredProfile[],
  { batches }: ExperimentRows,
): CandidateResult['failures'] =>
  profiles
    .filter(({ status }) => status !== 'ok')
    .flatMap((profile): CandidateResult['failures'] => {
      const failed = (batches.get(profile.id) ?? []).filter(
        ({ status }) => status !== 'ok' && status !== 'capped',
      );
      if (failed.length === 0) return [{ job: 'profile', status: profile.status, reason: profile.reason }];
      return failed.map(({ status, reason, batch }) => ({ job: 'profile', status, reason, batch }));
    });

const failedTrainings = (
  trainings: readonly TrainingRow[],
  rows: ExperimentRows,
): CandidateResult['failures'] =>
  trainings
    .filter(({ status }) => status !== 'ok')
    .map((training) => ({
      job: 'train',
      status: training.status,
      reason: training.reason,
      seed: rows.seedOf(training),
    }));

/** The damaged rows of its profiles and trainings, which are left out. */
const damagedResults = (architectureId: string, { damagedOf }: ExperimentRows): CandidateResult['failures'] =>
  (damagedOf.get(architectureId) ?? []).map((row) => ({
    job: row.table.startsWith('profile') ? 'profile' : 'train',
    status: 'damaged',
    reason: damageText(row),
  }));
