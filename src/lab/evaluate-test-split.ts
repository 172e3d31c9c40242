/**
 * Evaluates one network on the test split, every seed of it: the network that is best on validation, unless
 * the caller names one. Stored scores are returned without another evaluation. A second network is refused
 * unless the caller allows it, since selection on the test split biases its scores.
 */
import { availableParallelism } from 'node:os';
import { dirname, resolve } from 'node:path';
import { mean } from 'simple-statistics';
import { mainScore, type Score, type SeedScores } from '../analysis/objectives/result-score.js';
import { type Probe, probeDevice } from '../profile/probe.js';
import { computeOf, xlaOf } from '../runtime/compute.js';
import { type DamagedRow, damageText } from '../store/damage/damaged-row.js';
import type { CandidateResult, ExperimentResult } from '../store/experiment-result.js';
import { readExperimentResult } from '../store/open-store.js';
import { type Store, transaction } from '../store/store.js';
import { insertDataSplit } from '../store/tables/data-split-table.js';
import { insertTestScore, type TestScore, testScores } from '../store/tables/test-score-table.js';
import { lastTrainings } from '../store/tables/training-table.js';
import { evaluateInChild } from '../train/evaluate/run-evaluate.js';
import { UserError } from '../util/errors.js';
import type { Experiment } from './experiment.js';
import { planExperiment } from './plan.js';

export interface EvaluatedNetwork {
  readonly architectureId: string;
  readonly layout: string;
  /** The score that the network was selected by. */
  readonly score: Score;
  readonly scores: readonly (TestScore['score'] & {
    readonly seed: number;
    readonly validation: SeedScores;
  })[];
  /** Whether all scores were in the database already. */
  readonly stored: boolean;
  /** Networks of this experiment that were evaluated on the split, this one included. */
  readonly networks: number;
  /** Damaged rows, which the selection and the scores leave out. */
  readonly damaged: readonly DamagedRow[];
}

export interface EvaluateOptions {
  /** First digits of an architecture's id; default: the best on validation. */
  readonly architecture?: string | undefined;
  /** Allow another network than before. */
  readonly again: boolean;
  readonly signal: AbortSignal;
}

type StoredTraining = ReturnType<typeof lastTrainings>[number];

/**
 * @throws UserError where nothing is trained, weights are missing, the data has no test split, or the split
 * was used for another network
 */
export async function evaluateTestSplit(
  experiment: Experiment,
  store: Store,
  options: EvaluateOptions,
): Promise<EvaluatedNetwork> {
  if (!experiment.train)
    throw new UserError(`${experiment.name}: an experiment that trains is needed, got none`, {
      fix: 'give it data and train',
    });
  const { jobs } = planExperiment(experiment, '');
  const trainings = new Map(
    lastTrainings(store, experiment.id)
      .filter(({ status }) => status === 'ok')
      .map((row) => [row.trial_id, row]),
  );
  const result = readExperimentResult(store, experiment.id);
  const score = mainScore(result);
  const selected = selectNetwork(result.candidates, score, store, options.architecture);
  const architectureOf = new Map(jobs.map(({ id, architectureId }) => [id, architectureId]));
  const earlier = testScores(store, experiment.id);
  const evaluated = [...new Set(earlier.map(({ trialId }) => architectureOf.get(trialId)))];
  const own = jobs.filter(
    ({ kind, architectureId, id }) =>
      kind === 'train' && architectureId === selected.architectureId && trainings.has(id),
  );
  const missing = own.filter(({ id }) => !earlier.some(({ trialId }) => trialId === id));
  if (missing.length > 0) {
    if (!options.again && evaluated.length > 0 && !evaluated.includes(selected.architectureId))
      throw splitUsedError(evaluated, earlier[0]!.score.at);
    const rows = missing.map(({ id }) => trainings.get(id)!);
    await evaluateTrainings(experiment, store, selected.layout, rows, options.signal);
  }
  const scores = testScores(store, experiment.id);
  return {
    architectureId: selected.architectureId,
    layout: selected.layout,
    score,
    stored: missing.length === 0,
    networks: new Set(scores.map(({ trialId }) => architectureOf.get(trialId))).size,
    damaged: damagedRows(result, store),
    scores: own.map(({ id, replicate }) => ({
      ...scores.find(({ trialId }) => trialId === id)!.score,
      seed: replicate,
      validation: selected.scores.find(({ seed }) => seed === replicate)!,
    })),
  };
}

/** Those that the result left out, and those met since. */
function damagedRows({ damaged = [] }: ExperimentResult, store: Store): DamagedRow[] {
  const met = [...store.damaged.values()].map(({ damage }) => damage);
  return [...new Map([...damaged, ...met].map((row) => [damageText(row), row])).values()];
}

/** Selection criterion, more is better: the mean over seeds of the score on validation. */
const meritOf = ({ scores }: CandidateResult, score: Score): number =>
  mean(
    scores.map((each) => {
      const value = score.ofSeed(each);
      return value === undefined ? -Infinity : score.merit(value);
    }),
  );

/** The network whose id begins with `prefix`; without one, the best on validation. */
function selectNetwork(
  candidates: readonly CandidateResult[],
  score: Score,
  store: Store,
  prefix: string | undefined,
): CandidateResult {
  const trained = candidates.filter(({ scores }) => scores.length > 0);
  const best = trained.reduce<CandidateResult | undefined>(
    (high, each) => (high && meritOf(high, score) >= meritOf(each, score) ? high : each),
    undefined,
  );
  const selected =
    prefix === undefined ? best : trained.find(({ architectureId }) => architectureId.startsWith(prefix));
  if (selected) return selected;
  const which =
    prefix === undefined ? 'yet' : `of an architecture that begins with ${JSON.stringify(prefix)}`;
  throw new UserError(`${store.file}: no finished training ${which}`, {
    fix: 'npx stagecraft run EXPERIMENT trains',
  });
}

const splitUsedError = (evaluated: readonly (string | undefined)[], testedAt: string): UserError =>
  new UserError(
    `test: the test split was used for ${evaluated.join(', ')} on ${testedAt.slice(0, 10)}; ` +
      'selection on it biases every further score',
    { fix: '--again evaluates another network all the same, and the report says so' },
  );

const probeFor = ({ runtime, workers }: Experiment, signal: AbortSignal): Promise<Probe> =>
  probeDevice(
    {
      runtime: runtime.id,
      execution: runtime.execution,
      ...computeOf(runtime),
      ...xlaOf(runtime),
      threads: Math.min(workers.threads, availableParallelism()),
    },
    { signal },
  );

async function evaluateTrainings(
  experiment: Experiment,
  store: Store,
  layout: string,
  rows: readonly StoredTraining[],
  signal: AbortSignal,
): Promise<void> {
  const { dataset, recipe } = experiment.train!;
  const probe = await probeFor(experiment, signal);
  for (const row of rows) {
    if (row.weights_file === null || row.weights_sha256 === null)
      throw new UserError(`${store.file}: the weights of ${layout} were not kept`, {
        fix: 'train into a new database with --db',
      });
    const { split, score } = await evaluateInChild(
      {
        weights: { file: resolve(dirname(store.file), row.weights_file), sha256: row.weights_sha256 },
        dataset: { ...dataset, baseFolder: experiment.baseFolder },
        datasetHash: row.dataset_hash,
        batch: recipe.batch,
        runtime: probe.runtime,
        execution: probe.execution,
        ...probe.compute,
        threads: experiment.workers.threads,
      },
      { signal },
    );
    transaction(store, () => {
      insertDataSplit(store, row.dataset_hash, split);
      insertTestScore(store, {
        training_id: row.id,
        split_hash: split.hash,
        count: score.count,
        loss: score.loss,
        top1: score.top1 ?? null,
        top5: score.top5 ?? null,
        miou: score.miou ?? null,
        tested_at: new Date().toISOString(),
      });
    });
  }
}
