/** Typed values of the settings of searches and ablations, and of what both share, as terms of a file. */
import type { Term } from '../language/experiment-file.js';
import { parseExperiment } from '../language/parse-experiment.js';
import { renderDiagnostics } from '../language/render-diagnostic.js';
import { DiagnosticError, type Span } from '../util/errors.js';

export type Scalar = string | number | boolean;

/** `name(parameter: value, …)`. */
export interface CallValue {
  readonly call: string;
  readonly args: Readonly<Record<string, TermValue>>;
}
export type TermValue = Scalar | CallValue | readonly TermValue[];

/**
 * A call with its parameters, as files write them.
 * @example call('nsga2', { population: 24 })
 */
export const call = (name: string, args: Readonly<Record<string, TermValue>> = {}): CallValue => ({
  call: name,
  args,
});

/** Settings of searches and ablations; `docs/settings.md` lists the calls and parameters of each. */
export interface DesignValues {
  /** Path of the space file. */
  readonly space?: string;
  /** `call('random', { size: 8 })`; of a search or an ablation none. */
  readonly sample?: CallValue;
  readonly strategy?: { readonly of: CallValue | string; readonly seed?: number };
  /** Hard constraints of a search, as a file writes them: `params <= 2M and latency@1 <= 5`. */
  readonly where?: string;
  readonly budget?: {
    readonly trials?: number;
    readonly hours?: number;
    readonly until?: { readonly trials?: number; readonly rise?: number };
  };
  readonly question?: string;
  /** Layout of a member, or its rank. */
  readonly baseline?: string | number;
  /** `[call('block', { letter: 'C', to: ['mbconv', 'convnext'] })]` */
  readonly factors?: readonly CallValue[];
  /** Costs that are held: `{ macs: 0.02, by: 'width' }`. */
  readonly hold?: Readonly<Record<string, Scalar>>;
  readonly design?: CallValue | string;
  /** `call('better', { by: 0.005 })` */
  readonly rule?: CallValue;
  /** Path of a CSV file. */
  readonly published?: string;
  readonly fidelities?: readonly Readonly<Record<string, Scalar>>[];
  readonly stopping?: CallValue;
  readonly objectives?: readonly string[];
}

export const designKeywords = [
  'space',
  'sample',
  'strategy',
  'where',
  'budget',
  'question',
  'baseline',
  'factors',
  'hold',
  'design',
  'rule',
  'published',
  'fidelities',
  'stopping',
  'objectives',
] as const satisfies readonly (keyof DesignValues)[];
type Keyword = (typeof designKeywords)[number];

const spanOf = (keyword: string): Span => ({ file: keyword, line: 1, column: 1, length: 1 });

/** @param span where an error of the value points */
export function termOf(value: TermValue, span: Span): Term {
  if (typeof value === 'number') return { kind: 'number', value, span };
  if (typeof value !== 'object')
    return { kind: 'text', value: String(value), quoted: /\s/.test(String(value)), span };
  if (!('call' in value)) return { kind: 'set', items: value.map((item) => termOf(item, span)), span };
  return {
    kind: 'call',
    name: value.call,
    args: Object.entries(value.args).map(([name, given]) => ({
      name,
      nameSpan: span,
      value: termOf(given, span),
    })),
    span,
  };
}

/** A bare name counts as a call without parameters. */
const callOf = (value: CallValue | string): TermValue => value;

/** @throws DiagnosticError for a syntax error in the text */
function parsedTerms(keyword: string, text: string): readonly Term[] {
  const file = `experiment text\n  ${keyword} ${text.replaceAll('\n', ' ')}\n`;
  const { experiment, diagnostics } = parseExperiment(file, keyword);
  if (experiment && diagnostics.length === 0) return experiment.settings[0]?.terms ?? [];
  throw new DiagnosticError(diagnostics, renderDiagnostics(diagnostics, file));
}

function budgetValues({ trials, hours, until }: NonNullable<DesignValues['budget']>): TermValue[] {
  return [
    ...(trials === undefined ? [] : [trials, 'trials']),
    ...(hours === undefined ? [] : [hours, 'hours']),
    ...(until === undefined ? [] : ['until', call('steady', { ...until })]),
  ];
}

/** The terms of one setting as plain values. */
function valuesOf(keyword: Exclude<Keyword, 'where'>, values: DesignValues): readonly TermValue[] {
  switch (keyword) {
    case 'strategy': {
      const { of, seed } = values.strategy!;
      return [callOf(of), ...(seed === undefined ? [] : ['seed', seed])];
    }
    case 'budget':
      return budgetValues(values.budget!);
    case 'hold':
      return [call('equal', values.hold)];
    case 'fidelities':
      return [values.fidelities!.map((each) => call('fidelity', each))];
    default:
      return [values[keyword]!];
  }
}

/** The settings that are given, as terms. @throws DiagnosticError for a syntax error in `where` */
export function designTerms(values: DesignValues): Partial<Record<Keyword, readonly Term[]>> {
  return Object.fromEntries(
    designKeywords.flatMap((keyword): (readonly [Keyword, readonly Term[]])[] => {
      if (values[keyword] === undefined) return [];
      if (keyword === 'where') return [[keyword, parsedTerms(keyword, values.where!)]];
      const span = spanOf(keyword);
      return [[keyword, valuesOf(keyword, values).map((value) => termOf(value, span))]];
    }),
  );
}
