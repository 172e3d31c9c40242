/** `launch`: one launch of an interleaved session, with every round of every network. */
import type { Generated } from 'kysely';
import { z } from 'zod';
import type { LaunchRecord } from '../../profile/session/launch.js';
import type { DeviceKey } from '../../runtime/runtime.js';
import { count, instant, json, text } from '../damage/column.js';
import { deviceKeyForm, millisecondsForm } from '../damage/json-forms.js';
import { soundRows, tableSchema } from '../damage/sound-rows.js';
import { execute, queryBuilder, type Store, transaction } from '../store.js';
import { insertDevice } from './device-table.js';

export interface LaunchTable {
  id: Generated<number>;
  /** When its session began, ISO 8601. */
  session: string;
  device_id: string;
  batch: number;
  /** JSON: names within the session to architecture ids. */
  networks: string;
  /** JSON: times of every round, the two controls, failures. */
  record: string;
  ended_at: string;
}

export interface StoredLaunch {
  readonly session: string;
  readonly deviceId: string;
  readonly batch: number;
  readonly networks: Readonly<Record<string, string>>;
  readonly record: LaunchRecord;
}

const roundsForm = z.object({ stepMs: millisecondsForm, anchorMs: millisecondsForm });
const recordForm: z.ZodType<LaunchRecord> = z.looseObject({
  batch: z.int().min(1),
  deviceKey: deviceKeyForm.optional(),
  networks: z.record(z.string(), roundsForm),
  control: z.tuple([roundsForm, roundsForm]),
  failures: z.record(
    z.string(),
    z.object({ status: z.enum(['out-of-memory', 'crashed', 'timed-out', 'failed']), reason: z.string() }),
  ),
}) as unknown as z.ZodType<LaunchRecord>;

export const launchSchema = tableSchema('launch', ['id'], {
  id: count,
  session: text,
  device_id: text,
  batch: count,
  networks: json(z.record(z.string(), z.string())),
  record: json(recordForm),
  ended_at: instant,
});

const db = queryBuilder<{ launch: LaunchTable }>();

/**
 * Stores one launch.
 * @param networks architecture ids by their names within the session
 */
export function recordLaunch(
  store: Store,
  session: string,
  key: DeviceKey,
  networks: Readonly<Record<string, string>>,
  record: LaunchRecord,
): void {
  transaction(store, () => {
    execute(
      store,
      db.insertInto('launch').values({
        session,
        device_id: insertDevice(store, key),
        batch: record.batch,
        networks: JSON.stringify(networks),
        record: JSON.stringify(record),
        ended_at: new Date().toISOString(),
      }),
    );
  });
}

/** All launches, oldest first. */
export function allLaunches(store: Store): StoredLaunch[] {
  return soundRows(store, db.selectFrom('launch').selectAll().orderBy('id'), launchSchema).map(
    ({ session, device_id, batch, networks, record }) => ({
      session,
      deviceId: device_id,
      batch,
      networks,
      record,
    }),
  );
}
