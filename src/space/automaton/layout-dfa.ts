/**
 * Layouts as words: the set of all layouts of an automaton, and the automaton of the members with one layout.
 * Both read letters and stage ends alone; all other symbols may be any.
 */
import type { Alphabet } from '../model/alphabet.js';
import { type Dfa, packTransitions, type Transition } from './dfa.js';
import { determinizedProjection } from './projection.js';

/** Letters of each stage. */
export const stagesOfLayout = (layout: string): string[][] =>
  layout.split('-').map((stage) => stage.match(/[A-Z][^A-Z]*/g) ?? []);

/**
 * The automaton of the layouts: each is one word, however many members have it.
 * @throws TooLargeError where it has too many states
 */
export function layoutsDfa(dfa: Dfa, alphabet: Alphabet): Dfa {
  const keys = new Map<string, number>([['', 0]]);
  const keyOfSymbol = alphabet.symbols.map((symbol) => {
    if (symbol.kind === 'end') return 0;
    if (symbol.kind !== 'block') return undefined;
    const { letter } = symbol.block;
    if (!keys.has(letter)) keys.set(letter, keys.size);
    return keys.get(letter)!;
  });
  return determinizedProjection(
    dfa,
    (transition) => keyOfSymbol[dfa.symbols[transition]!],
    (a, b) => alphabet.compare(a, b),
  );
}

/** The layout that a word of `layoutsDfa` spells. */
export function layoutOfWord(word: readonly number[], alphabet: Alphabet): string {
  const letters = word.map((id) => {
    const symbol = alphabet.symbols[id]!;
    return symbol.kind === 'block' ? symbol.block.letter : '-';
  });
  return letters.slice(0, -1).join(''); // a word ends with the end of the last stage
}

/** Position of a state and of a layout's row, as one number. */
type Pair = number;

/**
 * The automaton of the members with this layout, which need not exist: its counts are then 0.
 * States are pairs of a state of `dfa` and a position in the layout; those on no accepted path are left out.
 */
export function dfaOfLayout(dfa: Dfa, alphabet: Alphabet, layout: string): Dfa {
  // the letters of the layout in one row, with '' where a stage ends
  const row = stagesOfLayout(layout).flatMap((stage) => [...stage, '']);
  const follow = (transition: number, at: number): number => {
    const symbol = alphabet.symbols[dfa.symbols[transition]!]!;
    if (symbol.kind === 'block') return row[at] === symbol.block.letter ? at + 1 : -1;
    if (symbol.kind === 'end') return row[at] === '' ? at + 1 : -1;
    return at;
  };
  const width = row.length + 1;
  const reached = reachedPairs(dfa, width, follow);
  const counts = new Map<Pair, bigint>();
  const stepsOf = (pair: Pair): { transition: number; target: Pair }[] => {
    const [state, at] = [Math.floor(pair / width), pair % width];
    const steps: { transition: number; target: Pair }[] = [];
    for (let step = dfa.firstTransition[state]!; step < dfa.firstTransition[state + 1]!; step++) {
      const next = follow(step, at);
      if (next >= 0) steps.push({ transition: step, target: dfa.targets[step]! * width + next });
    }
    return steps;
  };
  for (const pair of reached.toReversed()) {
    const state = Math.floor(pair / width);
    const isFinal = dfa.firstTransition[state] === dfa.firstTransition[state + 1];
    const count = isFinal
      ? BigInt(pair % width === row.length && dfa.counts[state]! > 0n)
      : stepsOf(pair).reduce((sum, { target }) => sum + counts.get(target)!, 0n);
    counts.set(pair, count);
  }
  const kept = reached.filter((pair, index) => index === 0 || counts.get(pair)! > 0n);
  const numbers = new Map(kept.map((pair, index) => [pair, index]));
  const lists = kept.map((pair) =>
    stepsOf(pair)
      .filter(({ target }) => counts.get(target)! > 0n)
      .map(
        ({ transition, target }): Transition => ({
          symbol: dfa.symbols[transition]!,
          placement: dfa.placements[transition]!,
          target: numbers.get(target)!,
          weight: 1,
        }),
      ),
  );
  const { weights: _unused, ...arrays } = packTransitions(lists);
  return {
    ...arrays,
    states: kept.length,
    counts: kept.map((pair) => counts.get(pair)!),
    boundary: Int32Array.from(kept, (pair) => dfa.boundary[Math.floor(pair / width)]!),
    placementTable: dfa.placementTable,
  };
}

/** Pairs that can be reached, in topological order: states are, and positions never decrease. */
function reachedPairs(dfa: Dfa, width: number, follow: (transition: number, at: number) => number): Pair[] {
  const positions = new Map<number, Set<number>>([[0, new Set([0])]]);
  const pairs: Pair[] = [];
  for (let state = 0; state < dfa.states; state++) {
    const here = positions.get(state);
    if (!here) continue;
    for (const at of [...here].sort((a, b) => a - b)) {
      pairs.push(state * width + at);
      for (let step = dfa.firstTransition[state]!; step < dfa.firstTransition[state + 1]!; step++) {
        const next = follow(step, at);
        if (next < 0) continue;
        const target = dfa.targets[step]!;
        const there = positions.get(target);
        if (there) there.add(next);
        else positions.set(target, new Set([next]));
      }
    }
  }
  return pairs;
}
