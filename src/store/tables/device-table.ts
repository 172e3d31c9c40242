/** `device`: the device keys that rows were measured under. Rows of different keys never share a ranking. */
import type { DeviceKey } from '../../runtime/runtime.js';
import { canonicalJson, textHash } from '../../util/canonical-json.js';
import { json, text, withFallback } from '../damage/column.js';
import { damagedDeviceKey, deviceKeyForm } from '../damage/json-forms.js';
import { soundRows, tableSchema } from '../damage/sound-rows.js';
import { execute, queryBuilder, type Store } from '../store.js';
import type { SessionTable } from './session-table.js';

export interface DeviceRow {
  /** Hash of the key. */
  id: string;
  /** Canonical JSON of the key. */
  key: string;
}

export const deviceSchema = tableSchema('device', ['id'], {
  id: text,
  key: withFallback(json(deviceKeyForm), damagedDeviceKey),
});

export const deviceId = (key: DeviceKey): string => textHash(canonicalJson(key));

const db = queryBuilder<{ device: DeviceRow; session: SessionTable }>();

/** Stores the key if it is new; returns its id. */
export function insertDevice(store: Store, key: DeviceKey): string {
  const id = deviceId(key);
  execute(
    store,
    db
      .insertInto('device')
      .values({ id, key: canonicalJson(key) })
      .onConflict((conflict) => conflict.column('id').doNothing()),
  );
  return id;
}

/** Devices of an experiment's sessions, latest session first. */
export function devicesOf(
  store: Store,
  experimentId: string,
): { readonly id: string; readonly key: DeviceKey }[] {
  return soundRows(
    store,
    db
      .selectFrom('session')
      .innerJoin('device', 'device.id', 'session.device_id')
      .where('session.experiment_id', '=', experimentId)
      .selectAll('device')
      .groupBy('device.id')
      .orderBy((eb) => eb.fn.max('session.id'), 'desc'),
    deviceSchema,
  );
}

/** All device keys of the database. */
export function allDevices(store: Store): { readonly id: string; readonly key: DeviceKey }[] {
  return soundRows(store, db.selectFrom('device').selectAll(), deviceSchema);
}
