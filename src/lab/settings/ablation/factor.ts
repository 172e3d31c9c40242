/** Factors of an ablation: what one changes in a network or its recipe, and how it is written. */
import type { Architecture } from '../../../architecture/architecture.js';
import type { DiagnosticCollector } from '../../../language/diagnostic-collector.js';
import type { Term } from '../../../language/experiment-file.js';
import type { ParamTable, ParamValue, ParamValues } from '../../../util/params.js';

/** A network with the parameters of its recipe that differ from the experiment's. */
export interface Variant {
  readonly architecture: Architecture;
  readonly recipe: Readonly<Record<string, ParamValue>>;
}

export interface Level {
  /** As tables name it. */
  readonly label: string;
  /** What the experiment's hash covers. */
  readonly meaning: unknown;
  /** @throws UserError where it does not apply to the network */
  apply(variant: Variant): Variant;
}

export interface Factor {
  readonly name: string;
  readonly kind: string;
  readonly params: ParamValues;
  /** Levels besides the baseline's. */
  readonly levels: readonly Level[];
  /** The level of a network, as text. */
  current(variant: Variant): string;
}

export interface LevelContext {
  readonly diagnostics: DiagnosticCollector;
  /** Parameters of the recipe, and their values; undefined without training. */
  readonly recipe: { readonly params: ParamTable; readonly values: ParamValues } | undefined;
}

export interface FactorKind {
  /** One line for the reference. */
  readonly doc: string;
  /** Parameters besides `name` and `to`. */
  readonly params: ParamTable;
  /** Name where none is given. */
  nameOf(params: ParamValues): string;
  current(variant: Variant, params: ParamValues, context: LevelContext): string;
  /** Reads one level of `to`; undefined where an error was reported. */
  level(term: Term, params: ParamValues, context: LevelContext): Level | undefined;
}

/** Of all stages, or of the one whose number is given. */
export const stageParam = {
  kind: 'int',
  min: 0,
  max: 64,
  default: 0,
  doc: 'stage from 1; 0 for all',
} as const;

/** The architecture with stages mapped, all or the one that `stage` names. */
export function mapStages(
  architecture: Architecture,
  stage: ParamValue | undefined,
  map: (stage: Architecture['stages'][number], index: number) => Architecture['stages'][number],
): Architecture {
  return {
    ...architecture,
    stages: architecture.stages.map((each, index) =>
      stage === 0 || stage === undefined || stage === index + 1 ? map(each, index) : each,
    ),
  };
}
