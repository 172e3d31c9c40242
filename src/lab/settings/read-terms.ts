/** Reads the terms of an experiment file against declared parameters; errors carry the span of the term. */

import type { DiagnosticCollector } from '../../language/diagnostic-collector.js';
import type { ExperimentFile, Term } from '../../language/experiment-file.js';
import { meantName, nameHint } from '../../util/nearest-name.js';
import {
  type ParamSpec,
  type ParamTable,
  type ParamValue,
  type ParamValues,
  paramProblem,
} from '../../util/params.js';

export type Call = Extract<Term, { kind: 'call' }>;

/** Short text of a term, for messages. */
export function termText(term: Term): string {
  switch (term.kind) {
    case 'number':
      return String(term.value);
    case 'text':
      return term.value;
    case 'set':
      return `{${term.items.map(termText).join(', ')}}`;
    case 'call':
      return `${term.name}(…)`;
    default:
      return term satisfies never;
  }
}

/** `name(…)`; a bare word is a call without arguments. */
export function asCall(term: Term, what: string, diagnostics: DiagnosticCollector): Call | undefined {
  if (term.kind === 'call') return term;
  if (term.kind === 'text' && !term.quoted)
    return { kind: 'call', name: term.value, args: [], span: term.span };
  return diagnostics.error(
    term.span,
    `${what} must be a name with arguments, got ${JSON.stringify(termText(term))}`,
  );
}

/** The entry of `table` that the call names. */
export function lookUp<V>(
  call: Call,
  table: Readonly<Record<string, V>>,
  what: string,
  diagnostics: DiagnosticCollector,
): V | undefined {
  if (Object.hasOwn(table, call.name)) return table[call.name]!;
  return diagnostics.error(
    { ...call.span, length: call.name.length },
    `${what} must be a known name, got ${JSON.stringify(call.name)}`,
    nameHint(call.name, Object.keys(table)),
  );
}

/** A scalar term as the kind of value that `spec` wants; undefined where it is a set or call. */
function scalar(term: Term, spec: ParamSpec): ParamValue | undefined {
  if (term.kind === 'number')
    return spec.kind === 'text' || spec.kind === 'choice' ? termText(term) : term.value;
  if (term.kind !== 'text') return undefined;
  const isBool = spec.kind === 'bool' && !term.quoted && /^(true|false)$/.test(term.value);
  return isBool ? term.value === 'true' : term.value;
}

/**
 * All parameters of a call, defaults filled in, in the order of the table; undefined where an error was
 * reported.
 * @param others argument names that the caller reads itself
 */
export function readParams(
  call: Call,
  table: ParamTable,
  diagnostics: DiagnosticCollector,
  others: readonly string[] = [],
): ParamValues | undefined {
  const before = diagnostics.errorCount;
  const values: Record<string, ParamValue> = {};
  for (const arg of call.args) {
    if (others.includes(arg.name)) continue;
    const spec = Object.hasOwn(table, arg.name) ? table[arg.name] : undefined;
    if (!spec) {
      diagnostics.error(
        arg.nameSpan,
        `${call.name}: unknown parameter, got ${JSON.stringify(arg.name)}`,
        nameHint(arg.name, [...others, ...Object.keys(table)]),
      );
      continue;
    }
    const value = scalar(arg.value, spec);
    const problem =
      value === undefined
        ? `${arg.name} must be one value, got ${termText(arg.value)}`
        : paramProblem(arg.name, spec, value);
    if (problem !== undefined)
      diagnostics.error(arg.value.span, `${call.name}: ${problem}`, meantChoice(value, spec) ?? spec.doc);
    else values[arg.name] = value!;
  }
  const complete: Record<string, ParamValue> = {};
  for (const [name, spec] of Object.entries(table)) {
    const value = values[name] ?? spec.default;
    if (value !== undefined) complete[name] = value;
    else if (!call.args.some((arg) => arg.name === name))
      diagnostics.error(call.span, `${call.name}: ${name} must be given`, spec.doc);
  }
  return diagnostics.errorCount > before ? undefined : complete;
}

/** `did you mean \`float16\`?`, where a choice has another name. */
function meantChoice(value: ParamValue | undefined, spec: ParamSpec): string | undefined {
  const near = spec.kind === 'choice' ? meantName(String(value), spec.oneOf) : undefined;
  return near === undefined ? undefined : `did you mean \`${near}\`?`;
}

/** A set of distinct whole numbers within bounds, or one such number, e.g. `{1, 16, 64}`. */
export function readWholeNumbers(
  term: Term,
  what: string,
  bounds: { readonly min: number; readonly max: number },
  diagnostics: DiagnosticCollector,
): number[] | undefined {
  const items = term.kind === 'set' ? term.items : [term];
  if (items.length === 0)
    return diagnostics.error(term.span, `${what} must hold at least one number, got {}`);
  const numbers: number[] = [];
  for (const item of items) {
    if (
      item.kind !== 'number' ||
      !Number.isInteger(item.value) ||
      item.value < bounds.min ||
      item.value > bounds.max
    ) {
      return diagnostics.error(
        item.span,
        `${what} must be whole numbers in ${bounds.min}..${bounds.max}, ` +
          `got ${JSON.stringify(termText(item))}`,
      );
    }
    if (numbers.includes(item.value))
      return diagnostics.error(item.span, `${what} must be distinct, got ${item.value} twice`);
    numbers.push(item.value);
  }
  return numbers;
}

/** The elements of a set, or the one term; empty for none. */
export const termItems = (term: Term | undefined): readonly Term[] => {
  if (!term) return [];
  return term.kind === 'set' ? term.items : [term];
};

type Source = ExperimentFile['settings'][number];

/** The only term of a setting. @param hint of the error where there are more */
export function singleTerm(
  { keyword, terms }: Source,
  diagnostics: DiagnosticCollector,
  hint?: string,
): Term | undefined {
  const extra = terms[1];
  if (extra)
    return diagnostics.error(
      extra.span,
      `${keyword} takes one value, got ${JSON.stringify(termText(extra))} too`,
      hint,
    );
  return terms[0];
}

export interface ReadCall {
  readonly call: Call;
  /** Complete and checked. */
  readonly values: ParamValues;
}

/**
 * A call with its parameters, checked against the table that its name selects.
 * @param options.term default: the only term of the setting
 * @param options.others argument names that the caller reads itself
 */
export function readCall(
  source: Source,
  tables: Readonly<Record<string, ParamTable>>,
  diagnostics: DiagnosticCollector,
  options: { readonly term?: Term | undefined; readonly others?: readonly string[] } = {},
): ReadCall | undefined {
  const term = options.term ?? singleTerm(source, diagnostics);
  const call = term && asCall(term, source.keyword, diagnostics);
  const params = call && lookUp(call, tables, source.keyword, diagnostics);
  const values = params && readParams(call, params, diagnostics, options.others);
  return values && { call, values };
}
