/** `epoch`: the learning curve of a training. */
import type { EpochRow } from '../../train/train-result.js';
import { execute, queryBuilder, rows, type Store } from '../store.js';

export interface EpochTable {
  training_id: number;
  /** From 1. */
  epoch: number;
  /** Null where it was no finite number. */
  train_loss: number | null;
  train_top1: number | null;
  validation_loss: number | null;
  validation_top1: number | null;
  learning_rate: number;
  gradient_norm: number | null;
  images_per_second: number;
  seconds: number;
  validation_top5: number | null;
  validation_miou: number | null;
  peak_bytes: number | null;
  data_share: number | null;
}

const finite = (value: number): number | null => (Number.isFinite(value) ? value : null);
const orNaN = (value: number | null): number => value ?? Number.NaN;

const db = queryBuilder<{ epoch: EpochTable }>();

export function insertEpoch(store: Store, trainingId: number, row: EpochRow): void {
  execute(
    store,
    db.insertInto('epoch').values({
      training_id: trainingId,
      epoch: row.epoch,
      train_loss: finite(row.trainLoss),
      train_top1: finite(row.trainTop1),
      validation_loss: finite(row.validationLoss),
      validation_top1: finite(row.validationTop1),
      learning_rate: row.learningRate,
      gradient_norm: finite(row.gradientNorm),
      images_per_second: row.imagesPerSecond,
      seconds: row.seconds,
      validation_top5: row.validationTop5 ?? null,
      validation_miou: row.validationMiou ?? null,
      peak_bytes: row.peakBytes ?? null,
      data_share: row.dataShare ?? null,
    }),
  );
}

/** Epochs of one training, in order. */
export function epochsOf(store: Store, trainingId: number): EpochRow[] {
  return rows(
    store,
    db.selectFrom('epoch').selectAll().where('training_id', '=', trainingId).orderBy('epoch'),
  ).map((row) => ({
    epoch: row.epoch,
    trainLoss: orNaN(row.train_loss),
    trainTop1: orNaN(row.train_top1),
    validationLoss: orNaN(row.validation_loss),
    validationTop1: orNaN(row.validation_top1),
    learningRate: row.learning_rate,
    gradientNorm: orNaN(row.gradient_norm),
    imagesPerSecond: row.images_per_second,
    seconds: row.seconds,
    ...(row.validation_top5 === null ? {} : { validationTop5: row.validation_top5 }),
    ...(row.validation_miou === null ? {} : { validationMiou: row.validation_miou }),
    ...(row.peak_bytes === null ? {} : { peakBytes: row.peak_bytes }),
    ...(row.data_share === null ? {} : { dataShare: row.data_share }),
  }));
}
