/**
 * Reads rows through the schema of their table. A row with a wrong value is left out and noted in
 * `store.damaged`, so that it does not take the others with it.
 */
import type { Compilable } from 'kysely';
import { UserError } from '../../util/errors.js';
import { eachRow, rows, type Store } from '../store.js';
import { type Column, Wrong } from './column.js';
import { doctorFix, type FoundDamage } from './damaged-row.js';

export interface TableSchema<Row> {
  readonly table: string;
  /** Columns that name a row. */
  readonly key: readonly (keyof Row & string)[];
  readonly columns: { readonly [K in keyof Row]-?: Column<Row[K]> };
}

type Columns = Readonly<Record<string, Column<unknown>>>;
type RowOf<C extends Columns> = { [K in keyof C]: C[K] extends Column<infer V> ? V : never };

/** The schema of a table; the type of its rows follows from the columns. */
export const tableSchema = <C extends Columns>(
  table: string,
  key: readonly (keyof C & string)[],
  columns: C,
): TableSchema<RowOf<C>> => ({ table, key, columns }) as unknown as TableSchema<RowOf<C>>;

/** The type of a schema's rows. */
export type SoundRow<S> = S extends TableSchema<infer Row> ? Row : never;

type Stored = Readonly<Record<string, unknown>>;

/** @example rowName(['training_id', 'epoch'], row) // `training_id 1, epoch 2` */
export const rowName = (key: readonly string[], stored: Stored): string =>
  key.map((name) => `${name} ${String(stored[name])}`).join(', ');

/** The columns of a schema with their names, once per schema. */
const listed = new WeakMap<object, readonly (readonly [string, Column<unknown>])[]>();

function columnsOf(columns: object): readonly (readonly [string, Column<unknown>])[] {
  let found = listed.get(columns);
  if (!found) listed.set(columns, (found = Object.entries(columns as Columns)));
  return found;
}

/** The program's values of a stored row, which are written into it; undefined where it is damaged. */
export function readRow<Row>(
  { table, key, columns }: TableSchema<Row>,
  row: Record<string, unknown>,
  note: (found: FoundDamage) => void,
): Row | undefined {
  for (const [name, column] of columnsOf(columns)) {
    const stored = row[name];
    if (stored === undefined) continue; // the query left it out
    if (stored === null && column.isNullable) continue;
    const value = column.read(stored);
    if (value === stored) continue;
    if (!(value instanceof Wrong)) {
      row[name] = value;
      continue;
    }
    note({
      damage: { table, row: rowName(key, row), column: name, reason: value.reason },
      values: { ...row },
    });
    if (column.fallback === undefined) return undefined;
    row[name] = column.fallback;
  }
  return row as Row;
}

/** Calls `read` with each sound row of a query over the columns of one table, without holding them all. */
export function eachSoundRow<Row, Extra = unknown>(
  store: Store,
  query: Compilable<unknown>,
  schema: TableSchema<Row>,
  read: (row: Row & Extra) => void,
): void {
  const note = (found: FoundDamage): void => noteDamage(store, found);
  eachRow(store, query, (stored) => {
    const row = readRow(schema, stored as Record<string, unknown>, note);
    if (row !== undefined) read(row as Row & Extra);
  });
}

/** The sound rows of a query over the columns of one table, further columns as they are. */
export function soundRows<Row, Extra = unknown>(
  store: Store,
  query: Compilable<unknown>,
  schema: TableSchema<Row>,
): (Row & Extra)[] {
  const sound: (Row & Extra)[] = [];
  eachSoundRow<Row, Extra>(store, query, schema, (row) => sound.push(row));
  return sound;
}

/** The first row of a query over the columns of one table; 'damaged' where it holds a wrong value. */
export function firstSoundRow<Row>(
  store: Store,
  query: Compilable<unknown>,
  schema: TableSchema<Row>,
): Row | 'damaged' | undefined {
  const [stored] = rows(store, query);
  if (stored === undefined) return undefined;
  return readRow(schema, stored as Record<string, unknown>, (found) => noteDamage(store, found)) ?? 'damaged';
}

/** @throws UserError where the last attempt is damaged: neither its number nor its status is known */
export function assertSoundAttempt<Row>(
  { file }: Store,
  last: Row | 'damaged' | undefined,
  trialId: string,
): asserts last is Row | undefined {
  if (last === 'damaged')
    throw new UserError(`${file}: the stored result of trial ${trialId} is damaged`, {
      fix: doctorFix(file),
    });
}

/** Notes each damaged column once. */
export function noteDamage({ damaged }: Store, found: FoundDamage): void {
  const { table, row, column } = found.damage;
  damaged.set(`${table} ${row} ${column}`, found);
}
