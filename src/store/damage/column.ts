/** What a column of a table may hold. A column's `read` returns the program's value of a stored one. */
import type { z } from 'zod';

/** Why a stored value is wrong: `rule, got value`. */
export class Wrong {
  constructor(readonly reason: string) {}
}

export interface Column<V> {
  read(value: unknown): V | Wrong;
  /** Taken for a wrong value, where the row is of use without it. Absent: the row is left out. */
  readonly fallback?: V;
  /** Null is read as null, so that a row's reader need not ask. */
  readonly isNullable?: true;
}

const shown = (value: unknown): string => {
  const text = value instanceof Uint8Array ? `${value.length} bytes` : (JSON.stringify(value) ?? 'nothing');
  return text.length > 60 ? `${text.slice(0, 57)}...` : text;
};

const rule = <V>(is: (value: unknown) => boolean, expected: string): Column<V> => ({
  read: (value) => (is(value) ? (value as V) : new Wrong(`must be ${expected}, got ${shown(value)}`)),
});

export const text: Column<string> = rule((value) => typeof value === 'string', 'a text');
export const finite: Column<number> = rule(Number.isFinite, 'a finite number');
export const positive: Column<number> = rule(
  (value) => Number.isFinite(value) && (value as number) >= 0,
  'a finite number of at least 0',
);
export const count: Column<number> = rule(
  (value) => Number.isSafeInteger(value) && (value as number) >= 0,
  'a whole number of at least 0',
);
/** Of 0..1. */
export const fraction: Column<number> = rule(
  (value) => Number.isFinite(value) && (value as number) >= 0 && (value as number) <= 1,
  'a fraction of 0 to 1',
);
const instants = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z$/;
/** ISO 8601, UTC. */
export const instant: Column<string> = rule(
  (value) => typeof value === 'string' && instants.test(value),
  'a time in ISO 8601',
);
/** A whole number of any size, as a text. */
export const decimal: Column<string> = rule(
  (value) => typeof value === 'string' && /^\d+$/.test(value),
  'a decimal number',
);
export const bytes: Column<Buffer> = rule((value) => value instanceof Uint8Array, 'bytes');
/** Packed float64. */
export const doubles: Column<Buffer> = rule(
  (value) => value instanceof Uint8Array && value.length % 8 === 0,
  'bytes in multiples of 8',
);

export const oneOf = <const V extends string>(...values: readonly V[]): Column<V> => {
  const known = new Set<unknown>(values);
  return rule((value) => known.has(value), `one of ${values.join(', ')}`);
};

export const nullable = <V>(column: Column<V>): Column<V | null> => ({
  isNullable: true,
  read: (value) => (value === null ? null : column.read(value)),
});

export const withFallback = <V>(column: Column<V>, fallback: V): Column<V> => ({ ...column, fallback });

/** `column`, which remembers the last text: of columns that hold the same text in row after row. */
export function repeated<V>(column: Column<V>): Column<V> {
  let last: { readonly text: string; readonly value: V } | undefined;
  return {
    ...column,
    read(stored) {
      if (last !== undefined && stored === last.text) return last.value;
      const value = column.read(stored);
      if (typeof stored === 'string' && !(value instanceof Wrong)) last = { text: stored, value };
      return value;
    },
  };
}

/**
 * JSON of the form that `schema` gives; read as its value.
 * @param isUsual quick test of values that are sound as they are; the schema decides on all others
 */
export const json = <V>(
  schema: z.ZodType<V>,
  isUsual: (value: unknown) => boolean = () => false,
): Column<V> => ({
  read(stored) {
    if (typeof stored !== 'string') return new Wrong(`must be JSON, got ${shown(stored)}`);
    let value: unknown;
    try {
      value = JSON.parse(stored);
    } catch {
      return new Wrong(`must be JSON, got ${shown(stored)}`);
    }
    if (isUsual(value)) return value as V;
    const parsed = schema.safeParse(value);
    if (parsed.success) return parsed.data;
    const { path, message } = parsed.error.issues[0]!;
    const place = path.length > 0 ? `at ${path.map(String).join('.')}: ` : '';
    return new Wrong(`${place}${message.charAt(0).toLowerCase()}${message.slice(1)}, got ${shown(stored)}`);
  },
});
