/** `test_score`: a finished training scored on the test split, once. */
import { execute, firstRow, queryBuilder, rows, type Store } from '../store.js';
import type { PlanRow } from './plan-table.js';
import type { TrainingTable } from './training-table.js';

export interface TestScoreTable {
  training_id: number;
  split_hash: string;
  count: number;
  loss: number | null;
  top1: number | null;
  top5: number | null;
  miou: number | null;
  tested_at: string;
}

const db = queryBuilder<{ plan: PlanRow; training: TrainingTable; test_score: TestScoreTable }>();

export function insertTestScore(store: Store, row: TestScoreTable): void {
  execute(store, db.insertInto('test_score').values(row));
}

export function testScoreOf(store: Store, trainingId: number): TestScoreTable | undefined {
  return firstRow(store, db.selectFrom('test_score').selectAll().where('training_id', '=', trainingId));
}

/** Every test score of an experiment's trainings, oldest first, with the trial it belongs to. */
export function testScores(store: Store, experimentId: string): (TestScoreTable & { trial_id: string })[] {
  return rows(
    store,
    db
      .selectFrom('plan')
      .innerJoin('training', 'training.trial_id', 'plan.trial_id')
      .innerJoin('test_score', 'test_score.training_id', 'training.id')
      .where('plan.experiment_id', '=', experimentId)
      .selectAll('test_score')
      .select('training.trial_id')
      .orderBy('test_score.tested_at'),
  );
}
