/** `epoch`: the learning curve of a training. */
import type { EpochRow } from '../../train/train-result.js';
import type { Mutable } from '../../util/mutable.js';
import { count, finite, fraction, nullable, positive } from '../damage/column.js';
import { eachSoundRow, tableSchema } from '../damage/sound-rows.js';
import { addTo } from '../group-by.js';
import { execute, idList, queryBuilder, type Store } from '../store.js';

export interface EpochTable {
  training_id: number;
  /** From 1. */
  epoch: number;
  /** Null where the value was not finite. */
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

const finiteOrNull = (value: number | undefined): number | null =>
  value !== undefined && Number.isFinite(value) ? value : null;
const orNaN = (value: number | null): number => value ?? Number.NaN;

export const epochSchema = tableSchema('epoch', ['training_id', 'epoch'], {
  training_id: count,
  epoch: count,
  train_loss: nullable(finite),
  train_top1: nullable(fraction),
  validation_loss: nullable(finite),
  validation_top1: nullable(fraction),
  learning_rate: positive,
  gradient_norm: nullable(positive),
  images_per_second: positive,
  seconds: positive,
  validation_top5: nullable(fraction),
  validation_miou: nullable(fraction),
  peak_bytes: nullable(positive),
  data_share: nullable(finite),
});

const db = queryBuilder<{ epoch: EpochTable }>();

export function insertEpoch(store: Store, trainingId: number, row: EpochRow): void {
  execute(
    store,
    db.insertInto('epoch').values({
      training_id: trainingId,
      epoch: row.epoch,
      train_loss: finiteOrNull(row.trainLoss),
      train_top1: finiteOrNull(row.trainTop1),
      validation_loss: finiteOrNull(row.validationLoss),
      validation_top1: finiteOrNull(row.validationTop1),
      learning_rate: row.learningRate,
      gradient_norm: finiteOrNull(row.gradientNorm),
      images_per_second: row.imagesPerSecond,
      seconds: row.seconds,
      validation_top5: row.validationTop5 ?? null,
      validation_miou: row.validationMiou ?? null,
      peak_bytes: row.peakBytes ?? null,
      data_share: row.dataShare ?? null,
    }),
  );
}

/** Epochs by training id, in order. */
export function epochsByTraining(store: Store, trainingIds: readonly number[]): Map<number, EpochRow[]> {
  const epochs = new Map<number, EpochRow[]>();
  const query = db
    .selectFrom('epoch')
    .selectAll()
    .where('training_id', 'in', idList(trainingIds))
    .orderBy('training_id')
    .orderBy('epoch');
  eachSoundRow(store, query, epochSchema, (row) => addTo(epochs, row.training_id, fromRow(row)));
  return epochs;
}

/** Assigned one by one: spreads would give each of 300,000 rows a hidden class of its own. */
function fromRow(row: EpochTable): EpochRow {
  const found: Mutable<EpochRow> = {
    epoch: row.epoch,
    trainLoss: orNaN(row.train_loss),
    validationLoss: orNaN(row.validation_loss),
    learningRate: row.learning_rate,
    gradientNorm: orNaN(row.gradient_norm),
    imagesPerSecond: row.images_per_second,
    seconds: row.seconds,
  };
  if (row.train_top1 !== null) found.trainTop1 = row.train_top1;
  if (row.validation_top1 !== null) found.validationTop1 = row.validation_top1;
  if (row.validation_top5 !== null) found.validationTop5 = row.validation_top5;
  if (row.validation_miou !== null) found.validationMiou = row.validation_miou;
  if (row.peak_bytes !== null) found.peakBytes = row.peak_bytes;
  if (row.data_share !== null) found.dataShare = row.data_share;
  return found;
}
