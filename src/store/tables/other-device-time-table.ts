/**
 * `other_device_time`: times of a search's networks on devices other than the one that runs it, from the
 * databases that its setting `devices` names: measured there, or predicted from what was.
 */
import type { DeviceKey } from '../../runtime/runtime.js';
import { finite, oneOf, text } from '../damage/column.js';
import { type SoundRow, soundRows, tableSchema } from '../damage/sound-rows.js';
import { execute, queryBuilder, type Store } from '../store.js';
import { insertDevice } from './device-table.js';

export interface OtherDeviceTimeTable {
  experiment_id: string;
  architecture_id: string;
  device_id: string;
  /** Objective, such as `latency@1`. */
  quantity: string;
  /** In the unit of the objective. */
  value: number;
  source: 'measured' | 'predicted';
}

export const otherDeviceTimeSchema = tableSchema(
  'other_device_time',
  ['experiment_id', 'architecture_id', 'device_id', 'quantity'],
  {
    experiment_id: text,
    architecture_id: text,
    device_id: text,
    quantity: text,
    value: finite,
    source: oneOf('measured', 'predicted'),
  },
);
export type StoredOtherDeviceTime = SoundRow<typeof otherDeviceTimeSchema>;

const db = queryBuilder<{ other_device_time: OtherDeviceTimeTable }>();

/** A time that is stored already stays. */
export function insertOtherDeviceTime(
  store: Store,
  key: DeviceKey,
  row: Omit<OtherDeviceTimeTable, 'device_id'>,
): void {
  execute(
    store,
    db
      .insertInto('other_device_time')
      .values({ ...row, device_id: insertDevice(store, key) })
      .onConflict((conflict) => conflict.doNothing()),
  );
}

export const otherDeviceTimes = (store: Store, experimentId: string): readonly StoredOtherDeviceTime[] =>
  soundRows(
    store,
    db.selectFrom('other_device_time').selectAll().where('experiment_id', '=', experimentId),
    otherDeviceTimeSchema,
  );
