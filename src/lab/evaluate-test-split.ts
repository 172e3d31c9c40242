/**
 * The one look at the test split: the network that search chose on validation, every seed of it. Which
 * network that is stays chosen: once its scores stand in the database, they are read, not taken again, and
 * another network is refused unless the caller says that the split may be looked at again.
 */
import { availableParallelism } from 'node:os';
import { dirname, resolve } from 'node:path';
import { mean } from 'simple-statistics';
import { mainScore, type Score, type SeedScores } from '../analysis/objectives/result-score.js';
import { probeDevice } from '../profile/probe.js';
import { computeOf } from '../runtime/compute.js';
import type { CandidateResult } from '../store/experiment-result.js';
import { readExperimentResult } from '../store/open-store.js';
import { type Store, transaction } from '../store/store.js';
import { insertDataSplit } from '../store/tables/data-split-table.js';
import { insertTestScore, type TestScoreTable, testScores } from '../store/tables/test-score-table.js';
import { lastTrainings } from '../store/tables/training-table.js';
import { evaluateInChild } from '../train/evaluate/run-evaluate.js';
import { UserError } from '../util/errors.js';
import type { Experiment } from './experiment.js';
import { planExperiment } from './plan.js';

export interface TestedNetwork {
  readonly architectureId: string;
  readonly layout: string;
  /** What the network was chosen by. */
  readonly score: Score;
  readonly scores: readonly (TestScoreTable & {
    readonly seed: number;
    readonly validationTop1: number | null;
    readonly validation: SeedScores;
  })[];
  /** Whether the scores had been in the database already. */
  readonly stored: boolean;
  /** Networks of this experiment that the split has been looked at for, this one included. */
  readonly networks: number;
}

export interface TestOptions {
  /** First digits of an architecture's id; absent: the best on validation. */
  readonly architecture?: string | undefined;
  /** Look at the split for another network than before. */
  readonly again: boolean;
  readonly signal: AbortSignal;
}

/** What search selects on, more is better: the mean over seeds of the result's score. */
const meritOf = ({ scores }: CandidateResult, score: Score): number =>
  mean(
    scores.map((each) => {
      const value = score.ofSeed(each);
      return value === undefined ? -Infinity : score.merit(value);
    }),
  );

/**
 * @throws UserError where nothing is trained, weights are gone, there is no test split, or the split was
 * spent on another network
 */
export async function testChosen(
  experiment: Experiment,
  store: Store,
  options: TestOptions,
): Promise<TestedNetwork> {
  const { train } = experiment;
  if (!train)
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
  const { candidates } = result;
  const score = mainScore(result);
  const merit = (candidate: CandidateResult): number => meritOf(candidate, score);
  const trained = candidates.filter(({ scores }) => scores.length > 0);
  const chosen =
    options.architecture === undefined
      ? trained.reduce<(typeof trained)[number] | undefined>(
          (best, each) => (best && merit(best) >= merit(each) ? best : each),
          undefined,
        )
      : trained.find(({ architectureId }) => architectureId.startsWith(options.architecture!));
  if (!chosen)
    throw new UserError(
      `${store.file}: no finished training ${options.architecture === undefined ? 'yet' : `of an architecture that begins with ${JSON.stringify(options.architecture)}`}`,
      { fix: 'stagecraft run EXPERIMENT trains' },
    );
  const architectureOf = new Map(jobs.map(({ id, architectureId }) => [id, architectureId]));
  const earlier = testScores(store, experiment.id);
  const looked = new Set(earlier.map(({ trial_id }) => architectureOf.get(trial_id)));
  const mine = jobs.filter(
    ({ kind, architectureId, id }) =>
      kind === 'train' && architectureId === chosen.architectureId && trainings.has(id),
  );
  const todo = mine.filter(({ id }) => !earlier.some(({ trial_id }) => trial_id === id));
  if (todo.length > 0 && !looked.has(chosen.architectureId) && looked.size > 0 && !options.again) {
    throw new UserError(
      `test: the test split has been looked at for ${[...looked].join(', ')} on ${earlier[0]!.tested_at.slice(0, 10)}; choosing by it leaves no honest score`,
      { fix: '--again looks for another network all the same, and the report says so' },
    );
  }
  if (todo.length > 0) {
    const { threads } = experiment.workers;
    const probe = await probeDevice(
      {
        runtime: experiment.runtime.id,
        execution: experiment.runtime.execution,
        ...computeOf(experiment.runtime),
        threads: Math.min(threads, availableParallelism()),
      },
      options.signal,
    );
    for (const { id } of todo) {
      const row = trainings.get(id)!;
      if (row.weights_file === null || row.weights_sha256 === null)
        throw new UserError(`${store.file}: the weights of ${chosen.layout} were not kept`, {
          fix: 'train into a new database with --db',
        });
      const { split, score: measured } = await evaluateInChild(
        {
          weights: { file: resolve(dirname(store.file), row.weights_file), sha256: row.weights_sha256 },
          dataset: { ...train.dataset, baseFolder: experiment.baseFolder },
          datasetHash: row.dataset_hash,
          batch: train.recipe.batch,
          runtime: probe.runtime,
          execution: probe.execution,
          ...probe.compute,
          threads,
        },
        { signal: options.signal },
      );
      transaction(store, () => {
        insertDataSplit(store, row.dataset_hash, split);
        insertTestScore(store, {
          training_id: row.id,
          split_hash: split.hash,
          count: measured.count,
          loss: measured.loss,
          top1: measured.top1,
          top5: measured.top5 ?? null,
          miou: measured.miou ?? null,
          tested_at: new Date().toISOString(),
        });
      });
    }
  }
  const scores = testScores(store, experiment.id);
  return {
    architectureId: chosen.architectureId,
    layout: chosen.layout,
    score,
    stored: todo.length === 0,
    networks: new Set(scores.map(({ trial_id }) => architectureOf.get(trial_id))).size,
    scores: mine.map(({ id, replicate }) => ({
      ...scores.find(({ trial_id }) => trial_id === id)!,
      seed: replicate,
      validationTop1: trainings.get(id)!.top1,
      validation: chosen.scores.find(({ seed }) => seed === replicate)!,
    })),
  };
}
