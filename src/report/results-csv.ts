/**
 * Results as tidy CSV tables: one of networks, and one row per seed, per batch size and per launch.
 * Columns bear the names of `quantity-names.ts`; a measured number is followed by the bounds of its 95 %
 * interval. Missing values are empty cells. Text that a spreadsheet would read as a formula gets a leading
 * apostrophe.
 */

import { stringify } from 'csv-stringify/sync';
import { mean } from 'simple-statistics';
import { mainCost, type ObjectiveName, objective } from '../analysis/objectives/objectives.js';
import { mainScore } from '../analysis/objectives/result-score.js';
import { frontOf } from '../analysis/pareto/pareto-front.js';
import { scoreResolution, seedNoiseOf } from '../analysis/summary/comparable.js';
import { unnamedEstimator } from '../profile/protocol/estimators.js';
import type { CandidateResult, ExperimentResult } from '../store/experiment-result.js';
import type { Interval } from '../util/statistics/interval.js';

type Cell = string | number | undefined;
type Row = Readonly<Record<string, Cell>>;
type ScoreKey = 'top1' | 'miou' | 'loss';

const scoreColumns = { 'top-1': 'top1', miou: 'miou', loss: 'loss' } as const satisfies Record<
  string,
  ScoreKey
>;
const scoreEntries = Object.entries(scoreColumns) as [keyof typeof scoreColumns, ScoreKey][];

/** Rows per piece of a table. */
const pieceSize = 2000;

/** A table in pieces; columns are those of the first row. Rows are made as they are written. */
function* csv(rows: Iterable<Row>): Generator<string> {
  let columns: string[] | undefined;
  let waiting: Row[] = [];
  const piece = (header: boolean): string =>
    stringify(waiting, { columns: columns ?? [], header, escape_formulas: true, record_delimiter: 'unix' });
  let isFirst = true;
  for (const row of rows) {
    columns ??= Object.keys(row);
    waiting.push(row);
    if (waiting.length < pieceSize) continue;
    yield piece(isFirst);
    [waiting, isFirst] = [[], false];
  }
  yield piece(isFirst);
}

/** Rows of each candidate in turn. */
function* rowsOf(
  { candidates }: ExperimentResult,
  read: (candidate: CandidateResult, index: number) => readonly Row[],
): Generator<Row> {
  for (const [index, candidate] of candidates.entries()) yield* read(candidate, index);
}

/** `name`, `name-low`, `name-high`; the bounds are empty where the scatter is unknown. */
function bounded(name: string, at: Interval | undefined): Row {
  const bounds = at?.unknown ? undefined : at;
  return { [name]: at?.value, [`${name}-low`]: bounds?.low, [`${name}-high`]: bounds?.high };
}

/** What every table begins with. */
const networkOf = ({ architectureId, arm, layout, symmetry }: CandidateResult): Row => ({
  id: architectureId,
  ...(arm !== undefined && { arm }),
  layout,
  kind: symmetry,
});

/** Mean over the seeds with a test score. */
function overTests(name: ScoreKey, { scores }: CandidateResult): number | undefined {
  const values = scores.flatMap(({ test }) => test?.[name] ?? []);
  return values.length === 0 ? undefined : mean(values);
}

const failureText = ({ failures }: CandidateResult): string =>
  failures.map(({ job, status, reason }) => `${job}: ${status} ${reason}`.trim()).join('; ');

/**
 * One row per network. `score-resolution`: difference of two networks' main score below which seeds alone
 * explain it; `front` and `tied` refer to the main score against the main cost.
 */
export function networksCsv(result: ExperimentResult): Iterable<string> {
  const score = mainScore(result);
  const found = frontOf(result.candidates, mainCost(result), score);
  const [front, tied] = [new Set(found.front), new Set(found.ties.flat())];
  const noise = seedNoiseOf(result, score);
  return csv(
    rowsOf(result, (candidate, index) => [
      {
        ...networkOf(candidate),
        widths: candidate.architecture.stages.map(({ width }) => width).join(' '),
        params: candidate.params,
        macs: candidate.macs,
        'activation-bytes': candidate.activationBytes,
        seeds: candidate.scores.length,
        ...Object.assign({}, ...scoreEntries.map(([name, key]) => bounded(name, candidate[key]))),
        'score-resolution':
          noise && candidate.scores.length > 0 ? scoreResolution(noise, candidate.scores.length) : undefined,
        'test-images': candidate.scores.flatMap(({ test }) => test?.count ?? [])[0],
        ...Object.fromEntries(scoreEntries.map(([name, key]) => [`test-${name}`, overTests(key, candidate)])),
        front: front.has(index) ? 1 : 0,
        tied: tied.has(index) ? 1 : 0,
        failures: failureText(candidate),
        'device-id': result.device.id,
      },
    ]),
  );
}

/** One row per training: finished, or ended by early stopping. */
export function seedsCsv(result: ExperimentResult): Iterable<string> {
  return csv(
    rowsOf(result, (candidate) => [
      ...candidate.scores.map((each) => ({
        ...networkOf(candidate),
        seed: each.seed,
        status: 'finished',
        epochs: each.curve.length,
        seconds: each.seconds,
        ...Object.fromEntries(scoreEntries.map(([name, key]) => [name, each[key]])),
        ...Object.fromEntries(scoreEntries.map(([name, key]) => [`test-${name}`, each.test?.[key]])),
        reason: '',
      })),
      ...(candidate.stopped ?? []).map(({ seed, curve, seconds, reason }) => ({
        ...networkOf(candidate),
        seed,
        status: 'stopped',
        epochs: curve.length,
        seconds,
        ...Object.fromEntries(
          scoreEntries.flatMap(([name]) => [
            [name, ''],
            [`test-${name}`, ''],
          ]),
        ),
        reason,
      })),
    ]),
  );
}

type Profile = CandidateResult['profiles'][number];
const atBatch = (name: ObjectiveName, candidate: CandidateResult, batch: number): Row =>
  bounded(name, objective(name, batch).read(candidate));

/**
 * One row per network and batch size, over all launches. `resolution`: relative difference of two
 * networks' times that the run tells at this batch size; `biased` is 1 where times may not be compared at
 * all. `relevance`: declared relative difference below which times count as the same.
 */
export function batchesCsv(result: ExperimentResult): Iterable<string> {
  const resolutions = new Map(result.resolutions.map((each) => [each.batch, each]));
  return csv(
    rowsOf(result, (candidate) =>
      candidate.profiles.map((profile) => {
        const { batch, launches } = profile;
        const resolution = resolutions.get(batch);
        return {
          ...networkOf(candidate),
          batch,
          launches: launches.length,
          ...bounded('step-ms', profile.stepMs),
          estimator: estimatorOf(profile),
          ...atBatch('images-per-second', candidate, batch),
          ...atBatch('latency', candidate, batch),
          ...tailsOf(profile),
          ...atBatch('relative-time', candidate, batch),
          ...lastColumns(profile),
          resolution: resolution?.relative,
          relevance: resolution && result.relevance,
          biased: resolution?.anchors && Number(resolution.anchors.biased),
        };
      }),
    ),
  );
}

/** One row per launch of a network at a batch size. */
export function launchesCsv(result: ExperimentResult): Iterable<string> {
  return csv(
    rowsOf(result, (candidate) =>
      candidate.profiles.flatMap((profile) =>
        profile.launches.map((launch, index) => ({
          ...networkOf(candidate),
          batch: profile.batch,
          launch: index + 1,
          ...bounded('step-ms', launch.stepMs),
          estimator: estimatorOf(launch),
          ...bounded('images-per-second', launch.imagesPerSecond),
          latency: launch.latencyMs?.p50,
          ...tailsOf(launch),
          ...bounded('relative-time', launch.anchorRatio),
          ...lastColumns(launch),
        })),
      ),
    ),
  );
}

/** What `step-ms` is of the timed blocks. */
const estimatorOf = ({ stepMs, estimator }: Pick<Profile, 'stepMs' | 'estimator'>): string | undefined =>
  stepMs && (estimator ?? unnamedEstimator);

const tailsOf = ({ latencyMs }: Pick<Profile, 'latencyMs'>): Row => ({
  'latency-p90': latencyMs?.p90,
  'latency-p99': latencyMs?.p99,
});

const lastColumns = ({
  peakBytes,
  baseBytes,
  buildMs,
  firstRunMs,
  status,
  flags,
  reason,
}: Pick<
  Profile,
  'peakBytes' | 'baseBytes' | 'buildMs' | 'firstRunMs' | 'status' | 'flags' | 'reason'
>): Row => ({
  'peak-bytes': peakBytes,
  'base-bytes': baseBytes,
  'build-ms': buildMs,
  'first-run-ms': firstRunMs,
  status,
  flags: flags.join(' '),
  reason,
});
