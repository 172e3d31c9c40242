/** Counts and lists the members with given layouts, e.g. `CC-CCCT-CCTT`, without enumerating the others. */
import type { Dfa } from '../automaton/dfa.js';
import type { Alphabet } from '../model/alphabet.js';

export interface MembersFound {
  readonly count: bigint /** The first words, in the order of the space. */;
  readonly words: readonly (readonly number[])[];
}

/** Letters of each stage. */
export const stagesOfLayout = (layout: string): string[][] =>
  layout.split('-').map((stage) => stage.match(/[A-Z][^A-Z]*/g) ?? []);

/** @param limit how many words to list */
export function membersWithLayout(dfa: Dfa, alphabet: Alphabet, layout: string, limit: number): MembersFound {
  // The letters of the layout in one row, with '' where a stage ends; other symbols may be any.
  const row = stagesOfLayout(layout).flatMap((stage) => [...stage, '']);
  const counts = new Map<number, bigint>();
  const follow = (transition: number, at: number): number => {
    const symbol = alphabet.symbols[dfa.symbols[transition]!]!;
    if (symbol.kind === 'block') return row[at] === symbol.block.letter ? at + 1 : -1;
    if (symbol.kind === 'end') return row[at] === '' ? at + 1 : -1;
    return at;
  };
  const count = (state: number, at: number): bigint => {
    const first = dfa.firstTransition[state]!;
    const end = dfa.firstTransition[state + 1]!;
    if (first === end) return at === row.length && dfa.counts[state]! > 0n ? 1n : 0n;
    const key = state * (row.length + 1) + at;
    let sum = counts.get(key);
    if (sum !== undefined) return sum;
    sum = 0n;
    for (let transition = first; transition < end; transition++) {
      const next = follow(transition, at);
      if (next >= 0) sum += count(dfa.targets[transition]!, next);
    }
    counts.set(key, sum);
    return sum;
  };
  const words: number[][] = [];
  const list = (state: number, at: number, word: readonly number[]): void => {
    if (words.length >= limit || count(state, at) === 0n) return;
    if (dfa.firstTransition[state] === dfa.firstTransition[state + 1]) {
      words.push([...word]);
      return;
    }
    for (
      let transition = dfa.firstTransition[state]!;
      transition < dfa.firstTransition[state + 1]!;
      transition++
    ) {
      const next = follow(transition, at);
      if (next >= 0) list(dfa.targets[transition]!, next, [...word, dfa.symbols[transition]!]);
    }
  };
  const total = dfa.counts[0] === 0n ? 0n : count(0, 0);
  list(0, 0, []);
  return { count: total, words };
}
