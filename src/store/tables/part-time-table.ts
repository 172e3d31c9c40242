/**
 * `part_time`: step times of network parts, by the key under which the latency model treats parts as equal.
 */
import type { Generated } from 'kysely';
import type { PartTime } from '../../profile/part-times/part-times.js';
import type { DeviceKey } from '../../runtime/runtime.js';
import { median } from '../../util/statistics/order-statistics.js';
import { count, finite, instant, json, text, withFallback } from '../damage/column.js';
import { differenceForm } from '../damage/json-forms.js';
import { soundRows, tableSchema } from '../damage/sound-rows.js';
import { execute, queryBuilder, type Store, transaction } from '../store.js';
import { insertDevice } from './device-table.js';

export interface PartTimeTable {
  id: Generated<number>;
  device_id: string;
  batch: number;
  /** JSON: the part's key. */
  part: string;
  architecture_id: string;
  name: string;
  /** JSON `{value, low, high, samples}`. */
  step_ms: string;
  share: number;
  measured_at: string;
}

export const partTimeSchema = tableSchema('part_time', ['id'], {
  id: count,
  device_id: text,
  batch: count,
  part: text,
  architecture_id: text,
  name: text,
  step_ms: json(differenceForm),
  share: finite,
  measured_at: withFallback(instant, ''),
});

const db = queryBuilder<{ part_time: PartTimeTable }>();

/**
 * Stores the parts of one network in one transaction.
 * @param keys key of each part by its name; parts without a key are skipped
 */
export function recordParts(
  store: Store,
  key: DeviceKey,
  batch: number,
  architectureId: string,
  keys: ReadonlyMap<string, string>,
  parts: readonly PartTime[],
): void {
  transaction(store, () => {
    const device_id = insertDevice(store, key);
    for (const { name, stepMs, share } of parts) {
      const part = keys.get(name);
      if (part !== undefined)
        execute(
          store,
          db.insertInto('part_time').values({
            device_id,
            batch,
            part,
            architecture_id: architectureId,
            name,
            step_ms: JSON.stringify(stepMs),
            share,
            measured_at: new Date().toISOString(),
          }),
        );
    }
  });
}

/** Milliseconds by part: the median over all networks in which it was timed. */
export function partTimes(store: Store, deviceId: string, batch: number): Map<string, number> {
  const found = soundRows(
    store,
    db
      .selectFrom('part_time')
      .select(['id', 'part', 'step_ms'])
      .where('device_id', '=', deviceId)
      .where('batch', '=', batch),
    partTimeSchema,
  );
  const byPart = new Map<string, number[]>();
  for (const { part, step_ms } of found) byPart.set(part, [...(byPart.get(part) ?? []), step_ms.value]);
  return new Map([...byPart].map(([part, times]) => [part, Math.max(0, median(times))]));
}
