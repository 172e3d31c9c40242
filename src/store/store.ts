/**
 * The database handle and its queries. Kysely builds and types the SQL; better-sqlite3 executes it
 * synchronously, so no transaction contains asynchronous code.
 */
import type Database from 'better-sqlite3';
import {
  type Compilable,
  DummyDriver,
  Kysely,
  type RawBuilder,
  SqliteAdapter,
  SqliteIntrospector,
  SqliteQueryCompiler,
  sql,
} from 'kysely';
import type { FoundDamage } from './damage/damaged-row.js';
import { withSchemaErrors } from './damage/schema-damage.js';
import { withStoreErrors } from './sqlite-errors.js';

export interface Store {
  readonly file: string;
  readonly readonly: boolean;
  readonly sqlite: Database.Database;
  readonly statements: Map<string, Database.Statement>;
  /** Damaged rows that were met so far, by table, row and column. */
  readonly damaged: Map<string, FoundDamage>;
  close(): void;
}

/**
 * Builds typed queries on `Tables`, a map of table names to row types. Queries are compiled only; `rows` and
 * `execute` run them.
 */
export const queryBuilder = <Tables>(): Kysely<Tables> =>
  new Kysely<Tables>({
    dialect: {
      createAdapter: () => new SqliteAdapter(),
      createDriver: () => new DummyDriver(),
      createIntrospector: (db) => new SqliteIntrospector(db),
      createQueryCompiler: () => new SqliteQueryCompiler(),
    },
  });

/** A subquery of `ids` for `where(column, 'in', …)`: the statement text does not depend on their number. */
export const idList = (ids: readonly (number | string)[]): RawBuilder<never> =>
  sql<never>`(SELECT value FROM json_each(${JSON.stringify(ids)}))`;

function prepared(store: Store, text: string): Database.Statement {
  let statement = store.statements.get(text);
  if (!statement) store.statements.set(text, (statement = store.sqlite.prepare(text)));
  return statement;
}

/**
 * Returns all rows of a query, e.g. `rows(store, db.selectFrom('device').selectAll())`.
 * @throws UserError e.g. where the disk is full
 */
export function rows<R>(store: Store, query: Compilable<R>): R[] {
  const { sql: text, parameters } = query.compile();
  return withStoreErrors(store.file, () =>
    withSchemaErrors(store.file, store.sqlite, () => prepared(store, text).all(...parameters) as R[]),
  );
}

/** Calls `read` with each row of a query, without holding them all. @throws UserError as `rows` */
export function eachRow<R>(store: Store, query: Compilable<R>, read: (row: R) => void): void {
  const { sql: text, parameters } = query.compile();
  withStoreErrors(store.file, () =>
    withSchemaErrors(store.file, store.sqlite, () => {
      for (const row of prepared(store, text).iterate(...parameters)) read(row as R);
    }),
  );
}

export function firstRow<R>(store: Store, query: Compilable<R>): R | undefined {
  return rows(store, query)[0];
}

/** Executes an insert; returns the number of added rows and the id of the last one. */
export function execute(
  store: Store,
  query: Compilable,
): { readonly changes: number; readonly rowId: number } {
  const { sql: text, parameters } = query.compile();
  return withStoreErrors(store.file, () =>
    withSchemaErrors(store.file, store.sqlite, () => {
      const { changes, lastInsertRowid } = prepared(store, text).run(...parameters);
      return { changes, rowId: Number(lastInsertRowid) };
    }),
  );
}

/** Runs `body` in one transaction that locks for writing at its start; an error rolls it back. */
export function transaction<V>(store: Store, body: () => V): V {
  return withStoreErrors(store.file, () => store.sqlite.transaction(body).immediate());
}
