/** The automaton of a space under its structural conditions. */
import type { ConditionAutomaton } from '../conditions/condition-automaton.js';
import { TooLargeError } from '../model/too-large-error.js';
import type { Dfa } from './dfa.js';
import { buildDfa, TooManyStatesError } from './dfa-builder.js';
import type { SpaceBase } from './space-base.js';
import { WorkBudget } from './work-budget.js';

/** States of the product with conditions; with more, a condition is filtered instead of compiled. */
const PRODUCT_STATE_LIMIT = 70_000;
/** Work of all attempts to compile a set of conditions together. */
const WORK_LIMIT = 700_000;
/** Work of compiling them one after the other, where that was too much. */
const WORK_LIMIT_SINGLY = 300_000;

export interface CompiledConditions {
  readonly dfa: Dfa;
  /** The conditions that `dfa` satisfies; the others must be filtered. */
  readonly compiled: readonly ConditionAutomaton[];
}

/**
 * Compiles all conditions, or where that gives too many states or too much work, one after the other as many
 * as fit.
 * @param given what the work counts in: attempts to compile all together take at most half of what is left
 *   of it, the others half of the rest
 */
export function compileConditions(
  { model, placementTable, unconditioned }: SpaceBase,
  automata: readonly ConditionAutomaton[],
  given?: WorkBudget,
): CompiledConditions {
  /** Conditions that have too many states even alone. */
  const oversized = new Set<ConditionAutomaton>();
  let work = budgetOf(WORK_LIMIT, given);
  const attempt = (some: readonly ConditionAutomaton[]): Dfa | undefined => {
    if (some.length === 0) return unconditioned;
    try {
      return buildDfa(model, some, placementTable, { states: PRODUCT_STATE_LIMIT, work });
    } catch (error) {
      if (error instanceof TooManyStatesError) oversized.add(error.automaton);
      if (error instanceof TooLargeError) return undefined;
      throw error;
    }
  };
  let whole = automata;
  for (let before = -1; before < oversized.size; ) {
    before = oversized.size;
    whole = automata.filter((automaton) => !oversized.has(automaton));
    const dfa = attempt(whole);
    if (dfa) return { dfa, compiled: whole };
  }
  work = budgetOf(WORK_LIMIT_SINGLY, given);
  let result: CompiledConditions = { dfa: unconditioned, compiled: [] };
  for (const automaton of whole) {
    if (work.left === 0) break;
    if (oversized.has(automaton)) continue;
    const compiled = [...result.compiled, automaton];
    // all of them were tried above
    const dfa = compiled.length < whole.length ? attempt(compiled) : undefined;
    if (dfa) result = { dfa, compiled };
  }
  return result;
}

function budgetOf(most: number, given: WorkBudget | undefined): WorkBudget {
  const message = (limit: number): string => `the conditions take more than ${limit} steps to compile`;
  return given ? given.part(Math.min(most, given.left / 2), message) : new WorkBudget(most, message);
}
