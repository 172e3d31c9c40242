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
      const statement = preparedRaw(store, text);
      const toRow = compactRow(statement.columns().map(({ name }) => name));
      for (const values of statement.iterate(...parameters)) read(toRow(values as unknown[]) as R);
    }),
  );
}

/** A statement of its own, since it returns arrays. */
function preparedRaw(store: Store, text: string): Database.Statement {
  const key = `raw ${text}`;
  let statement = store.statements.get(key);
  if (!statement) store.statements.set(key, (statement = store.sqlite.prepare(text).raw(true)));
  return statement;
}

/**
 * Makes rows of these columns as objects that share one hidden class. Those of the library itself are hash
 * tables, which take several times the memory and time.
 */
function compactRow(names: readonly string[]): (values: readonly unknown[]) => Record<string, unknown> {
  const columns = Object.fromEntries(names.map((name) => [name, null]));
  const blank = JSON.parse(JSON.stringify(columns)) as Record<string, unknown>;
  return (values) => {
    const row = { ...blank };
    for (let column = 0; column < names.length; column++) row[names[column]!] = values[column];
    return row;
  };
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
