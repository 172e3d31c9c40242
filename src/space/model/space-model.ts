/**
 * The model of a space file: every choice is resolved to values and every name to its definition.
 *
 * *Tied* choices share a *variable group*: the joint assignments of variables that occur in common
 * expressions. An alternative that only some assignments allow has a bit mask of these assignments per group.
 * Reading a word intersects the masks, so that a variable need not be fixed in advance, and one that is never
 * used counts once.
 */
import type { SourceSpan } from '../../language/source-span.js';
import type { Condition } from '../conditions/condition.js';
import type { Alphabet } from './alphabet.js';

/** Groups of scope `stage` regain all assignments at the end of every stage. */
export interface VariableGroup {
  readonly scope: 'network' | 'stage';
  readonly size: number;
}

/** One alternative of a part: a symbol, and the assignments under which it is allowed. */
export interface Alternative {
  readonly symbol: number;
  readonly masks: readonly { readonly group: number; readonly mask: bigint }[];
  /** Probability among the alternatives, over the choices that are not tied. */
  readonly weight: number;
}

/** A letter as it occurs in a layout: the blocks it may stand for. */
export interface BlockSlot {
  readonly letter: string;
  readonly alternatives: readonly Alternative[];
  readonly span: SourceSpan;
}

/** A layout pattern over block slots. `weight`s are relative probabilities of the options of a choice. */
export type LayoutExpr =
  | { readonly kind: 'letter'; readonly slot: number }
  | { readonly kind: 'sequence'; readonly items: readonly LayoutExpr[] }
  | {
      readonly kind: 'choice';
      readonly options: readonly { readonly weight: number; readonly layout: LayoutExpr }[];
    }
  | { readonly kind: 'repeat'; readonly item: LayoutExpr; readonly min: number; readonly max: number }
  /** A named rule, which may recurse. */
  | { readonly kind: 'rule'; readonly name: string };

export interface StageModel {
  /** From 1. */
  readonly number: number;
  readonly headers: readonly Alternative[];
  readonly layout: LayoutExpr;
  /** Allowed numbers of blocks. */
  readonly depths: { readonly min: number; readonly max: number; readonly has: (depth: number) => boolean };
  readonly span: SourceSpan;
  /** Span of its layout, or of its number where it has no layout of its own. */
  readonly layoutSpan: SourceSpan;
}

export interface SpaceModel {
  readonly name: string;
  readonly alphabet: Alphabet;
  readonly groups: readonly VariableGroup[];
  readonly slots: readonly BlockSlot[];
  readonly rules: ReadonlyMap<string, LayoutExpr>;
  readonly inputs: readonly Alternative[];
  readonly stems: readonly Alternative[];
  readonly stages: readonly StageModel[];
  readonly heads: readonly Alternative[];
  readonly conditions: readonly Condition[];
}
