/**
 * A space file with its meaning: every choice resolved to values, every name to what it names. What is left
 * to do is counting.
 *
 * *Tied* choices share a *variable group*: the joint assignments of variables that stand in common
 * expressions. A value that may be chosen under some assignments only carries, per group, the set of those
 * assignments as a bit mask; walking a word narrows the masks, so a tie needs no variable to be fixed before
 * it is used, and one that is never used counts once.
 */
import type { SourceSpan } from '../../language/source-span.js';
import type { Condition } from '../conditions/condition.js';
import type { Alphabet } from './alphabet.js';

/** `scope: stage` masks start afresh with every stage. */
export interface VariableGroup {
  readonly scope: 'network' | 'stage';
  readonly size: number;
}

/** One way to fill a place: a symbol, and the assignments under which it may be chosen. */
export interface Alternative {
  readonly symbol: number;
  readonly masks: readonly { readonly group: number; readonly mask: bigint }[];
  /** Probability among the alternatives of the place, as far as choices that are not tied decide it. */
  readonly weight: number;
}

/** A letter as it stands in patterns: its possible blocks. */
export interface BlockSlot {
  readonly letter: string;
  readonly alternatives: readonly Alternative[];
  readonly span: SourceSpan;
}

/** A layout pattern over slots. `weight`s are relative probabilities of a choice's options. */
export type LayoutExpr =
  | { readonly kind: 'letter'; readonly slot: number }
  | { readonly kind: 'sequence'; readonly items: readonly LayoutExpr[] }
  | {
      readonly kind: 'choice';
      readonly options: readonly { readonly weight: number; readonly layout: LayoutExpr }[];
    }
  | { readonly kind: 'repeat'; readonly item: LayoutExpr; readonly min: number; readonly max: number }
  /** A named rule, which may stand inside itself. */
  | { readonly kind: 'rule'; readonly name: string };

export interface StageModel {
  /** From 1. */
  readonly number: number;
  readonly headers: readonly Alternative[];
  readonly layout: LayoutExpr;
  /** Allowed numbers of blocks. */
  readonly depths: { readonly min: number; readonly max: number; readonly has: (depth: number) => boolean };
  readonly span: SourceSpan;
  /** Where its layout stands, or its number where it has none of its own. */
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
