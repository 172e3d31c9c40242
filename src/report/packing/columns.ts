/**
 * JSON by columns: an array of like objects becomes one array per property, and repeated values an index into
 * a dictionary. Half the text of the rows, and a third of it after compression. Pure, without Node: the page
 * bundles it.
 */

/** How an array of values is stored. */
export type Column =
  /** The values themselves. */
  | { readonly raw: readonly Json[] }
  /** `count` times one value. */
  | { readonly same: Json; readonly count: number }
  /** Positions in a dictionary. */
  | { readonly dictionary: Column; readonly at: readonly number[] }
  /** Nulls at `nulls`, ascending; `others` are the rest in order. */
  | { readonly nulls: readonly number[]; readonly count: number; readonly others: Column }
  /** Arrays: their lengths, and all members in order. */
  | { readonly lengths: Column; readonly members: Column }
  /** Objects: by property the rows that lack it, and the values of the others. */
  | { readonly properties: readonly Property[]; readonly count: number };

type Property = readonly [name: string, missing: readonly number[], values: Column];

export type Json = null | boolean | number | string | readonly Json[] | { readonly [name: string]: Json };

/** Fewer values than this stay as they are. */
const fewest = 8;

/** @param values as `JSON.stringify` would write them: a property that is undefined counts as missing */
export function toColumn(values: readonly Json[]): Column {
  const nulls = nullsOf(values);
  if (values.length < fewest || nulls.length === values.length) return { raw: values };
  if (nulls.length > 0) {
    const others = values.filter((value) => value !== null);
    if (!others.some((value) => typeof value === 'object')) return { raw: values };
    return { nulls, count: values.length, others: toColumn(others) };
  }
  return sameColumn(values) ?? dictionaryColumn(values) ?? partsColumn(values) ?? { raw: values };
}

function nullsOf(values: readonly Json[]): number[] {
  const positions: number[] = [];
  for (let index = 0; index < values.length; index++) if (values[index] === null) positions.push(index);
  return positions;
}

function sameColumn(values: readonly Json[]): Column | undefined {
  const [first] = values;
  if (typeof first === 'object') return undefined;
  return values.every((value) => value === first) ? { same: first!, count: values.length } : undefined;
}

/** Of texts, and of arrays and objects that hold some; numbers differ. */
function dictionaryColumn(values: readonly Json[]): Column | undefined {
  if (values.some((value) => typeof value === 'number' || typeof value === 'boolean')) return undefined;
  // texts and objects that were met before are found as they are, new objects by their text
  const known = new Map<Json, number>();
  const byText = new Map<string, number>();
  const dictionary: Json[] = [];
  const at: number[] = [];
  for (const value of values) {
    let position = known.get(value);
    const text = position === undefined && typeof value === 'object' ? JSON.stringify(value) : undefined;
    if (text !== undefined) position = byText.get(text);
    if (position === undefined) {
      position = dictionary.length;
      if (text !== undefined) byText.set(text, position);
      dictionary.push(value);
      if (dictionary.length > values.length / 3) return undefined;
    }
    known.set(value, position);
    at.push(position);
  }
  return { dictionary: { raw: dictionary }, at };
}

function partsColumn(values: readonly Json[]): Column | undefined {
  if (values.every((value): value is readonly Json[] => Array.isArray(value)))
    return {
      lengths: toColumn(values.map(({ length }) => length)),
      members: toColumn(values.flat()),
    };
  if (!values.every((value) => typeof value === 'object' && !Array.isArray(value))) return undefined;
  const rows = values as readonly JsonObject[];
  return { properties: propertyNames(rows).map((name) => propertyOf(rows, name)), count: rows.length };
}

type JsonObject = Readonly<Record<string, Json | undefined>>;

/** In the order in which they are met. */
function propertyNames(rows: readonly JsonObject[]): string[] {
  const names = new Set<string>();
  for (const row of rows) for (const name of Object.keys(row)) if (row[name] !== undefined) names.add(name);
  return [...names];
}

function propertyOf(rows: readonly JsonObject[], name: string): Property {
  const isInherited = name in Object.prototype; // such as `constructor`
  const missing: number[] = [];
  const values: Json[] = [];
  for (let index = 0; index < rows.length; index++) {
    const row = rows[index]!;
    const value = isInherited && !Object.hasOwn(row, name) ? undefined : row[name];
    if (value === undefined) missing.push(index);
    else values.push(value);
  }
  return [name, missing, toColumn(values)];
}

/** The values of a column. Equal values of a dictionary are one object. */
export function fromColumn(column: Column): Json[] {
  if ('raw' in column) return [...column.raw];
  if ('same' in column) return new Array<Json>(column.count).fill(column.same);
  if ('at' in column) {
    const dictionary = fromColumn(column.dictionary);
    return column.at.map((position) => dictionary[position]!);
  }
  if ('nulls' in column) return fromNulls(column.nulls, column.count, fromColumn(column.others));
  if ('lengths' in column)
    return fromArrays(fromColumn(column.lengths) as number[], fromColumn(column.members));
  return fromObjects(column.properties, column.count);
}

function fromNulls(nulls: readonly number[], count: number, others: readonly Json[]): Json[] {
  const values = new Array<Json>(count);
  let [taken, other] = [0, 0];
  for (let index = 0; index < count; index++) {
    const isNull = nulls[taken] === index;
    values[index] = isNull ? null : others[other]!;
    if (isNull) taken++;
    else other++;
  }
  return values;
}

function fromArrays(lengths: readonly number[], members: readonly Json[]): Json[] {
  let from = 0;
  return lengths.map((length) => members.slice(from, (from += length)));
}

function fromObjects(properties: readonly Property[], count: number): Json[] {
  const rows = Array.from({ length: count }, (): Record<string, Json> => ({}));
  for (const [name, missing, column] of properties) {
    const values = fromColumn(column);
    let [absent, next] = [0, 0];
    for (let index = 0; index < count; index++) {
      if (missing[absent] === index) absent++;
      else setOwn(rows[index]!, name, values[next++]!);
    }
  }
  return rows;
}

/** An assignment to `__proto__` would set no property. */
function setOwn(row: Record<string, Json>, name: string, value: Json): void {
  if (name !== '__proto__') row[name] = value;
  else Object.defineProperty(row, name, { value, writable: true, enumerable: true, configurable: true });
}
