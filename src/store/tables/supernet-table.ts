/** `supernet`, `supernet_score`: trained supernets, and their members' scores by inherited weights. */
import { dirname, relative, resolve } from 'node:path';
import { z } from 'zod';
import type { DeviceKey } from '../../runtime/runtime.js';
import type { EpochRow, TrainResult } from '../../train/train-result.js';
import { count, finite, fraction, instant, json, nullable, positive, text } from '../damage/column.js';
import { settingsForm } from '../damage/json-forms.js';
import { type SoundRow, soundRows, tableSchema } from '../damage/sound-rows.js';
import { execute, queryBuilder, type Store, transaction } from '../store.js';
import { insertDevice } from './device-table.js';

export interface SupernetTable {
  /** Hash of the settings. */
  id: string;
  /** Canonical JSON. */
  settings: string;
  device_id: string;
  dataset_hash: string;
  /** JSON: one entry an epoch; of the member with the most MACs on the validation split. */
  curve: string;
  steps: number;
  seconds: number;
  /** Relative to the database's folder. */
  weights_file: string;
  weights_sha256: string;
  /** ISO 8601, UTC. */
  trained_at: string;
}

export interface SupernetScoreTable {
  supernet_id: string;
  architecture_id: string;
  loss: number;
  /** Fraction; null where there is none. */
  top1: number | null;
  miou: number | null;
  seconds: number;
  scored_at: string;
}

const curveForm = z.array(z.record(z.string(), z.number().nullable()));

export const supernetSchema = tableSchema('supernet', ['id'], {
  id: text,
  settings: json(settingsForm),
  device_id: text,
  dataset_hash: text,
  curve: json(curveForm),
  steps: count,
  seconds: positive,
  weights_file: text,
  weights_sha256: text,
  trained_at: instant,
});
export const supernetScoreSchema = tableSchema('supernet_score', ['supernet_id', 'architecture_id'], {
  supernet_id: text,
  architecture_id: text,
  loss: finite,
  top1: nullable(fraction),
  miou: nullable(fraction),
  seconds: positive,
  scored_at: instant,
});
export type StoredSupernet = SoundRow<typeof supernetSchema>;
export type StoredSupernetScore = SoundRow<typeof supernetScoreSchema>;

const db = queryBuilder<{ supernet: SupernetTable; supernet_score: SupernetScoreTable }>();

/** Stores a trained supernet in one transaction. @param result of a training that ended well */
export function recordSupernet(
  store: Store,
  { id, settings }: { readonly id: string; readonly settings: string },
  result: TrainResult,
): void {
  const { deviceKey, datasetHash, epochs, steps, seconds, weights } = result;
  transaction(store, () => {
    execute(
      store,
      db.insertInto('supernet').values({
        id,
        settings,
        device_id: insertDevice(store, deviceKey satisfies DeviceKey),
        dataset_hash: datasetHash,
        curve: JSON.stringify(epochs satisfies readonly EpochRow[]),
        steps,
        seconds,
        weights_file: relative(dirname(store.file), weights!.file),
        weights_sha256: weights!.sha256,
        trained_at: new Date().toISOString(),
      }),
    );
  });
}

/** The supernet of these settings with its weights file, absolute; undefined where none is stored. */
export function storedSupernet(
  store: Store,
  id: string,
): (StoredSupernet & { readonly file: string }) | undefined {
  const query = db.selectFrom('supernet').selectAll().where('id', '=', id);
  const row = soundRows(store, query, supernetSchema)[0];
  return row && { ...row, file: resolve(dirname(store.file), row.weights_file) };
}

export function insertSupernetScore(store: Store, row: SupernetScoreTable): void {
  execute(store, db.insertInto('supernet_score').values(row));
}

/** The score of a member by inherited weights; undefined where it has none. */
export function supernetScore(
  store: Store,
  supernetId: string,
  architectureId: string,
): StoredSupernetScore | undefined {
  const query = db
    .selectFrom('supernet_score')
    .selectAll()
    .where('supernet_id', '=', supernetId)
    .where('architecture_id', '=', architectureId);
  return soundRows(store, query, supernetScoreSchema)[0];
}
