/** `imported_result`: records of bundles that were taken into this database. */
import { count, instant, text } from '../damage/column.js';
import { soundRows, tableSchema } from '../damage/sound-rows.js';
import { execute, queryBuilder, type Store } from '../store.js';

export interface ImportedResultTable {
  /** SHA-256 of the record's text. */
  id: string;
  /** SHA-256 of the bundle's plan. */
  bundle_id: string;
  trial_id: string;
  session_id: number;
  /** ISO 8601, UTC. */
  imported_at: string;
}

export const importedResultSchema = tableSchema('imported_result', ['id'], {
  id: text,
  bundle_id: text,
  trial_id: text,
  session_id: count,
  imported_at: instant,
});

const db = queryBuilder<{ imported_result: ImportedResultTable }>();

export function insertImportedResult(store: Store, row: ImportedResultTable): void {
  execute(store, db.insertInto('imported_result').values(row));
}

/** Sessions of the records of a bundle that the database has, by the record's id. */
export const importedSessions = (store: Store, bundleId: string): Map<string, number> =>
  new Map(
    soundRows(
      store,
      db.selectFrom('imported_result').selectAll().where('bundle_id', '=', bundleId),
      importedResultSchema,
    ).map(({ id, session_id }) => [id, session_id]),
  );
