/** The members of a space with one layout as a set of words, under the space's budgets. */
import { DfaWords, type WordSet } from '../automaton/dfa-words.js';
import { dfaOfLayout } from '../automaton/layout-dfa.js';
import { BudgetedWords } from '../budget/budgeted-words.js';
import type { CompiledSpace } from '../compiled-space.js';

/** Filtered conditions are not applied: test each word with `space.passes`. */
export function layoutWords({ dfa, base, ranges }: CompiledSpace, layout: string): WordSet {
  const ofLayout = dfaOfLayout(dfa, base.model.alphabet, layout);
  return ranges ? new BudgetedWords(ofLayout, ranges) : new DfaWords(ofLayout);
}
