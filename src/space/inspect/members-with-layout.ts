/** Counts and lists the members with given layouts, e.g. `CC-CCCT-CCTT`, without enumerating the others. */
import type { Dfa } from '../automaton/dfa.js';
import { words } from '../automaton/dfa-words.js';
import { dfaOfLayout } from '../automaton/layout-dfa.js';
import type { Alphabet } from '../model/alphabet.js';

export interface MembersFound {
  readonly count: bigint;
  /** The first words, in the order of the space. */
  readonly words: readonly (readonly number[])[];
}

/** @param limit how many words to list */
export function membersWithLayout(dfa: Dfa, alphabet: Alphabet, layout: string, limit: number): MembersFound {
  const members = dfaOfLayout(dfa, alphabet, layout);
  const listed: number[][] = [];
  for (const word of words(members)) {
    if (listed.length >= limit) break;
    listed.push([...word]);
  }
  return { count: members.counts[0]!, words: listed };
}
