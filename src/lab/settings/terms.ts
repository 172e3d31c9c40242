/** Reads the terms of an experiment file against declared parameters, with findings at their places. */
import type { Term } from '../../language/experiment-file.js';
import type { Diagnostic, Span } from '../../util/errors.js';
import { nameHint } from '../../util/nearest-name.js';
import {
  type ParamSpec,
  type ParamTable,
  type ParamValue,
  type ParamValues,
  paramProblem,
} from '../../util/params.js';

/** Collects findings; reading goes on after one, so that a run reports them all. */
export class Findings {
  readonly list: Diagnostic[] = [];
  error(span: Span, message: string, hint?: string): undefined {
    this.list.push({ severity: 'error', span, message, ...(hint === undefined ? {} : { hint }) });
    return undefined;
  }
  warn(span: Span, message: string): void {
    this.list.push({ severity: 'warning', span, message });
  }
}

export type Call = Extract<Term, { kind: 'call' }>;

/** As it stands in the file, for messages. */
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
export function asCall(term: Term, what: string, findings: Findings): Call | undefined {
  if (term.kind === 'call') return term;
  if (term.kind === 'text' && !term.quoted)
    return { kind: 'call', name: term.value, args: [], span: term.span };
  return findings.error(
    term.span,
    `${what} must be a name with arguments, got ${JSON.stringify(termText(term))}`,
  );
}

/** The entry of `table` that the call names. */
export function lookUp<V>(
  call: Call,
  table: Readonly<Record<string, V>>,
  what: string,
  findings: Findings,
): V | undefined {
  if (Object.hasOwn(table, call.name)) return table[call.name]!;
  return findings.error(
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
  if (spec.kind === 'bool' && !term.quoted)
    return term.value === 'true' ? true : term.value === 'false' ? false : term.value;
  return term.value;
}

/**
 * All parameters of a call, defaults filled in, in the order of the table; undefined when a finding was made.
 * @param others argument names that the caller reads itself
 */
export function readParams(
  call: Call,
  table: ParamTable,
  findings: Findings,
  others: readonly string[] = [],
): ParamValues | undefined {
  const before = findings.list.length;
  const values: Record<string, ParamValue> = {};
  for (const arg of call.args) {
    if (others.includes(arg.name)) continue;
    const spec = Object.hasOwn(table, arg.name) ? table[arg.name] : undefined;
    if (!spec) {
      findings.error(
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
    if (problem !== undefined) findings.error(arg.value.span, `${call.name}: ${problem}`, spec.doc);
    else values[arg.name] = value!;
  }
  const complete: Record<string, ParamValue> = {};
  for (const [name, spec] of Object.entries(table)) {
    const value = values[name] ?? spec.default;
    if (value !== undefined) complete[name] = value;
    else if (!call.args.some((arg) => arg.name === name))
      findings.error(call.span, `${call.name}: ${name} must be given`, spec.doc);
  }
  return findings.list.length > before ? undefined : complete;
}

/** A set of distinct whole numbers within bounds, or one such number, e.g. `{1, 16, 64}`. */
export function readWholeNumbers(
  term: Term,
  what: string,
  bounds: { readonly min: number; readonly max: number },
  findings: Findings,
): number[] | undefined {
  const items = term.kind === 'set' ? term.items : [term];
  if (items.length === 0) return findings.error(term.span, `${what} must hold at least one number, got {}`);
  const numbers: number[] = [];
  for (const item of items) {
    if (
      item.kind !== 'number' ||
      !Number.isInteger(item.value) ||
      item.value < bounds.min ||
      item.value > bounds.max
    ) {
      return findings.error(
        item.span,
        `${what} must be whole numbers in ${bounds.min}..${bounds.max}, got ${JSON.stringify(termText(item))}`,
      );
    }
    if (numbers.includes(item.value))
      return findings.error(item.span, `${what} must be distinct, got ${item.value} twice`);
    numbers.push(item.value);
  }
  return numbers;
}
