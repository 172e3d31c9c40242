/** The algebra of a dfa: rank, unrank, enumerate, sample, and how far a word can be followed. */

import type { Random } from '../../util/random.js';
import { ExactCategorical } from './categorical.js';
import type { Dfa } from './dfa.js';

/**
 * What every way of holding a set of words answers. `words` yields one and the same array; copy what must
 * last.
 */
export interface WordSet {
  readonly total: bigint;
  rank(word: readonly number[]): bigint;
  wordAt(rank: bigint): number[];
  words(): Iterable<readonly number[]>;
  /** Uniform over members; there must be one. */
  sample(random: Random): number[];
}

/** The transition of `state` with `symbol`; -1 where there is none. */
export function transitionOn(dfa: Dfa, state: number, symbol: number): number {
  for (
    let transition = dfa.firstTransition[state]!;
    transition < dfa.firstTransition[state + 1]!;
    transition++
  )
    if (dfa.symbols[transition] === symbol) return transition;
  return -1;
}

/** Symbols of a word that can be read from the root; the whole word where it is a member. */
export function acceptedPrefix(dfa: Dfa, word: readonly number[]): number {
  let state = 0;
  for (let at = 0; at < word.length; at++) {
    const transition = transitionOn(dfa, state, word[at]!);
    if (transition < 0) return at;
    state = dfa.targets[transition]!;
  }
  return word.length;
}

/** Position of a member in the order of the space. The word must be one. */
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

/** The word at a position, 0..count-1. */
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

/** Every word in order. The array is one and the same; copy what must last. */
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
      // back to the last state with an transition that was not taken
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

/** All words of a dfa. A node's table for draws is made when it is first passed. */
export class DfaWords implements WordSet {
  readonly total: bigint;
  private readonly settled: (ExactCategorical | undefined)[] = [];
  /**
   * Per transition: where its members end among those of the state or, where these are more than 2^32, where its
   * share of 2^32 ends, rounded down. NaN before the state is passed.
   */
  private readonly marks: Float64Array;
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

  /** 32 random bits that fall on the border between two transitions: drawn anew with further bits behind them. */
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
        // Every value that begins with these bits lies in the edge's share, unless the border below it may be
        // among them.
        if (size === 0x100000000 && transition > first && marks[transition - 1]! === bits)
          transition = this.settle(state, bits, random);
      }
      word.push(symbols[transition]!);
      state = targets[transition]!;
    }
  }
}
