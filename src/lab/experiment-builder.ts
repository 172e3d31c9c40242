/**
 * Builds an experiment from typed values, as `language/builder` builds spaces. A value may name the
 * command-line option that it came from; diagnostics then point at that option.
 *
 *   experiment({
 *     name: 'profile',
 *     profile: { batches: fromOption('--batches', [1, 16]), launches: fromOption('--launches', 3) },
 *   })
 */
import type { ExperimentFile, Term } from '../language/experiment-file.js';
import { parseArguments, parseTerm } from '../language/parse-experiment.js';
import { type Diagnostic, DiagnosticError, type Span } from '../util/errors.js';
import { type CallValue, type DesignValues, designTerms, type Scalar, termOf } from './design-terms.js';
import { renderOptionDiagnostics } from './option-diagnostics.js';
import { printExperiment } from './print-experiment.js';

type Plain = Scalar | readonly Scalar[];
type Argument = Extract<Term, { kind: 'call' }>['args'][number];

/** A value with the option that it came from. */
export interface FromOption<V> {
  readonly option: string;
  readonly value: V;
}
/** A value in the experiment language, as the user wrote it in an option. */
export interface OptionText {
  readonly option: string;
  readonly text: string;
}
export type Sourced<V> = V | FromOption<V>;

export const fromOption = <V extends Plain>(option: string, value: V): FromOption<V> => ({ option, value });
export const optionText = (option: string, text: string): OptionText => ({ option, text });

export interface ExperimentValues extends DesignValues {
  readonly name: string;
  readonly data?: OptionText | CallValue;
  readonly train?: {
    readonly recipe: OptionText | CallValue | string;
    readonly seeds?: Sourced<readonly number[]>;
  };
  readonly stages?: OptionText | undefined;
  readonly initial?: { readonly file: Sourced<string>; readonly mode: Sourced<string> } | undefined;
  readonly zeroCost?: {
    readonly of: Sourced<string | readonly string[]>;
    readonly batch: Sourced<number>;
    readonly seed: Sourced<number>;
  };
  readonly profile?: {
    readonly batches: Sourced<readonly number[]>;
    readonly launches?: Sourced<number>;
    readonly threads?: Sourced<number>;
    /** Further parameters, e.g. `half-width: 0.002, cap-ms: 5000`. */
    readonly protocol?: OptionText | undefined;
  };
  readonly workers?: { readonly threads: Sourced<number> };
  readonly runtime?: {
    readonly id: Sourced<string>;
    readonly execution?: Sourced<string>;
    readonly precision?: Sourced<string> | undefined;
    readonly xla?: Sourced<boolean> | undefined;
    readonly kernels?: Sourced<string> | undefined;
    readonly channelsLast?: Sourced<boolean> | undefined;
    readonly cudaGraphs?: Sourced<boolean> | undefined;
    readonly ranks?: Sourced<number> | undefined;
    readonly device?: Sourced<string> | undefined;
    readonly provider?: Sourced<string> | undefined;
    readonly python?: Sourced<string> | undefined;
  };
}

export interface BuiltExperiment {
  readonly file: ExperimentFile;
  /** Texts of options, by option. */
  readonly texts: ReadonlyMap<string, string>;
}

const noOption = 'command line';
const spanOf = (option: string): Span => ({ file: option, line: 1, column: 1, length: 1 });

function isSourced<V extends Plain>(value: Sourced<V>): value is FromOption<V> {
  return typeof value === 'object' && 'option' in value;
}

function plainTerm(value: Sourced<Plain>): Term {
  const [option, plain] = isSourced(value) ? [value.option, value.value] : [noOption, value as Plain];
  const span = spanOf(option);
  const scalar = (item: Scalar): Term =>
    typeof item === 'number'
      ? { kind: 'number', value: item, span }
      : { kind: 'text', value: String(item), quoted: false, span };
  return Array.isArray(plain) ? { kind: 'set', items: plain.map(scalar), span } : scalar(plain as Scalar);
}

/** `name(a: …, b: …)`; undefined arguments are left out. */
function callOf(
  name: Sourced<string>,
  args: Readonly<Record<string, Sourced<Plain> | undefined>>,
  further: readonly Argument[] = [],
): Term {
  const { value, option } = isSourced(name) ? name : { value: name, option: noOption };
  const own = Object.entries(args).flatMap(([key, given]): Argument[] => {
    if (given === undefined) return [];
    const term = plainTerm(given);
    return [{ name: key, nameSpan: term.span, value: term }];
  });
  return { kind: 'call', name: value, args: [...own, ...further], span: spanOf(option) };
}

/** @throws DiagnosticError for a syntax error in the option */
function parsed<V>(
  { option, text }: OptionText,
  parse: (text: string, file: string) => { readonly value?: V; readonly diagnostics: readonly Diagnostic[] },
): V {
  const { value, diagnostics } = parse(text, option);
  if (value !== undefined && diagnostics.length === 0) return value;
  throw new DiagnosticError(diagnostics, renderOptionDiagnostics(diagnostics, new Map([[option, text]])));
}

const parsedTerm = (text: OptionText): Term => parsed(text, parseTerm);
const callTerm = (value: OptionText | CallValue | string): Term =>
  typeof value === 'object' && 'option' in value ? parsedTerm(value) : termOf(value, spanOf(noOption));

function seedTerms(seeds: Sourced<readonly number[]> | undefined): Term[] {
  return seeds === undefined ? [] : [plainTerm('seeds'), plainTerm(seeds)];
}

/** The settings that are given, as terms. */
function termsOf(values: ExperimentValues): Readonly<Record<string, readonly Term[] | undefined>> {
  const { data, train, stages, initial, zeroCost, profile, workers, runtime } = values;
  const protocol = profile?.protocol === undefined ? [] : parsed(profile.protocol, parseArguments);
  return {
    ...designTerms(values),
    profile: profile && [
      callOf(
        'throughput',
        { batches: profile.batches, launches: profile.launches, threads: profile.threads },
        protocol,
      ),
    ],
    data: data && [callTerm(data)],
    train: train && [callTerm(train.recipe), ...seedTerms(train.seeds)],
    stages: stages && [parsedTerm(stages)],
    initial: initial && [callOf('weights', { file: initial.file, mode: initial.mode })],
    'zero-cost': zeroCost && [
      callOf('measures', { of: zeroCost.of, batch: zeroCost.batch, seed: zeroCost.seed }),
    ],
    workers: workers && [callOf('trainings', { threads: workers.threads })],
    runtime: runtime && [
      callOf(runtime.id, {
        execution: runtime.execution,
        precision: runtime.precision,
        xla: runtime.xla,
        kernels: runtime.kernels,
        'channels-last': runtime.channelsLast,
        'cuda-graphs': runtime.cudaGraphs,
        ranks: runtime.ranks,
        device: runtime.device,
        provider: runtime.provider,
        python: runtime.python,
      }),
    ],
  };
}

function textsOf({ data, train, stages, profile }: ExperimentValues): Map<string, string> {
  const given = [data, train?.recipe, stages, profile?.protocol];
  const texts = given.filter((each) => typeof each === 'object' && 'option' in each);
  return new Map(texts.map(({ option, text }) => [option, text]));
}

/**
 * The experiment file that states these values; its text is what results are stored with.
 * @throws DiagnosticError for a syntax error in an option's text
 */
export function experiment(values: ExperimentValues): BuiltExperiment {
  const settings = Object.entries(termsOf(values)).flatMap(([keyword, terms]) =>
    terms === undefined ? [] : [{ keyword, keywordSpan: terms[0]!.span, terms }],
  );
  const unprinted = { name: values.name, nameSpan: spanOf(noOption), settings };
  return { file: { ...unprinted, text: printExperiment(unprinted) }, texts: textsOf(values) };
}
