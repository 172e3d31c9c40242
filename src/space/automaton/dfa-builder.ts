/**
 * Builds the automaton of a space: the subset construction over the layout NFAs, as a product with the
 * feature map, the widths and the condition automata. States from which no member can be completed are
 * removed.
 */
import type { ConditionAutomaton } from '../conditions/condition-automaton.js';
import type { InputSymbol } from '../conditions/predicate-automaton.js';
import type { SpaceModel } from '../model/space-model.js';
import { TooLargeError } from '../model/too-large-error.js';
import { Configurations, type Move } from './configurations.js';
import { type Dfa, packTransitions, type Transition, topologicalOrder } from './dfa.js';
import { type Placement, PlacementTable } from './placement-table.js';

export const STATE_LIMIT = 100_000;
/** States of one condition's automaton alone. */
const CONDITION_STATE_LIMIT = 30_000;

/** One condition alone has too many states, whatever the other conditions are. */
export class TooManyStatesError extends TooLargeError {
  constructor(readonly automaton: ConditionAutomaton) {
    super(`a condition has more than ${CONDITION_STATE_LIMIT} distinct states: ${automaton.condition.text}`);
  }
}

/** A state of the product, before useless states are removed. */
interface ProductState extends Placement {
  /** What is read next. */
  readonly phase: 'input' | 'stem' | 'header' | 'body' | 'head' | 'done';
  /** Blocks of the open stage so far, where its depth is limited; else 0. */
  readonly index: number;
  readonly configurations: number;
  /** States of the condition automata. */
  readonly conditions: readonly number[];
}

/** The symbol as the condition automata read it; undefined for the input, which they skip. */
type InputOf = ((part: InputSymbol & { kind: 'part' }) => InputSymbol) | undefined;

class DfaBuilder {
  private readonly configurations: Configurations;
  private readonly states: ProductState[] = [];
  private readonly ids = new Map<string, number>();

  constructor(
    private readonly model: SpaceModel,
    private readonly automata: readonly ConditionAutomaton[],
    private readonly placementTable: PlacementTable,
    private readonly limit: number,
    private readonly derivations: boolean,
  ) {
    placementTable.setAlphabet(model.alphabet.symbols);
    this.configurations = new Configurations(model, derivations);
  }

  private intern(state: ProductState): number {
    const { phase, stage, map, width, stride, first, classes, index, configurations, conditions } = state;
    const place = `${phase},${stage},${map},${width},${stride},${first ? 1 : 0},${classes}`;
    const key = `${place},${index},${configurations},${conditions.join('.')}`;
    let id = this.ids.get(key);
    if (id === undefined) {
      if (this.states.length >= this.limit)
        throw new TooLargeError(`the space has more than ${this.limit} distinct states`);
      id = this.states.push(state) - 1;
      this.ids.set(key, id);
    }
    return id;
  }

  /** States of the condition automata after a symbol; undefined where a condition is violated for certain. */
  private conditionsAfter(
    states: readonly number[],
    placement: number,
    input: InputSymbol,
  ): readonly number[] | undefined {
    const next = states.map((state, index) => {
      const automaton = this.automata[index]!;
      const after = automaton.next(state, placement, input);
      if (automaton.size > CONDITION_STATE_LIMIT) throw new TooManyStatesError(automaton);
      return after;
    });
    return next.some((state, index) => this.automata[index]!.isDead(state)) ? undefined : next;
  }

  /** The transition on a symbol; undefined where its part cannot stand there or a condition forbids it. */
  private transition(
    state: ProductState,
    { symbol, weight }: Pick<Move, 'symbol' | 'weight'>,
    change: Partial<ProductState>,
    inputOf: InputOf,
  ): Transition | undefined {
    const placed = this.placementTable.place(symbol, this.model.alphabet.symbols[symbol]!, state);
    if (!placed) return undefined;
    const { placement, cost, map } = placed;
    const conditions = inputOf
      ? this.conditionsAfter(state.conditions, placement, inputOf({ kind: 'part', stage: state.stage, cost }))
      : state.conditions;
    if (!conditions) return undefined;
    return { symbol, placement, weight, target: this.intern({ ...state, map, conditions, ...change }) };
  }

  private transitions(state: ProductState): (Transition | undefined)[] {
    const { model, configurations } = this;
    const { symbols } = model.alphabet;
    switch (state.phase) {
      case 'input':
        return configurations.choose(state.configurations, model.inputs).map((move) => {
          const { classes } = symbols[move.symbol] as { classes: number };
          const change = { phase: 'stem', configurations: move.configurations, classes } as const;
          return this.transition(state, move, change, undefined);
        });
      case 'stem':
        return configurations.choose(state.configurations, model.stems).map((move) => {
          const change = { phase: 'header', stage: 1, configurations: move.configurations } as const;
          return this.transition(state, move, change, (part) => part);
        });
      case 'header':
        return this.headerTransitions(state);
      case 'body':
        return this.bodyTransitions(state);
      case 'head':
        return configurations.choose(state.configurations, model.heads).map((move) => {
          const change = { phase: 'done', configurations: 0, map: 0, classes: 0 } as const;
          return this.transition(state, move, change, (part) => part);
        });
      case 'done':
        return [];
      default:
        return state.phase satisfies never;
    }
  }

  private headerTransitions(state: ProductState): (Transition | undefined)[] {
    const { stage } = state;
    const { headers, layout } = this.model.stages[stage - 1]!;
    return this.configurations.choose(state.configurations, headers, layout).map((move) => {
      const { width, firstStride } = this.model.alphabet.symbols[move.symbol] as {
        width: number;
        firstStride: 1 | 2;
      };
      const change = {
        phase: 'body',
        configurations: move.configurations,
        width,
        stride: firstStride,
        first: true,
        index: 0,
      } as const;
      return this.transition(state, move, change, ({ cost }) => ({ kind: 'header', stage, width, cost }));
    });
  }

  private bodyTransitions(state: ProductState): (Transition | undefined)[] {
    const { stage } = state;
    const { depths } = this.model.stages[stage - 1]!;
    const limited = depths.max !== Infinity;
    const left = limited ? depths.max - state.index : Infinity;
    const { blocks, end } = this.configurations.inStage(state.configurations, left);
    const index = limited ? state.index + 1 : 0;
    const result = blocks.map((move) => {
      const { symbol, configurations } = move;
      const { letter } = (this.model.alphabet.symbols[symbol] as { block: { letter: string } }).block;
      const change = { configurations, first: false, stride: 1, index } as const;
      return this.transition(state, move, change, ({ cost }) => ({
        kind: 'block',
        stage,
        letter,
        symbol,
        cost,
      }));
    });
    if (end && this.mayEnd(state) && (!limited || depths.has(state.index)))
      result.push(this.endTransition(state, end));
    return result;
  }

  /** A stage without blocks may end only where its header alone gives the stage's width and stride. */
  private mayEnd({ first, stride, map, width }: ProductState): boolean {
    return !first || (stride === 1 && this.placementTable.featureMaps[map]!.channels === width);
  }

  private endTransition(
    state: ProductState,
    { configurations, weight }: { readonly configurations: number; readonly weight: number },
  ): Transition | undefined {
    const { stage } = state;
    const change = {
      phase: stage === this.model.stages.length ? 'head' : 'header',
      stage: stage + 1,
      configurations,
      width: 0,
      stride: 1,
      first: false,
      index: 0,
    } as const;
    return this.transition(state, { symbol: 0, weight }, change, () => ({ kind: 'end', stage }));
  }

  build(): Dfa {
    this.intern({
      phase: 'input',
      stage: 0,
      map: this.placementTable.internMap({ height: 1, width: 1, channels: 1 }),
      width: 0,
      stride: 1,
      first: false,
      classes: 0,
      index: 0,
      configurations: this.configurations.start(),
      conditions: this.automata.map(({ start }) => start),
    });
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
      const { phase, conditions } = this.states[id]!;
      if (phase === 'done') {
        const accepted = conditions.every((state, index) => this.automata[index]!.accepts(state));
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
      const { phase, stage } = this.states[id]!;
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

/** @throws TooLargeError where the set has too many distinct states */
export function buildDfa(
  model: SpaceModel,
  automata: readonly ConditionAutomaton[],
  placementTable = new PlacementTable(),
  limit = STATE_LIMIT,
): Dfa {
  return new DfaBuilder(model, automata, placementTable, limit, false).build();
}

/**
 * The automaton of derivations: a path for every way to derive a member, with its probability.
 * @throws TooLargeError where there are too many distinct states
 */
export function buildDerivationAutomaton(
  model: SpaceModel,
  automata: readonly ConditionAutomaton[],
  placementTable: PlacementTable,
): Dfa {
  return new DfaBuilder(model, automata, placementTable, STATE_LIMIT, true).build();
}
