/**
 * Builds the automaton of a space: the subset construction over the layout NFAs, as a product with the
 * feature map, the widths and the condition automata. States from which no member can be completed are
 * removed.
 */
import { limits } from '../../language/limits.js';
import type { ConditionAutomaton } from '../conditions/condition-automaton.js';
import type { InputSymbol } from '../conditions/predicate-automaton.js';
import type { SpaceModel } from '../model/space-model.js';
import { TooLargeError } from '../model/too-large-error.js';
import { Configurations, type Move } from './configurations.js';
import { type Dfa, packTransitions, type Transition, topologicalOrder } from './dfa.js';
import { type PlacedSymbol, PlacementTable } from './placement-table.js';
import { PairIds, type Place, Places } from './product-states.js';
import { WorkBudget } from './work-budget.js';

export const STATE_LIMIT = 100_000;
/**
 * Work of one automaton, in units of about a microsecond: a transition, two configurations of a subset; more
 * for a step of a condition.
 */
const WORK_LIMIT = 800_000;
/** Work of one step of a condition, whose state is read, changed and looked up as a text. */
const CONDITION_STEP = 2.5;
/** Work of the costs of one part at a placement that was not met before. */
const PLACEMENT = 20;
/** States of all conditions together. */
const VECTOR_LIMIT = 1 << 20;
/** States of one condition's automaton alone. */
const CONDITION_STATE_LIMIT = 30_000;

/** One condition alone has too many states, whatever the other conditions are. */
export class TooManyStatesError extends TooLargeError {
  constructor(readonly automaton: ConditionAutomaton) {
    super(`a condition has more than ${CONDITION_STATE_LIMIT} distinct states: ${automaton.condition.text}`);
  }
}

/** How large an automaton may become, and how much work its construction may take. */
interface DfaLimits {
  readonly states: number;
  readonly work: WorkBudget;
}

/** What a block changes of its place. */
const afterBlock = { first: false, stride: 1 } as const;

/** A state of the product, before useless states are removed. */
interface ProductState {
  readonly place: Place;
  /** Blocks of the open stage so far, where its depth is limited; else 0. */
  readonly index: number;
  readonly configurations: number;
  /** Number of the states of the condition automata: index into `vectors`. */
  readonly vector: number;
}

/** The symbol as the condition automata read it; undefined for the input, which they skip. */
type InputOf = ((part: InputSymbol & { kind: 'part' }) => InputSymbol) | undefined;

class DfaBuilder {
  private readonly configurations: Configurations;
  private readonly places: Places;
  private readonly states: ProductState[] = [];
  /** Numbers of (place, index, configurations), and of those with a vector of condition states. */
  private readonly layoutIds = new PairIds();
  private readonly stateIds = new PairIds();
  /** Distinct states of all condition automata together. */
  private readonly vectors: (readonly number[])[] = [];
  private readonly vectorIds = new Map<string, number>();
  /** By vector and placement; -1 where a condition is violated for certain. */
  private readonly vectorAfter = new Map<number, number>();

  constructor(
    private readonly model: SpaceModel,
    private readonly automata: readonly ConditionAutomaton[],
    private readonly placementTable: PlacementTable,
    private readonly limits: DfaLimits,
    private readonly derivations: boolean,
  ) {
    placementTable.setAlphabet(model.alphabet.symbols);
    this.configurations = new Configurations(model, derivations, limits.work);
    this.places = new Places(placementTable);
  }

  private intern(place: Place, index: number, configurations: number, vector: number): number {
    const layout = this.layoutIds.of(place.id * (limits.repetition + 1) + index, configurations);
    const id = this.stateIds.of(layout, vector);
    if (id === this.states.length) {
      if (id >= this.limits.states)
        throw new TooLargeError(`the space has more than ${this.limits.states} distinct states`);
      this.states.push({ place, index, configurations, vector });
    }
    return id;
  }

  private internVector(states: readonly number[]): number {
    const key = states.join();
    let id = this.vectorIds.get(key);
    if (id === undefined) {
      if (this.vectors.length >= VECTOR_LIMIT)
        throw new TooLargeError(`the conditions have more than ${VECTOR_LIMIT} distinct states`);
      id = this.vectors.push(states) - 1;
      this.vectorIds.set(key, id);
    }
    return id;
  }

  /** The vector of condition states after a symbol; -1 where a condition is violated for certain. */
  private conditionsAfter(
    vector: number,
    { placement, cost }: PlacedSymbol,
    stage: number,
    inputOf: NonNullable<InputOf>,
  ): number {
    if (this.automata.length === 0) return vector;
    const key = placement * VECTOR_LIMIT + vector;
    let after = this.vectorAfter.get(key);
    if (after === undefined) {
      this.limits.work.spend(this.automata.length * CONDITION_STEP);
      const input = inputOf({ kind: 'part', stage, cost });
      const next = this.vectors[vector]!.map((state, index) => {
        const automaton = this.automata[index]!;
        const found = automaton.next(state, placement, input);
        if (automaton.size > CONDITION_STATE_LIMIT) throw new TooManyStatesError(automaton);
        return found;
      });
      const violated = next.some((state, index) => this.automata[index]!.isDead(state));
      after = violated ? -1 : this.internVector(next);
      this.vectorAfter.set(key, after);
    }
    return after;
  }

  /** The transition on a symbol; undefined where its part cannot stand there or a condition forbids it. */
  private transition(
    { place, vector }: ProductState,
    { symbol, weight, configurations }: Move,
    index: number,
    change: Partial<Place>,
    inputOf: InputOf,
  ): Transition | undefined {
    const { size } = this.placementTable;
    const after = this.places.after(place, symbol, this.model.alphabet.symbols[symbol]!, change);
    this.limits.work.spend(1 + PLACEMENT * (this.placementTable.size - size));
    if (!after) return undefined;
    const vectorAfter = inputOf ? this.conditionsAfter(vector, after.placed, place.stage, inputOf) : vector;
    if (vectorAfter < 0) return undefined;
    const target = this.intern(after.place, index, configurations, vectorAfter);
    return { symbol, placement: after.placed.placement, weight, target };
  }

  private transitions(state: ProductState): (Transition | undefined)[] {
    const { model, configurations } = this;
    const { symbols } = model.alphabet;
    switch (state.place.phase) {
      case 'input':
        return configurations.choose(state.configurations, model.inputs).map((move) => {
          const { classes } = symbols[move.symbol] as { classes: number };
          return this.transition(state, move, 0, { phase: 'stem', classes }, undefined);
        });
      case 'stem':
        return configurations
          .choose(state.configurations, model.stems)
          .map((move) => this.transition(state, move, 0, { phase: 'header', stage: 1 }, (part) => part));
      case 'header':
        return this.headerTransitions(state);
      case 'body':
        return this.bodyTransitions(state);
      case 'head':
        return configurations
          .choose(state.configurations, model.heads)
          .map((move) =>
            this.transition(
              state,
              { ...move, configurations: 0 },
              0,
              { phase: 'done', map: 0, classes: 0 },
              (part) => part,
            ),
          );
      case 'done':
        return [];
      default:
        return state.place.phase satisfies never;
    }
  }

  private headerTransitions(state: ProductState): (Transition | undefined)[] {
    const { stage } = state.place;
    const { headers, layout } = this.model.stages[stage - 1]!;
    return this.configurations.choose(state.configurations, headers, layout).map((move) => {
      const { width, firstStride } = this.model.alphabet.symbols[move.symbol] as {
        width: number;
        firstStride: 1 | 2;
      };
      const change = { phase: 'body', width, stride: firstStride, first: true } as const;
      return this.transition(state, move, 0, change, ({ cost }) => ({ kind: 'header', stage, width, cost }));
    });
  }

  private bodyTransitions(state: ProductState): (Transition | undefined)[] {
    const { stage } = state.place;
    const { depths } = this.model.stages[stage - 1]!;
    const limited = depths.max !== Infinity;
    const left = limited ? depths.max - state.index : Infinity;
    const { blocks, end } = this.configurations.inStage(state.configurations, left);
    const index = limited ? state.index + 1 : 0;
    const result = blocks.map((move) => {
      const { symbol } = move;
      return this.transition(state, move, index, afterBlock, ({ cost }) => {
        const { letter } = (this.model.alphabet.symbols[symbol] as { block: { letter: string } }).block;
        return { kind: 'block', stage, letter, symbol, cost };
      });
    });
    if (end && this.mayEnd(state) && (!limited || depths.has(state.index)))
      result.push(this.endTransition(state, end));
    return result;
  }

  /** A stage without blocks may end only where its header alone gives the stage's width and stride. */
  private mayEnd({ place: { first, stride, map, width } }: ProductState): boolean {
    return !first || (stride === 1 && this.placementTable.featureMaps[map]!.channels === width);
  }

  private endTransition(state: ProductState, end: Omit<Move, 'symbol'>): Transition | undefined {
    const { stage } = state.place;
    const phase = stage === this.model.stages.length ? 'head' : 'header';
    const change = { phase, stage: stage + 1, width: 0, stride: 1, first: false } as const;
    return this.transition(state, { ...end, symbol: 0 }, 0, change, () => ({ kind: 'end', stage }));
  }

  build(): Dfa {
    const start = this.places.intern({
      phase: 'input',
      stage: 0,
      map: this.placementTable.internMap({ height: 1, width: 1, channels: 1 }),
      width: 0,
      stride: 1,
      first: false,
      classes: 0,
    });
    const vector = this.internVector(this.automata.map((automaton) => automaton.start));
    this.intern(start, 0, this.configurations.start(), vector);
    const all: Transition[][] = [];
    for (let id = 0; id < this.states.length; id++) {
      // `states` grows while it is read
      all.push(this.transitions(this.states[id]!).filter((found) => found !== undefined));
    }
    return this.trimmed(all);
  }

  /** Accepted words from each state on. */
  private counts(all: readonly (readonly Transition[])[], order: readonly number[]): bigint[] {
    const counts = new Array<bigint>(all.length).fill(0n);
    for (const id of [...order].reverse()) {
      const { place, vector } = this.states[id]!;
      if (place.phase === 'done') {
        const accepted = this.vectors[vector]!.every((state, index) => this.automata[index]!.accepts(state));
        counts[id] = accepted ? 1n : 0n;
      } else for (const { target } of all[id]!) counts[id]! += counts[target]!;
    }
    return counts;
  }

  /** The automaton without the states from which no word is accepted; state 0 stays. */
  private trimmed(all: readonly (readonly Transition[])[]): Dfa {
    const order = topologicalOrder(all);
    const counts = this.counts(all, order);
    const kept: number[] = [];
    const renumbered = new Int32Array(all.length).fill(-1);
    for (const id of order) if (id === 0 || counts[id]! > 0n) renumbered[id] = kept.push(id) - 1;
    const { compare } = this.model.alphabet;
    const lists = kept.map((id) =>
      all[id]!.filter(({ target }) => counts[target]! > 0n)
        .sort((a, b) => compare(a.symbol, b.symbol))
        .map((found): Transition => ({ ...found, target: renumbered[found.target]! })),
    );
    const { weights, ...arrays } = packTransitions(lists);
    const boundary = Int32Array.from(kept, (id) => {
      const { phase, stage } = this.states[id]!.place;
      return phase === 'header' || phase === 'head' ? stage : 0;
    });
    return {
      ...arrays,
      states: kept.length,
      counts: kept.map((id) => counts[id]!),
      boundary,
      placementTable: this.placementTable,
      ...(this.derivations && { weights }),
    };
  }
}

/** @throws TooLargeError where the set has too many distinct states, or its construction is too much work */
export function buildDfa(
  model: SpaceModel,
  automata: readonly ConditionAutomaton[],
  placementTable = new PlacementTable(),
  { states = STATE_LIMIT, work = transitionBudget() }: Partial<DfaLimits> = {},
): Dfa {
  return new DfaBuilder(model, automata, placementTable, { states, work }, false).build();
}

/**
 * The automaton of derivations: a path for every way to derive a member, with its probability.
 * @throws TooLargeError where there are too many distinct states or transitions
 */
export function buildDerivationAutomaton(
  model: SpaceModel,
  automata: readonly ConditionAutomaton[],
  placementTable: PlacementTable,
): Dfa {
  const limits = { states: STATE_LIMIT, work: transitionBudget() };
  return new DfaBuilder(model, automata, placementTable, limits, true).build();
}

/** @param shared what the work of the automaton counts in, too */
export function transitionBudget(shared?: WorkBudget): WorkBudget {
  const message = (limit: number): string => `the space has more than ${limit} transitions and derivations`;
  return shared ? shared.part(WORK_LIMIT, message) : new WorkBudget(WORK_LIMIT, message);
}
