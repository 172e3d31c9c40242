/**
 * Draws by the weights of the grammar, and the probability of every member.
 *
 * A derivation is random: it takes an option of a choice with probability weight / sum of weights (default
 * weight 1). All numbers of repetitions in `{m,n}` are equally likely; an open repetition continues with
 * probability 1/2. All values of a set and all assignments of tied names are equally likely. Probabilities
 * are conditional on the result being a member (within lengths, conditions, budgets and shapes), and the
 * derivations of one member add up. No draw is rejected for that: the automaton of derivations carries
 * weights through the dynamic programs that count members.
 */

import type { Architecture } from '../architecture/architecture.js';
import { layoutOf } from '../architecture/layout.js';
import { UserError } from '../util/errors.js';
import type { Random } from '../util/random.js';
import { type Categorical, categorical } from './automaton/categorical.js';
import type { Dfa } from './automaton/dfa.js';
import { buildDerivationAutomaton } from './automaton/dfa-builder.js';
import type { WordSet } from './automaton/dfa-words.js';
import type { SpaceBase } from './automaton/space-base.js';
import { BudgetedWords } from './budget/budgeted-words.js';
import { type ConditionAutomaton, conditionTexts } from './conditions/condition-automaton.js';
import type { CostRanges } from './conditions/cost-ranges.js';
import type { Space, WeightedSpace } from './model/space.js';

/** Draws that filters may reject. */
const TRIES = 1_000_000;
/** Sets with filters are summed member by member up to this size. */
const LISTED = 200_000n;

/** The parts of a compiled space that weighted draws need. */
export interface WeightableSpace extends Pick<Space, 'name' | 'contains'> {
  readonly base: SpaceBase;
  /** The compiled structural conditions. */
  readonly structure: readonly ConditionAutomaton[];
  readonly ranges: CostRanges | undefined;
  /** The conditions that are only filtered. */
  readonly filters: readonly ConditionAutomaton[];
  readonly wordSet: WordSet;
  passes(word: readonly number[]): boolean;
}

export class GrammarWeights implements WeightedSpace {
  private readonly dfa: Dfa;
  /** Where a budget is set. */
  private readonly budgeted: BudgetedWords | undefined;
  private readonly masses: Float64Array;
  private readonly draws: (Categorical | undefined)[] = [];
  private filteredMass: number | undefined;

  /** @throws TooLargeError where the automaton of derivations has too many states */
  constructor(private readonly space: WeightableSpace) {
    const {
      structure,
      ranges,
      base: { model, placementTable },
    } = space;
    this.dfa = buildDerivationAutomaton(model, structure, placementTable);
    const { states, firstTransition, targets, weights } = this.dfa;
    this.masses = new Float64Array(states);
    for (let state = states - 1; state >= 0; state--) {
      if (firstTransition[state] === firstTransition[state + 1])
        this.masses[state] = this.dfa.counts[state] === 0n ? 0 : 1;
      for (let transition = firstTransition[state]!; transition < firstTransition[state + 1]!; transition++)
        this.masses[state]! += weights![transition]! * this.masses[targets[transition]!]!;
    }
    this.budgeted = ranges && this.masses[0]! > 0 ? new BudgetedWords(this.dfa, ranges) : undefined;
  }

  /** Probability that a derivation ends in a member, regardless of filters. */
  private get compiledMass(): number {
    return this.budgeted ? (this.budgeted.mass as number) : this.masses[0]!;
  }

  private get mass(): number {
    const { space } = this;
    if (space.filters.length === 0) return this.compiledMass;
    if (this.filteredMass !== undefined) return this.filteredMass;
    const count = space.wordSet.total;
    if (count > LISTED)
      throw new UserError(
        `${space.name}: probabilities need a compiled set, got a filter on ${count} members: ` +
          conditionTexts(space.filters),
      );
    let sum = 0;
    for (const word of space.wordSet.words()) if (space.passes(word)) sum += this.derivationMass(word);
    return (this.filteredMass = sum);
  }

  /** Probability that a derivation gives a word, over all derivations. */
  private derivationMass(word: readonly number[]): number {
    const { firstTransition, targets, symbols, weights } = this.dfa;
    let at = new Map([[0, 1]]);
    for (const symbol of word) {
      const next = new Map<number, number>();
      for (const [state, weight] of at) {
        for (
          let transition = firstTransition[state]!;
          transition < firstTransition[state + 1]!;
          transition++
        ) {
          if (symbols[transition] === symbol)
            next.set(
              targets[transition]!,
              (next.get(targets[transition]!) ?? 0) + weight * weights![transition]!,
            );
        }
      }
      at = next;
    }
    let sum = 0;
    for (const weight of at.values()) sum += weight;
    return sum;
  }

  probability(architecture: Architecture): number {
    if (!this.space.contains(architecture).member) return 0;
    return this.derivationMass(this.space.base.model.alphabet.wordOf(architecture)) / this.mass;
  }

  private word(random: Random): number[] {
    if (this.budgeted) return this.budgeted.sample(random);
    const { firstTransition, targets, symbols, weights } = this.dfa;
    const word: number[] = [];
    for (let state = 0; ; ) {
      const first = firstTransition[state]!;
      const size = firstTransition[state + 1]! - first;
      if (size === 0) return word;
      this.draws[state] ??= categorical(
        Array.from(
          { length: size },
          (_, index) => weights![first + index]! * this.masses[targets[first + index]!]!,
        ),
        false,
      );
      const transition = first + this.draws[state]!.pick(random);
      word.push(symbols[transition]!);
      state = targets[transition]!;
    }
  }

  sample(random: Random): Architecture {
    const { space } = this;
    if (!(this.compiledMass > 0))
      throw new UserError(`${space.name}: a draw needs a member, the space has none`);
    for (let tries = 0; tries < TRIES; tries++) {
      const word = this.word(random);
      if (space.filters.length === 0 || space.passes(word))
        return space.base.model.alphabet.architectureOf(word);
    }
    throw new UserError(
      `${space.name}: no member in a million draws satisfies ${conditionTexts(space.filters)}`,
    );
  }

  sampleDistinct(size: number, random: Random): Architecture[] {
    const { alphabet } = this.space.base.model;
    const drawn = new Map<string, Architecture>();
    const most = 1000 + 1000 * size;
    for (let tries = 0; drawn.size < size && tries < most; tries++) {
      const member = this.sample(random);
      drawn.set(alphabet.wordOf(member).join(), member);
    }
    if (drawn.size < size)
      throw new UserError(
        `${this.space.name}: expected ${size} distinct members, got ${drawn.size} in ${most} draws, ` +
          `the last ${layoutOf([...drawn.values()].at(-1)!)}`,
        { fix: 'ask for fewer, or draw uniformly' },
      );
    return [...drawn.values()];
  }
}
