/** `search_event`: the log of a search, in order of arrival. */
import { z } from 'zod';
import { count, instant, json, oneOf, positive, text, withFallback } from '../damage/column.js';
import { type SoundRow, soundRows, tableSchema } from '../damage/sound-rows.js';
import { execute, queryBuilder, rows, type Store } from '../store.js';

export interface SearchEventRow {
  experiment_id: string;
  /** Order of arrival, from 0. */
  position: number;
  type: 'asked' | 'told' | 'failed';
  /** Numbered in the order asked, from 0. */
  trial: number;
  /** JSON: a question, values or a reason, by type. */
  content: string;
  /** Of the evaluation; 0 of a question. */
  seconds: number;
  /** ISO 8601, UTC. */
  at: string;
}

const contentForm = z.object({
  key: z.string().optional(),
  genes: z.array(z.int()).optional(),
  replicate: z.int().optional(),
  fidelity: z.number().optional(),
  measure: z.array(z.string()).optional(),
  parent: z.int().optional(),
  values: z.record(z.string(), z.number()).optional(),
  reason: z.string().optional(),
});

export const searchEventSchema = tableSchema('search_event', ['experiment_id', 'position'], {
  experiment_id: text,
  position: count,
  type: oneOf('asked', 'told', 'failed'),
  trial: count,
  content: json(contentForm),
  seconds: positive,
  at: withFallback(instant, ''),
});
export type StoredSearchEvent = SoundRow<typeof searchEventSchema>;

const db = queryBuilder<{ search_event: SearchEventRow }>();

/** The table rejects a second question and a second answer of a trial. */
export function insertSearchEvent(store: Store, row: SearchEventRow): void {
  execute(store, db.insertInto('search_event').values(row));
}

/** Trials of an experiment's search that have an answer; 0 where it has no search. */
export function searchAnswers(store: Store, experimentId: string): number {
  const query = db
    .selectFrom('search_event')
    .select((eb) => eb.fn.countAll<number>().as('count'))
    .where('experiment_id', '=', experimentId)
    .where('type', '!=', 'asked');
  return rows<{ count: number }>(store, query)[0]!.count;
}

/** The log of an experiment's search, in order of arrival; empty where it has none. */
export function searchEvents(store: Store, experimentId: string): StoredSearchEvent[] {
  return soundRows(
    store,
    db.selectFrom('search_event').selectAll().where('experiment_id', '=', experimentId).orderBy('position'),
    searchEventSchema,
  );
}
