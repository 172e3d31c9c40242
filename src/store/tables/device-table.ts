/** `device`: the device keys that rows were measured under. Rows of different keys never share a ranking. */
import type { DeviceKey } from '../../runtime/runtime.js';
import { canonicalJson, textHash } from '../../util/canonical-json.js';
import { execute, queryBuilder, rows, type Store } from '../store.js';
import type { SessionTable } from './session-table.js';

export interface DeviceRow {
  /** Hash of the key. */
  id: string;
  /** Canonical JSON of the key. */
  key: string;
}

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
  return rows(
    store,
    db
      .selectFrom('session')
      .innerJoin('device', 'device.id', 'session.device_id')
      .where('session.experiment_id', '=', experimentId)
      .selectAll('device')
      .groupBy('device.id')
      .orderBy((eb) => eb.fn.max('session.id'), 'desc'),
  ).map(({ id, key }) => ({ id, key: JSON.parse(key) as DeviceKey }));
}

/** All device keys of the database. */
export function allDevices(store: Store): { readonly id: string; readonly key: DeviceKey }[] {
  return rows(store, db.selectFrom('device').selectAll()).map(({ id, key }) => ({
    id,
    key: JSON.parse(key) as DeviceKey,
  }));
}
