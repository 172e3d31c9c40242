/**
 * Results as tidy tables: one of networks, and one row per seed, per batch size and per launch. Columns bear
 * the names of `quantity-names.ts`; a measured number is followed by the bounds of its 95 % interval. Rows
 * are arrays and made one at a time, since a result may hold 100,000 of them.
 */
import { mean } from 'simple-statistics';
import {
  mainCost,
  type Objective,
  type ObjectiveName,
  objective,
} from '../../analysis/objectives/objectives.js';
import { mainScore } from '../../analysis/objectives/result-score.js';
import { frontOf } from '../../analysis/pareto/pareto-front.js';
import { scoreResolution, seedNoiseOf } from '../../analysis/summary/comparable.js';
import { unnamedEstimator } from '../../profile/protocol/estimators.js';
import type { CandidateResult, ExperimentResult } from '../../store/experiment-result.js';
import type { Interval } from '../../util/statistics/interval.js';
import type { ColumnName } from './result-columns.js';

/** Undefined: not measured, or unknown. */
export type Cell = string | number | undefined;
export type Row = readonly Cell[];

export interface ResultTable {
  readonly columns: readonly ColumnName[];
  /** Made as they are read. */
  readonly rows: Iterable<Row>;
}

type ScoreKey = 'top1' | 'miou' | 'loss';
const scoreNames = ['top-1', 'miou', 'loss'] as const;
const scoreKeys: readonly ScoreKey[] = ['top1', 'miou', 'loss'];
const testNames = ['test-top-1', 'test-miou', 'test-loss'] as const;

type Bounded<Name extends string> = readonly [Name, `${Name}-low`, `${Name}-high`];
const bounded = <const Name extends string>(name: Name): Bounded<Name> => [
  name,
  `${name}-low`,
  `${name}-high`,
];

/** The value and its bounds, which are empty where the scatter is unknown. */
function boundedCells(at: Interval | undefined): readonly [Cell, Cell, Cell] {
  if (!at) return [undefined, undefined, undefined];
  return at.unknown ? [at.value, undefined, undefined] : [at.value, at.low, at.high];
}

/** What every table begins with. */
const networkColumns = ({ ablation }: ExperimentResult): readonly ColumnName[] =>
  ablation ? ['id', 'arm', 'layout', 'kind'] : ['id', 'layout', 'kind'];

const networkCells = (
  { architectureId, arm, layout, symmetry }: CandidateResult,
  { ablation }: ExperimentResult,
): readonly Cell[] =>
  ablation ? [architectureId, arm, layout, symmetry] : [architectureId, layout, symmetry];

/** Rows of each candidate in turn. */
function* rowsOf(
  result: ExperimentResult,
  read: (candidate: CandidateResult, network: readonly Cell[], index: number) => Iterable<Row>,
): Generator<Row> {
  for (const [index, candidate] of result.candidates.entries())
    yield* read(candidate, networkCells(candidate, result), index);
}

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
function networkTable(result: ExperimentResult): ResultTable {
  const score = mainScore(result);
  const found = frontOf(result.candidates, mainCost(result), score);
  const [front, tied] = [new Set(found.front), new Set(found.ties.flat())];
  const noise = seedNoiseOf(result, score);
  const columns: ColumnName[] = [
    ...networkColumns(result),
    'widths',
    'params',
    'macs',
    'activation-bytes',
    'seeds',
    ...scoreNames.flatMap(bounded),
    'score-resolution',
    'test-images',
    ...testNames,
    'front',
    'tied',
    'failures',
    'device-id',
  ];
  const rows = rowsOf(result, (candidate, network, index) => [
    [
      ...network,
      candidate.architecture.stages.map(({ width }) => width).join(' '),
      candidate.params,
      candidate.macs,
      candidate.activationBytes,
      candidate.scores.length,
      ...scoreKeys.flatMap((key) => boundedCells(candidate[key])),
      noise && candidate.scores.length > 0 ? scoreResolution(noise, candidate.scores.length) : undefined,
      candidate.scores.flatMap(({ test }) => test?.count ?? [])[0],
      ...scoreKeys.map((key) => overTests(key, candidate)),
      front.has(index) ? 1 : 0,
      tied.has(index) ? 1 : 0,
      failureText(candidate),
      result.device.id,
    ],
  ]);
  return { columns, rows };
}

/** One row per training: finished, or ended by early stopping. */
function seedTable(result: ExperimentResult): ResultTable {
  const columns: ColumnName[] = [
    ...networkColumns(result),
    'seed',
    'status',
    'epochs',
    'seconds',
    ...scoreNames,
    ...testNames,
    'reason',
  ];
  const noScores = [...scoreNames, ...testNames].map(() => undefined);
  const rows = rowsOf(result, (candidate, network) => [
    ...candidate.scores.map((each) => [
      ...network,
      each.seed,
      'finished',
      each.curve.length,
      each.seconds,
      ...scoreKeys.map((key) => each[key]),
      ...scoreKeys.map((key) => each.test?.[key]),
      '',
    ]),
    ...(candidate.stopped ?? []).map(({ seed, curve, seconds, reason }) => [
      ...network,
      seed,
      'stopped',
      curve.length,
      seconds,
      ...noScores,
      reason,
    ]),
  ]);
  return { columns, rows };
}

type Profile = CandidateResult['profiles'][number];

const lastColumns = [
  'peak-bytes',
  'base-bytes',
  'build-ms',
  'first-run-ms',
  'status',
  'flags',
  'reason',
] as const;
const lastCells = ({
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
>): readonly Cell[] => [peakBytes, baseBytes, buildMs, firstRunMs, status, flags.join(' '), reason];

/** What `step-ms` is of the timed blocks. */
const estimatorOf = ({ stepMs, estimator }: Pick<Profile, 'stepMs' | 'estimator'>): string | undefined =>
  stepMs && (estimator ?? unnamedEstimator);

const atBatch = (name: ObjectiveName, batch: number): Objective => objective(name, batch);

/**
 * One row per network and batch size, over all launches. `resolution`: relative difference of two
 * networks' times that the run tells at this batch size; `biased` is 1 where times may not be compared at
 * all. `relevance`: declared relative difference below which times count as the same.
 */
function batchTable(result: ExperimentResult): ResultTable {
  const resolutions = new Map(result.resolutions.map((each) => [each.batch, each]));
  const columns: ColumnName[] = [
    ...networkColumns(result),
    'batch',
    'launches',
    ...bounded('step-ms'),
    'estimator',
    ...bounded('images-per-second'),
    ...bounded('latency'),
    'latency-p90',
    'latency-p99',
    ...bounded('relative-time'),
    ...lastColumns,
    'resolution',
    'relevance',
    'biased',
  ];
  const rows = rowsOf(result, (candidate, network) =>
    candidate.profiles.map((profile) => {
      const { batch, launches, latencyMs } = profile;
      const resolution = resolutions.get(batch);
      return [
        ...network,
        batch,
        launches.length,
        ...boundedCells(profile.stepMs),
        estimatorOf(profile),
        ...boundedCells(atBatch('images-per-second', batch).read(candidate)),
        ...boundedCells(atBatch('latency', batch).read(candidate)),
        latencyMs?.p90,
        latencyMs?.p99,
        ...boundedCells(atBatch('relative-time', batch).read(candidate)),
        ...lastCells(profile),
        resolution?.relative,
        resolution && result.relevance,
        resolution?.anchors && Number(resolution.anchors.biased),
      ];
    }),
  );
  return { columns, rows };
}

/** One row per launch of a network at a batch size. */
function launchTable(result: ExperimentResult): ResultTable {
  const columns: ColumnName[] = [
    ...networkColumns(result),
    'batch',
    'launch',
    ...bounded('step-ms'),
    'estimator',
    ...bounded('images-per-second'),
    'latency',
    'latency-p90',
    'latency-p99',
    ...bounded('relative-time'),
    ...lastColumns,
  ];
  const rows = rowsOf(result, (candidate, network) =>
    candidate.profiles.flatMap(({ batch, launches }) =>
      launches.map((launch, index) => [
        ...network,
        batch,
        index + 1,
        ...boundedCells(launch.stepMs),
        estimatorOf(launch),
        ...boundedCells(launch.imagesPerSecond),
        launch.latencyMs?.p50,
        launch.latencyMs?.p90,
        launch.latencyMs?.p99,
        ...boundedCells(launch.anchorRatio),
        ...lastCells(launch),
      ]),
    ),
  );
  return { columns, rows };
}

/** By the name of their files. */
export const resultTables = {
  results: networkTable,
  seeds: seedTable,
  batches: batchTable,
  launches: launchTable,
} satisfies Record<string, (result: ExperimentResult) => ResultTable>;

export type ResultTableName = keyof typeof resultTables;
