/**
 * A condition as an automaton: the states of its atoms together, interned, with verdicts that are certain
 * folded in.
 */
import { type State, type Step, type Tracker, trackerOf } from './atoms.js';
import type { Condition, Formula } from './conditions.js';

type AtomState = State | boolean;
type Truth = boolean | undefined;

/** Formula over atom indices. */
type Compiled =
  | { readonly kind: 'atom'; readonly index: number }
  | { readonly kind: 'and' | 'or'; readonly items: readonly Compiled[] }
  | { readonly kind: 'not'; readonly item: Compiled };

/** Kleene's three-valued logic: undefined is what is not known yet. */
function evaluate(formula: Compiled, atoms: (index: number) => Truth): Truth {
  switch (formula.kind) {
    case 'atom':
      return atoms(formula.index);
    case 'not': {
      const inner = evaluate(formula.item, atoms);
      return inner === undefined ? undefined : !inner;
    }
    default: {
      const decisive = formula.kind === 'or';
      let unknown = false;
      for (const item of formula.items) {
        const value = evaluate(item, atoms);
        if (value === decisive) return decisive;
        unknown ||= value === undefined;
      }
      return unknown ? undefined : !decisive;
    }
  }
}

export class ConditionMachine {
  readonly start: number;
  private readonly trackers: Tracker[] = [];
  private readonly formula: Compiled;
  private readonly states: (readonly AtomState[])[] = [];
  private readonly ids = new Map<string, number>();
  private readonly known: Truth[] = [];
  private readonly steps = new Map<number, number>();

  /** @param longest the most blocks that each stage may have, from stage 1 */
  constructor(
    readonly condition: Condition,
    longest: readonly number[],
  ) {
    this.formula = this.compile(condition.formula, longest);
    this.start = this.intern(
      this.trackers.map((tracker) => tracker.start),
      0,
    );
  }

  /** Distinct states met so far. */
  get size(): number {
    return this.states.length;
  }

  private compile(formula: Formula, stages: readonly number[]): Compiled {
    switch (formula.kind) {
      case 'atom':
        return { kind: 'atom', index: this.trackers.push(trackerOf(formula.atom, stages)) - 1 };
      case 'not':
        return { kind: 'not', item: this.compile(formula.item, stages) };
      default:
        return { kind: formula.kind, items: formula.items.map((item) => this.compile(item, stages)) };
    }
  }

  private intern(states: readonly AtomState[], stage: number): number {
    const settled = states.map((state, index) =>
      typeof state === 'boolean' ? state : (this.trackers[index]!.known(state, stage) ?? state),
    );
    const truth = evaluate(this.formula, (index) =>
      typeof settled[index] === 'boolean' ? (settled[index] as boolean) : undefined,
    );
    const kept: readonly AtomState[] = truth === undefined ? settled : [truth];
    const key =
      truth === undefined
        ? settled.map((state) => (typeof state === 'boolean' ? String(state) : state.join(','))).join(';')
        : String(truth);
    let id = this.ids.get(key);
    if (id === undefined) {
      id = this.states.push(kept) - 1;
      this.ids.set(key, id);
      this.known.push(truth);
    }
    return id;
  }

  /** @param event number of this step among all steps of the space, below 2^22 */
  step(state: number, event: number, step: Step): number {
    if (this.known[state] !== undefined) return state;
    const key = state * 0x400000 + event;
    let next = this.steps.get(key);
    if (next === undefined) {
      const states = this.states[state]!.map((inner, index) =>
        typeof inner === 'boolean' ? inner : this.trackers[index]!.step(inner, step),
      );
      next = this.intern(states, step.kind === 'end' ? step.stage : step.stage - 1);
      this.steps.set(key, next);
    }
    return next;
  }

  /** True where no continuation can meet the condition any more. */
  isDead(state: number): boolean {
    return this.known[state] === false;
  }

  /** Whether a word that ends in this state meets the condition. */
  accepts(state: number): boolean {
    return (
      this.known[state] ??
      evaluate(this.formula, (index) => {
        const inner = this.states[state]![index]!;
        return typeof inner === 'boolean' ? inner : this.trackers[index]!.verdict(inner);
      })!
    );
  }
}
