/** `test_score`: the evaluation of a finished training on the test split, once per training. */
import { count, finite, fraction, instant, nullable, text } from '../damage/column.js';
import { type SoundRow, soundRows, tableSchema } from '../damage/sound-rows.js';
import { execute, queryBuilder, type Store } from '../store.js';
import { withoutNulls } from '../without-nulls.js';
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

export interface TestScore {
  readonly trainingId: number;
  readonly trialId: string;
  /** Fractions and a loss, absent where the task has none; `count` images; `at` in ISO 8601. */
  readonly score: {
    readonly loss?: number;
    readonly top1?: number;
    readonly top5?: number;
    readonly miou?: number;
    readonly count: number;
    readonly at: string;
  };
}

export const testScoreSchema = tableSchema('test_score', ['training_id'], {
  training_id: count,
  split_hash: text,
  count,
  loss: nullable(finite),
  top1: nullable(fraction),
  top5: nullable(fraction),
  miou: nullable(fraction),
  tested_at: instant,
});

const db = queryBuilder<{ plan: PlanRow; training: TrainingTable; test_score: TestScoreTable }>();

export function insertTestScore(store: Store, row: TestScoreTable): void {
  execute(store, db.insertInto('test_score').values(row));
}

/** Every test score of an experiment's trainings, oldest first. */
export function testScores(store: Store, experimentId: string): TestScore[] {
  const stored = soundRows<SoundRow<typeof testScoreSchema>, { trial_id: string }>(
    store,
    db
      .selectFrom('plan')
      .innerJoin('training', 'training.trial_id', 'plan.trial_id')
      .innerJoin('test_score', 'test_score.training_id', 'training.id')
      .where('plan.experiment_id', '=', experimentId)
      .selectAll('test_score')
      .select('training.trial_id')
      .orderBy('test_score.tested_at'),
    testScoreSchema,
  );
  return stored.map(({ training_id, trial_id, loss, top1, top5, miou, count, tested_at }) => ({
    trainingId: training_id,
    trialId: trial_id,
    score: { ...withoutNulls({ loss, top1, top5, miou }), count, at: tested_at },
  }));
}
