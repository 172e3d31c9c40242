/** The automaton of a space under its structural conditions. */
import type { ConditionAutomaton } from '../conditions/condition-automaton.js';
import { TooLargeError } from '../model/too-large-error.js';
import type { Dfa } from './dfa.js';
import { buildDfa, TooManyStatesError } from './dfa-builder.js';
import type { SpaceBase } from './space-base.js';

/** States of the product with conditions; with more, a condition is filtered instead of compiled. */
const PRODUCT_STATE_LIMIT = 70_000;

export interface CompiledConditions {
  readonly dfa: Dfa;
  /** The conditions that `dfa` satisfies; the others must be filtered. */
  readonly compiled: readonly ConditionAutomaton[];
}

/** Compiles all conditions, or where that gives too many states, one after the other as many as fit. */
export function compileConditions(
  { model, placementTable, unconditioned }: SpaceBase,
  automata: readonly ConditionAutomaton[],
): CompiledConditions {
  /** Conditions that have too many states even alone. */
  const oversized = new Set<ConditionAutomaton>();
  const attempt = (some: readonly ConditionAutomaton[]): Dfa | undefined => {
    try {
      return some.length === 0 ? unconditioned : buildDfa(model, some, placementTable, PRODUCT_STATE_LIMIT);
    } catch (error) {
      if (error instanceof TooManyStatesError) oversized.add(error.automaton);
      if (error instanceof TooLargeError) return undefined;
      throw error;
    }
  };
  for (let before = -1; before < oversized.size; ) {
    before = oversized.size;
    const compiled = automata.filter((automaton) => !oversized.has(automaton));
    const dfa = attempt(compiled);
    if (dfa) return { dfa, compiled };
  }
  let result: CompiledConditions = { dfa: unconditioned, compiled: [] };
  for (const automaton of automata) {
    if (oversized.has(automaton)) continue;
    const compiled = [...result.compiled, automaton];
    const dfa = attempt(compiled);
    if (dfa) result = { dfa, compiled };
  }
  return result;
}
