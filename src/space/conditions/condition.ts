/**
 * The conditions of a space with all names resolved: boolean formulas over atomic predicates, which compare
 * numbers of a network (features) or state a relation of its layouts.
 */
import type { CompareOp } from '../../language/ast.js';
import type { SourceSpan } from '../../language/source-span.js';

/** Stages from 1, both ends included. */
export interface StageRange {
  readonly from: number;
  readonly to: number;
}

export type Measure = 'params' | 'macs' | 'memory';
/** A number of a network. `letter` undefined: any block. */
export type Feature =
  | { readonly kind: 'count' | 'share'; readonly letter: string | undefined; readonly stages: StageRange }
  /** `first`: 1 + the blocks before the first of the letter. `onset`: these over all blocks. */
  | { readonly kind: 'first' | 'onset'; readonly letter: string; readonly stages: StageRange }
  | { readonly kind: 'width'; readonly stage: number }
  | {
      readonly kind: 'cost';
      readonly measure: Measure /** undefined: the whole network, stem and head included */;
      readonly stages: StageRange | undefined;
    }
  | { readonly kind: 'asymmetry' };
export type NumberExpr =
  | { readonly kind: 'constant'; readonly value: number }
  | { readonly kind: 'feature'; readonly feature: Feature }
  /** The cost of the member with these layouts. */
  | { readonly kind: 'member'; readonly layout: string; readonly measure: Measure; readonly span: SourceSpan }
  | {
      readonly kind: 'arithmetic';
      readonly op: '+' | '-' | '*' | '/';
      readonly left: NumberExpr;
      readonly right: NumberExpr;
    };

export type Predicate =
  | {
      readonly kind: 'compare';
      readonly op: CompareOp;
      readonly left: NumberExpr;
      readonly right: NumberExpr;
    }
  | { readonly kind: 'symmetric' }
  | { readonly kind: 'before'; readonly first: string; readonly second: string; readonly stages: StageRange }
  | { readonly kind: 'no'; readonly word: readonly string[]; readonly stages: StageRange }
  | { readonly kind: 'alternating'; readonly stages: StageRange }
  /** `whole`: compares blocks with their parameters instead of letters alone. */
  | {
      readonly kind: 'equal' | 'mirror';
      readonly first: number;
      readonly second: number;
      readonly whole: boolean;
    }
  | { readonly kind: 'rising' | 'falling'; readonly letter: string; readonly stages: StageRange };
export type Formula =
  | { readonly kind: 'predicate'; readonly predicate: Predicate }
  | { readonly kind: 'and' | 'or'; readonly items: readonly Formula[] }
  | { readonly kind: 'not'; readonly item: Formula };

/** One conjunct of a `where`, with its source text; `implied` by another statement. */
export interface Condition {
  readonly formula: Formula;
  readonly text: string;
  readonly span: SourceSpan;
  readonly implied?: boolean;
}

/** Names and functions of conditions, with their arguments as shown in hints. */
export const conditionNames = {
  symmetric: 'symmetric',
  asymmetric: 'asymmetric',
  asymmetry: 'asymmetry',
  alternating: 'alternating or alternating(STAGES)',
  params: 'params or params(STAGES)',
  macs: 'macs or macs(STAGES)',
  memory: 'memory or memory(STAGES)',
  depth: 'depth or depth(STAGES)',
  count: 'count(LETTER) or count(LETTER, STAGES)',
  share: 'share(LETTER) or share(LETTER, STAGES)',
  first: 'first(LETTER) or first(LETTER, STAGES)',
  onset: 'onset(LETTER) or onset(LETTER, STAGES)',
  width: 'width(STAGE)',
  equal: 'equal(STAGE, STAGE)',
  mirror: 'mirror(STAGE, STAGE)',
  rising: 'rising(LETTER) or rising(LETTER, STAGES)',
  falling: 'falling(LETTER) or falling(LETTER, STAGES)',
} as const;

/** The operator after the two sides are swapped. */
export const swappedOp = {
  '<=': '>=',
  '>=': '<=',
  '<': '>',
  '>': '<',
  '==': '==',
  '!=': '!=',
} as const satisfies Record<CompareOp, CompareOp>;
