/** Ranking, unranking, enumeration and sampling of the words that an automaton accepts. */

import type { Random } from '../../util/random.js';
import { ExactCategorical } from './categorical.js';
import type { Dfa } from './dfa.js';
import type { WorkBudget } from './work-budget.js';

/**
 * A set of words in the order of the space. `words` yields the same array each time; copy what must persist.
 */
export interface WordSet {
  readonly total: bigint;
  /**
   * Whether there is no word for certain; may take less work than `total`.
   * @param work what to spend on it; where it does not suffice, the answer is false
   */
  isKnownEmpty(work: WorkBudget): boolean;
  rank(word: readonly number[]): bigint;
  wordAt(rank: bigint): number[];
  /** @param work what the search for words may take; TooLargeError beyond */
  words(work?: WorkBudget): Iterable<readonly number[]>;
  /** Uniform over the words; the set must not be empty. */
  sample(random: Random): number[];
}

/** The transition of `state` on `symbol`; -1 where there is none. */
export function transitionOn(dfa: Dfa, state: number, symbol: number): number {
  for (
    let transition = dfa.firstTransition[state]!;
    transition < dfa.firstTransition[state + 1]!;
    transition++
  )
    if (dfa.symbols[transition] === symbol) return transition;
  return -1;
}

/** Length of the longest prefix that can be read from state 0; the whole word where it is accepted. */
export function acceptedPrefix(dfa: Dfa, word: readonly number[]): number {
  let state = 0;
  for (let at = 0; at < word.length; at++) {
    const transition = transitionOn(dfa, state, word[at]!);
    if (transition < 0) return at;
    state = dfa.targets[transition]!;
  }
  return word.length;
}

/** Rank of a word, which must be accepted. */
export function rankOf(dfa: Dfa, word: readonly number[]): bigint {
  let state = 0;
  let rank = 0n;
  for (const symbol of word) {
    for (let transition = dfa.firstTransition[state]!; ; transition++) {
      if (dfa.symbols[transition] === symbol) {
        state = dfa.targets[transition]!;
        break;
      }
      rank += dfa.counts[dfa.targets[transition]!]!;
    }
  }
  return rank;
}

/** The word of a rank, 0..count-1. */
export function wordAt(dfa: Dfa, rank: bigint): number[] {
  const word: number[] = [];
  let state = 0;
  while (dfa.firstTransition[state]! < dfa.firstTransition[state + 1]!) {
    let transition = dfa.firstTransition[state]!;
    for (; rank >= dfa.counts[dfa.targets[transition]!]!; transition++)
      rank -= dfa.counts[dfa.targets[transition]!]!;
    word.push(dfa.symbols[transition]!);
    state = dfa.targets[transition]!;
  }
  return word;
}

/** All words in order. Yields the same array each time; copy what must persist. */
export function* words(dfa: Dfa): Generator<readonly number[]> {
  if (dfa.counts[0] === 0n) return;
  const word: number[] = [];
  const path: number[] = [];
  let transition = dfa.firstTransition[0]!;
  for (;;) {
    word.push(dfa.symbols[transition]!);
    path.push(transition);
    let state = dfa.targets[transition]!;
    transition = dfa.firstTransition[state]!;
    if (transition < dfa.firstTransition[state + 1]!) continue;
    yield word;
    for (;;) {
      // return to the last state with a transition not yet taken
      const taken = path.pop();
      if (taken === undefined) return;
      word.pop();
      state = path.length > 0 ? dfa.targets[path.at(-1)!]! : 0;
      transition = taken + 1;
      if (transition < dfa.firstTransition[state + 1]!) break;
    }
  }
}

const TWO_TO_32 = 1n << 32n;

/** The words of an automaton. Tables for draws are computed when a state is first reached. */
export class DfaWords implements WordSet {
  readonly total: bigint;
  private readonly settled: (ExactCategorical | undefined)[] = [];
  /**
   * Per transition: cumulative count of words at its state; where they exceed 2^32, as a 32-bit fraction,
   * rounded down. NaN until the state is reached by a draw.
   */
  private readonly marks: Float64Array;

  isKnownEmpty(): boolean {
    return this.total === 0n;
  }

  constructor(private readonly dfa: Dfa) {
    this.total = dfa.counts[0]!;
    this.marks = new Float64Array(dfa.symbols.length).fill(NaN);
  }

  rank(word: readonly number[]): bigint {
    return rankOf(this.dfa, word);
  }
  wordAt(rank: bigint): number[] {
    return wordAt(this.dfa, rank);
  }
  words(): Iterable<readonly number[]> {
    return words(this.dfa);
  }

  private mark(state: number, first: number, end: number): void {
    const { counts, targets } = this.dfa;
    const total = counts[state]!;
    let sum = 0n;
    for (let transition = first; transition < end; transition++) {
      sum += counts[targets[transition]!]!;
      this.marks[transition] = Number(total <= TWO_TO_32 ? sum : (sum * TWO_TO_32) / total);
    }
  }

  /** Resolves 32 random bits that lie on the boundary between two transitions, by drawing further bits. */
  private settle(state: number, bits: number, random: Random): number {
    const { firstTransition, targets, counts } = this.dfa;
    const first = firstTransition[state]!;
    this.settled[state] ??= new ExactCategorical(
      Array.from(
        { length: firstTransition[state + 1]! - first },
        (_, index) => counts[targets[first + index]!]!,
      ),
    );
    return first + this.settled[state].settle(BigInt(bits), random);
  }

  sample(random: Random): number[] {
    const { firstTransition, targets, symbols } = this.dfa;
    const { marks } = this;
    const word: number[] = [];
    let state = 0;
    for (;;) {
      const first = firstTransition[state]!;
      const end = firstTransition[state + 1]!;
      if (end === first) return word;
      let transition = first;
      if (end > first + 1) {
        if (Number.isNaN(marks[first]!)) this.mark(state, first, end);
        const size = marks[end - 1]!;
        const bits = random.integer(size);
        while (marks[transition]! <= bits) transition++;
        // Every value with these leading bits belongs to the transition, unless a boundary may lie among
        // them.
        if (size === 0x100000000 && transition > first && marks[transition - 1]! === bits)
          transition = this.settle(state, bits, random);
      }
      word.push(symbols[transition]!);
      state = targets[transition]!;
    }
  }
}
