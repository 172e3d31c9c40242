/** `training`: one training that ended, successfully or not. */
import type { Generated } from 'kysely';
import { count, finite, fraction, instant, nullable, oneOf, positive, text } from '../damage/column.js';
import { assertSoundAttempt, firstSoundRow, soundRows, tableSchema } from '../damage/sound-rows.js';
import { execute, queryBuilder, type Store } from '../store.js';
import type { ArchitectureRow } from './architecture-table.js';
import type { PlanRow } from './plan-table.js';
import type { TrialRow } from './trial-table.js';

export interface TrainingTable {
  id: Generated<number>;
  trial_id: string;
  device_id: string;
  session_id: number;
  /** From 1; a further one only after a failure that was retried. */
  attempt: number;
  status: 'ok' | 'diverged' | 'out-of-memory' | 'crashed' | 'timed-out' | 'failed';
  reason: string;
  dataset_hash: string;
  /** Fraction of the validation split, last epoch. */
  top1: number | null;
  loss: number | null;
  validation_count: number | null;
  steps: number;
  seconds: number;
  first_step_ms: number;
  resumed_from_epoch: number;
  trained_at: string;
  top5: number | null;
  miou: number | null;
  /** Relative to the database's folder. */
  weights_file: string | null;
  weights_sha256: string | null;
  /** The reason of early stopping; null: all epochs were trained. */
  stopped: string | null;
}
export type NewTraining = Omit<TrainingTable, 'id' | 'attempt'>;
export type TrainingRow = NewTraining & { id: number; attempt: number };

export const trainingSchema = tableSchema('training', ['id'], {
  id: count,
  trial_id: text,
  device_id: text,
  session_id: count,
  attempt: count,
  status: oneOf('ok', 'diverged', 'out-of-memory', 'crashed', 'timed-out', 'failed'),
  reason: text,
  dataset_hash: text,
  top1: nullable(fraction),
  loss: nullable(finite),
  validation_count: nullable(count),
  steps: count,
  seconds: positive,
  first_step_ms: positive,
  resumed_from_epoch: count,
  trained_at: instant,
  top5: nullable(fraction),
  miou: nullable(fraction),
  weights_file: nullable(text),
  weights_sha256: nullable(text),
  stopped: nullable(text),
});

const db = queryBuilder<{
  plan: PlanRow;
  trial: TrialRow;
  training: TrainingTable;
  architecture: ArchitectureRow;
}>();

/**
 * Adds the next attempt; returns the row's id.
 * @throws where the trial already has a result
 * @throws UserError where the last attempt is damaged
 */
export function insertTraining(store: Store, row: NewTraining): number {
  const last = lastTraining(store, row.trial_id);
  assertSoundAttempt(store, last, row.trial_id);
  if (last?.status === 'ok')
    throw new Error(`store.insertTraining: a trial is trained once, got a second result for ${row.trial_id}`);
  return execute(store, db.insertInto('training').values({ ...row, attempt: (last?.attempt ?? 0) + 1 }))
    .rowId;
}

/** The last attempt of a trial. */
export function lastTraining(store: Store, trialId: string): TrainingRow | 'damaged' | undefined {
  return firstSoundRow(
    store,
    db.selectFrom('training').selectAll().where('trial_id', '=', trialId).orderBy('attempt', 'desc').limit(1),
    trainingSchema,
  );
}

/** Last attempts of an experiment's training trials, oldest first. */
export function lastTrainings(store: Store, experimentId: string): TrainingRow[] {
  return soundRows(
    store,
    db
      .selectFrom('plan')
      .innerJoin('training', 'training.trial_id', 'plan.trial_id')
      .where('plan.experiment_id', '=', experimentId)
      .where((eb) =>
        eb(
          'training.attempt',
          '=',
          eb
            .selectFrom('training as other')
            .select((inner) => inner.fn.max('other.attempt').as('last'))
            .whereRef('other.trial_id', '=', 'training.trial_id'),
        ),
      )
      .selectAll('training')
      .orderBy('training.id'),
    trainingSchema,
  );
}

/** Seconds of every whole training of these settings, of any experiment and seed. */
export function trainingSeconds(store: Store, settings: string): number[] {
  const query = db
    .selectFrom('training')
    .innerJoin('trial', 'trial.id', 'training.trial_id')
    .selectAll('training')
    .where('trial.settings', '=', settings)
    .where('training.status', '=', 'ok')
    .where('training.stopped', 'is', null);
  return soundRows(store, query, trainingSchema).map(({ seconds }) => seconds);
}

/** Work and time of a whole training. */
export interface TrainingWork {
  readonly seconds: number;
  readonly steps: number;
  /** Of one image. */
  readonly macs: number;
  /** Canonical settings of the trial, JSON. */
  readonly settings: string;
}

/** The latest whole, uninterrupted trainings of any settings, at most `most`. */
export function latestTrainingWork(store: Store, most: number): TrainingWork[] {
  const query = db
    .selectFrom('training')
    .innerJoin('trial', 'trial.id', 'training.trial_id')
    .innerJoin('architecture', 'architecture.id', 'trial.architecture_id')
    .selectAll('training')
    .select(['trial.settings as settings', 'architecture.macs as macs'])
    .where('training.status', '=', 'ok')
    .where('training.stopped', 'is', null)
    .where('training.resumed_from_epoch', '=', 0)
    .orderBy('training.id', 'desc')
    .limit(most);
  const rows = soundRows<TrainingRow, { readonly settings: string; readonly macs: number }>(
    store,
    query,
    trainingSchema,
  );
  return rows.map(({ seconds, steps, macs, settings }) => ({
    seconds,
    steps,
    macs,
    settings,
  }));
}
