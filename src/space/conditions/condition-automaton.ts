/**
 * The automaton of a condition: the product of its predicates' automata, with states decided early merged.
 */
import { compilePredicate } from './compile-predicate.js';
import type { Condition, Formula } from './condition.js';
import type { InputSymbol, PredicateAutomaton, State } from './predicate-automaton.js';

/** A truth value; undefined: not decided yet. */
type Ternary = boolean | undefined;
/** State of a predicate's automaton, or its result where that is decided. */
type PredicateState = State | boolean;

/** A formula over the indices of its predicates. */
type Compiled =
  | { readonly kind: 'predicate'; readonly index: number }
  | { readonly kind: 'and' | 'or'; readonly items: readonly Compiled[] }
  | { readonly kind: 'not'; readonly item: Compiled };

/** The value of a formula in Kleene's three-valued logic. */
function evaluate(formula: Compiled, valueAt: (index: number) => Ternary): Ternary {
  switch (formula.kind) {
    case 'predicate':
      return valueAt(formula.index);
    case 'not': {
      const inner = evaluate(formula.item, valueAt);
      return inner === undefined ? undefined : !inner;
    }
    default: {
      const decisive = formula.kind === 'or';
      let open = false;
      for (const item of formula.items) {
        const value = evaluate(item, valueAt);
        if (value === decisive) return decisive;
        open ||= value === undefined;
      }
      return open ? undefined : !decisive;
    }
  }
}

const keyOf = (state: PredicateState): string =>
  typeof state === 'boolean' ? String(state) : state.join(',');

export class ConditionAutomaton {
  readonly start: number;
  private readonly predicates: PredicateAutomaton[] = [];
  private readonly formula: Compiled;
  private readonly states: (readonly PredicateState[])[] = [];
  private readonly ids = new Map<string, number>();
  /** Per state: the value of the whole condition, where it is decided. */
  private readonly decided: Ternary[] = [];
  private readonly transitions = new Map<number, number>();

  /** @param longest the most blocks of each stage, from stage 1 */
  constructor(
    readonly condition: Condition,
    longest: readonly number[],
  ) {
    this.formula = this.compile(condition.formula, longest);
    this.start = this.intern(
      this.predicates.map(({ start }) => start),
      0,
    );
  }

  /** Distinct states reached so far. */
  get size(): number {
    return this.states.length;
  }

  private compile(formula: Formula, longest: readonly number[]): Compiled {
    switch (formula.kind) {
      case 'predicate':
        return {
          kind: 'predicate',
          index: this.predicates.push(compilePredicate(formula.predicate, longest)) - 1,
        };
      case 'not':
        return { kind: 'not', item: this.compile(formula.item, longest) };
      default:
        return { kind: formula.kind, items: formula.items.map((item) => this.compile(item, longest)) };
    }
  }

  private intern(states: readonly PredicateState[], stage: number): number {
    const settled = states.map((state, index) =>
      typeof state === 'boolean' ? state : (this.predicates[index]!.decided(state, stage) ?? state),
    );
    const value = evaluate(this.formula, (index) => {
      const state = settled[index]!;
      return typeof state === 'boolean' ? state : undefined;
    });
    const kept: readonly PredicateState[] = value === undefined ? settled : [value];
    const key = kept.map(keyOf).join(';');
    let id = this.ids.get(key);
    if (id === undefined) {
      id = this.states.push(kept) - 1;
      this.ids.set(key, id);
      this.decided.push(value);
    }
    return id;
  }

  /** @param placement number of the (symbol, placement) pair that `input` describes, below 2^22 */
  next(state: number, placement: number, input: InputSymbol): number {
    if (this.decided[state] !== undefined) return state;
    const key = state * 0x400000 + placement;
    let next = this.transitions.get(key);
    if (next === undefined) {
      const states = this.states[state]!.map((inner, index) =>
        typeof inner === 'boolean' ? inner : this.predicates[index]!.next(inner, input),
      );
      next = this.intern(states, input.kind === 'end' ? input.stage : input.stage - 1);
      this.transitions.set(key, next);
    }
    return next;
  }

  /** True where no continuation can satisfy the condition. */
  isDead(state: number): boolean {
    return this.decided[state] === false;
  }

  /** Whether a word that ends in this state satisfies the condition. */
  accepts(state: number): boolean {
    return (
      this.decided[state] ??
      evaluate(this.formula, (index) => {
        const inner = this.states[state]![index]!;
        return typeof inner === 'boolean' ? inner : this.predicates[index]!.accepts(inner);
      })!
    );
  }
}

/** The conditions of some automata, for messages. */
export const conditionTexts = (automata: readonly ConditionAutomaton[]): string =>
  automata.map(({ condition }) => condition.text).join(' and ');
