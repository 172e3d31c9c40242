/**
 * A space file with its meaning: every choice resolved to values, every name to what it names. What is left
 * to do is counting.
 *
 * *Tied* choices share a *variable group*: the joint assignments of variables that stand in common
 * expressions. A value that may be chosen under some assignments only carries, per group, the set of those
 * assignments as a bit mask; walking a word narrows the masks, so a tie needs no variable to be fixed before
 * it is used, and one that is never used counts once.
 */
import type { Place } from '../language/source.js';
import type { Condition } from './conditions.js';
import type { LabelTable } from './labels.js';

/** `scope: stage` masks start afresh with every stage. */
export interface VariableGroup {
  readonly scope: 'network' | 'stage';
  readonly size: number;
}

/** One way to fill a place: a label, and the assignments under which it may be chosen. */
export interface Alternative {
  readonly label: number;
  readonly masks: readonly { readonly group: number; readonly mask: bigint }[];
  /** Probability among the alternatives of the place, as far as choices that are not tied decide it. */
  readonly weight: number;
}

/** A letter as it stands in patterns: its possible blocks. */
export interface Template {
  readonly letter: string;
  readonly alternatives: readonly Alternative[];
  readonly span: Place;
}

/** A layout pattern over templates. `weight`s are relative probabilities of a choice's options. */
export type Layout =
  | { readonly kind: 'letter'; readonly template: number }
  | { readonly kind: 'sequence'; readonly items: readonly Layout[] }
  | {
      readonly kind: 'choice';
      readonly options: readonly { readonly weight: number; readonly layout: Layout }[];
    }
  | { readonly kind: 'repeat'; readonly item: Layout; readonly min: number; readonly max: number }
  /** A named rule, which may stand inside itself. */
  | { readonly kind: 'rule'; readonly name: string };

export interface StageModel {
  /** From 1. */
  readonly number: number;
  readonly headers: readonly Alternative[];
  readonly layout: Layout;
  /** Allowed numbers of blocks. */
  readonly depths: { readonly min: number; readonly max: number; readonly has: (depth: number) => boolean };
  readonly span: Place;
  /** Where its layout stands, or its number where it has none of its own. */
  readonly layoutSpan: Place;
}

export interface SpaceModel {
  readonly name: string;
  readonly labels: LabelTable;
  readonly groups: readonly VariableGroup[];
  readonly templates: readonly Template[];
  readonly rules: ReadonlyMap<string, Layout>;
  readonly inputs: readonly Alternative[];
  readonly stems: readonly Alternative[];
  readonly stages: readonly StageModel[];
  readonly heads: readonly Alternative[];
  readonly conditions: readonly Condition[];
}
