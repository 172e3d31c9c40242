/**
 * Classes of functionally identical members. Two members compute the same function where they differ only in
 * blocks without effect (an identity that keeps the shape) or in the letters of equal blocks. Classes are
 * counted exactly, as words of a projection of the automaton.
 */

import type { Architecture, BlockSpec } from '../../architecture/architecture.js';
import { canonicalJson } from '../../util/canonical-json.js';
import { UserError } from '../../util/errors.js';
import type { Dfa } from '../automaton/dfa.js';
import { DfaWords, type WordSet } from '../automaton/dfa-words.js';
import { determinizedProjection, type Projection } from '../automaton/projection.js';
import { BudgetedWords } from '../budget/budgeted-words.js';
import type { CompiledSpace } from '../compiled-space.js';
import { conditionTexts } from '../conditions/condition-automaton.js';
import type { Alphabet } from '../model/alphabet.js';

/** Key of a block as a function, regardless of its letter. */
function functionKeys(alphabet: Alphabet): (id: number) => number {
  const first = new Map<string, number>();
  const keys = alphabet.symbols.map((symbol, id) => {
    if (symbol.kind !== 'block') return id;
    const text = canonicalJson({ type: symbol.block.type, params: symbol.block.params });
    if (!first.has(text)) first.set(text, id);
    return first.get(text)!;
  });
  return (id) => keys[id]!;
}

const doesNothing = (block: BlockSpec, params: number): boolean => block.type === 'identity' && params === 0;

/** Projects functionally identical members to the same word. */
function classProjection(dfa: Dfa, alphabet: Alphabet, keyOf: (symbol: number) => number): Projection {
  return (transition) => {
    const symbol = alphabet.symbols[dfa.symbols[transition]!]!;
    if (
      symbol.kind === 'block' &&
      doesNothing(symbol.block, dfa.placementTable.costs[dfa.placements[transition]!]!.params)
    )
      return undefined;
    return keyOf(dfa.symbols[transition]!);
  };
}

/**
 * Symbols of a member as its function has them: without blocks that have no effect, regardless of letters.
 */
function functionWord(dfa: Dfa, projection: Projection, word: readonly number[]): number[] {
  const symbols: number[] = [];
  let state = 0;
  for (const symbol of word) {
    let transition = dfa.firstTransition[state]!;
    while (dfa.symbols[transition] !== symbol) transition++;
    const projected = projection(transition);
    if (projected !== undefined) symbols.push(projected);
    state = dfa.targets[transition]!;
  }
  return symbols;
}

/** A text per member of a space; functionally identical members have the same text. */
export function functionKeyOf({ dfa, base }: CompiledSpace): (architecture: Architecture) => string {
  const { alphabet } = base.model;
  const projection = classProjection(dfa, alphabet, functionKeys(alphabet));
  return (architecture) => functionWord(dfa, projection, alphabet.wordOf(architecture)).join('.');
}

/** The functional classes of a space. */
export class FunctionalClasses {
  /** One word per class. */
  private readonly words: WordSet;
  private readonly projection: Projection;
  private readonly keyOf: (symbol: number) => number;

  /**
   * @throws UserError where a condition is only filtered; TooLargeError where the classes have too many
   * states
   */
  constructor(private readonly space: CompiledSpace) {
    if (space.filters.length > 0)
      throw new UserError(
        `${space.name}: classes need a compiled set, got a filter: ${conditionTexts(space.filters)}`,
      );
    const {
      dfa,
      base: {
        model: { alphabet },
      },
    } = space;
    this.keyOf = functionKeys(alphabet);
    this.projection = classProjection(dfa, alphabet, this.keyOf);
    const classes = determinizedProjection(dfa, this.projection, alphabet.compare);
    this.words = space.ranges ? new BudgetedWords(classes, space.ranges) : new DfaWords(classes);
  }

  get count(): bigint {
    return this.words.total;
  }

  /**
   * The classes with at least `least` members, each as the list of its members, in the order of the space.
   */
  *list(least = 1): Generator<readonly Architecture[]> {
    for (const word of this.words.words()) {
      const members = this.membersOf(word);
      if (members.length >= least) yield members;
    }
  }

  /**
   * Members that compute the same function as this one, including itself.
   * @throws UserError where it is not a member
   */
  sameAs(architecture: Architecture): readonly Architecture[] {
    const {
      dfa,
      base: {
        model: { alphabet },
      },
    } = this.space;
    const answer = this.space.contains(architecture);
    if (!answer.member)
      throw new UserError(
        `${this.space.name}: the architecture must be a member, got one that is not: ${answer.reason}`,
      );
    return this.membersOf(functionWord(dfa, this.projection, alphabet.wordOf(architecture)));
  }

  /** Members that project to this word. */
  private membersOf(word: readonly number[]): Architecture[] {
    const {
      dfa,
      base: {
        model: { alphabet },
      },
    } = this.space;
    const wanted = word.map(this.keyOf);
    const found: Architecture[] = [];
    const dead = new Set<number>(); // (state, place in the word) from which no member comes
    const follow = (state: number, at: number, path: number[]): boolean => {
      const [first, end] = [dfa.firstTransition[state]!, dfa.firstTransition[state + 1]!];
      if (first === end) {
        if (at === wanted.length) found.push(alphabet.architectureOf(path));
        return at === wanted.length;
      }
      const key = state * (wanted.length + 1) + at;
      if (dead.has(key)) return false;
      let any = false;
      for (let transition = first; transition < end; transition++) {
        const projected = this.projection(transition);
        if (projected !== undefined && projected !== wanted[at]) continue;
        path.push(dfa.symbols[transition]!);
        if (follow(dfa.targets[transition]!, projected === undefined ? at : at + 1, path)) any = true;
        path.pop();
      }
      if (!any) dead.add(key);
      return any;
    };
    follow(0, 0, []);
    return found;
  }
}
