/**
 * Declared parameters: one vocabulary for the parameters of blocks, stems, heads, data sets, recipes and strategies.
 * A `ParamSpec` table says kind, default, range and meaning; the language checks a user's values against it at their place
 * in the file, `--help` and `stagecraft blocks` print it.
 */

export type ParamValue = number | string | boolean;
export type ParamValues = Readonly<Record<string, ParamValue>>;

interface Common<V> {
  /** Value when the user gives none; absent means required. */
  readonly default?: V;
  /** What it is, with its unit, in one line. */
  readonly doc: string;
}
export interface IntParam extends Common<number> { readonly kind: 'int'; readonly min: number; readonly max: number; /** Only odd values (kernel sizes). */ readonly odd?: boolean }
export interface NumberParam extends Common<number> { readonly kind: 'number'; readonly min: number; readonly max: number }
export interface ChoiceParam extends Common<string> { readonly kind: 'choice'; readonly oneOf: readonly string[] }
export interface BoolParam extends Common<boolean> { readonly kind: 'bool' }
export interface TextParam extends Common<string> { readonly kind: 'text' }
export type ParamSpec = IntParam | NumberParam | ChoiceParam | BoolParam | TextParam;
export type ParamTable = Readonly<Record<string, ParamSpec>>;

/** The value type that a table describes. */
export type ParamsOf<T extends ParamTable> = {
  readonly [K in keyof T]: T[K] extends { kind: 'int' | 'number' } ? number : T[K] extends { kind: 'bool' } ? boolean : string;
};

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
      return value < spec.min || value > spec.max ? `${name} must lie in ${spec.min}..${spec.max}, ${got}` : undefined;
    case 'choice':
      return typeof value === 'string' && spec.oneOf.includes(value) ? undefined : `${name} must be one of ${spec.oneOf.join(', ')}, ${got}`;
    case 'bool':
      return typeof value === 'boolean' ? undefined : `${name} must be true or false, ${got}`;
    case 'text':
      return typeof value === 'string' ? undefined : `${name} must be a text, ${got}`;
    default:
      return spec satisfies never;
  }
}

/** The given values completed by the table's defaults; a parameter without default that is not given stays missing. */
export function paramsWithDefaults(table: ParamTable, given: ParamValues = {}): ParamValues {
  const defaults = Object.entries(table).flatMap(([name, spec]) => (spec.default === undefined ? [] : [[name, spec.default] as const]));
  return { ...Object.fromEntries(defaults), ...given };
}
