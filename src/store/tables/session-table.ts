/** `session`: one run of an experiment, with its environment. */
import type { Generated } from 'kysely';
import { count, instant, json, text, withFallback } from '../damage/column.js';
import { environmentForm } from '../damage/json-forms.js';
import { soundRows, tableSchema } from '../damage/sound-rows.js';
import { execute, queryBuilder, type Store } from '../store.js';

export interface SessionTable {
  id: Generated<number>;
  experiment_id: string;
  /** The key that its profiles are measured under. */
  device_id: string;
  /** ISO 8601, UTC. */
  started_at: string;
  /** JSON: versions, host, load. */
  environment: string;
}

export type Environment = Readonly<Record<string, number | string>>;

export const sessionSchema = tableSchema('session', ['id'], {
  id: count,
  experiment_id: text,
  device_id: text,
  started_at: withFallback(instant, ''),
  environment: withFallback(json(environmentForm), {}),
});

const db = queryBuilder<{ session: SessionTable }>();

/** Returns the session's id. */
export function insertSession(
  store: Store,
  row: { experimentId: string; deviceId: string; startedAt: string; environment: Environment },
): number {
  return execute(
    store,
    db.insertInto('session').values({
      experiment_id: row.experimentId,
      device_id: row.deviceId,
      started_at: row.startedAt,
      environment: JSON.stringify(row.environment),
    }),
  ).rowId;
}

/** The experiment's last session, on one device if named. */
export function lastSession(
  store: Store,
  experimentId: string,
  deviceId?: string,
): { readonly deviceId: string; readonly environment: Environment } | undefined {
  let query = db
    .selectFrom('session')
    .select(['id', 'device_id', 'environment'])
    .where('experiment_id', '=', experimentId)
    .orderBy('id', 'desc')
    .limit(1);
  if (deviceId !== undefined) query = query.where('device_id', '=', deviceId);
  const row = soundRows(store, query, sessionSchema)[0];
  return row && { deviceId: row.device_id, environment: row.environment };
}

/** Distinct results of the A/A controls of an experiment's sessions on a device, oldest first. */
export function anchorControls(store: Store, experimentId: string, deviceId: string): string[] {
  const sessions = soundRows(
    store,
    db
      .selectFrom('session')
      .select(['id', 'environment'])
      .where('experiment_id', '=', experimentId)
      .where('device_id', '=', deviceId)
      .orderBy('id'),
    sessionSchema,
  );
  return [...new Set(sessions.flatMap(({ environment }) => environment['control'] ?? []).map(String))];
}
