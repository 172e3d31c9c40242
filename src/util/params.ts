/**
 * Declared parameters of blocks, stems, heads, data sets, recipes and strategies. A `ParamSpec` table gives
 * kind, default, range and meaning. The language checks values against it at their source span; `--help` and
 * `stagecraft blocks` print it.
 */

export type ParamValue = number | string | boolean;
export type ParamValues = Readonly<Record<string, ParamValue>>;

interface Common<V> {
  /** Value when the user gives none; absent means required. */
  readonly default?: V;
  /** Meaning with its unit, in one line. */
  readonly doc: string;
  /** Stored descriptions leave it out where it has its default: results were stored before it came. */
  readonly unsaidDefault?: true;
}
export interface IntParam extends Common<number> {
  readonly kind: 'int';
  readonly min: number;
  readonly max: number /** Only odd values (kernel sizes). */;
  readonly odd?: boolean;
}
export interface NumberParam extends Common<number> {
  readonly kind: 'number';
  readonly min: number;
  readonly max: number;
}
export interface ChoiceParam extends Common<string> {
  readonly kind: 'choice';
  readonly oneOf: readonly string[];
}
export interface BoolParam extends Common<boolean> {
  readonly kind: 'bool';
}
export interface TextParam extends Common<string> {
  readonly kind: 'text';
}
/**
 * Different integers in order. The value is their text, joined by `-`: `1-2-4`, written `[1, 2, 4]` in a
 * space file.
 */
export interface ListParam extends Common<string> {
  readonly kind: 'list';
  readonly min: number;
  readonly max: number /** Most of them; at least one. */;
  readonly most: number;
}
export type ParamSpec = IntParam | NumberParam | ChoiceParam | BoolParam | TextParam | ListParam;
export type ParamTable = Readonly<Record<string, ParamSpec>>;

/** The value type that a table describes. */
export type ParamsOf<T extends ParamTable> = {
  readonly [K in keyof T]: T[K] extends { kind: 'int' | 'number' }
    ? number
    : T[K] extends { kind: 'bool' }
      ? boolean
      : string;
};

/** The integers of a list's value; undefined where it is none. */
export function listItems(value: ParamValue): number[] | undefined {
  return typeof value === 'string' && /^(0|[1-9]\d*)(-(0|[1-9]\d*))*$/.test(value)
    ? value.split('-').map(Number)
    : undefined;
}
/** The value as a space file writes it; lists as `[1, 2, 4]`. */
export const listText = (value: ParamValue): string =>
  listItems(value) ? `[${listItems(value)!.join(', ')}]` : String(value);

/**
 * A constraint on parameters that does not hold: the parameters involved, and the message `rule, got value`.
 */
export interface Violation {
  readonly parameters: readonly string[];
  readonly message: string;
}
export const violation = (parameters: readonly string[], message: string): Violation => ({
  parameters,
  message,
});

/** Why `value` is not allowed for `spec`, as `rule, got value`; undefined when it is. */
export function paramProblem(name: string, spec: ParamSpec, value: ParamValue): string | undefined {
  const got = `got ${JSON.stringify(value)}`;
  switch (spec.kind) {
    case 'int':
      if (typeof value !== 'number' || !Number.isInteger(value)) return `${name} must be an integer, ${got}`;
      if (value < spec.min || value > spec.max) return `${name} must lie in ${spec.min}..${spec.max}, ${got}`;
      return spec.odd && value % 2 === 0 ? `${name} must be odd, ${got}` : undefined;
    case 'number':
      if (typeof value !== 'number' || !Number.isFinite(value)) return `${name} must be a number, ${got}`;
      return value < spec.min || value > spec.max
        ? `${name} must lie in ${spec.min}..${spec.max}, ${got}`
        : undefined;
    case 'choice':
      return typeof value === 'string' && spec.oneOf.includes(value)
        ? undefined
        : `${name} must be one of ${spec.oneOf.join(', ')}, ${got}`;
    case 'bool':
      return typeof value === 'boolean' ? undefined : `${name} must be true or false, ${got}`;
    case 'text':
      return typeof value === 'string' ? undefined : `${name} must be a text, ${got}`;
    case 'list': {
      const items = listItems(value);
      const rule = `${name} must be a list of integers in ${spec.min}..${spec.max}`;
      if (!items) return `${rule} such as ${listText(spec.default ?? String(spec.min))}, ${got}`;
      if (items.some((item) => item < spec.min || item > spec.max)) return `${rule}, got ${listText(value)}`;
      if (items.length > spec.most)
        return `${name} may hold at most ${spec.most} integers, got ${items.length}`;
      return new Set(items).size < items.length
        ? `${name} must be different integers, got ${listText(value)}`
        : undefined;
    }
    default:
      return spec satisfies never;
  }
}

/**
 * The given values completed by the table's defaults; a parameter without default that is not given stays
 * missing.
 */
export function paramsWithDefaults(table: ParamTable, given: ParamValues = {}): ParamValues {
  const defaults = Object.entries(table).flatMap(([name, spec]) =>
    spec.default === undefined ? [] : [[name, spec.default] as const],
  );
  return { ...Object.fromEntries(defaults), ...given };
}
