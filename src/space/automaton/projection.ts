/**
 * The image of an automaton's language under a projection of its symbols, determinised by the subset
 * construction, so that each projected word counts once.
 */
import { TooLargeError } from '../model/too-large-error.js';
import { type Dfa, packTransitions, type Transition, topologicalOrder } from './dfa.js';

const SUBSET_LIMIT = 300_000;

/** Key of a transition's projected symbol; undefined for the empty word. Equal keys are one symbol. */
export type Projection = (transition: number) => number | undefined;

/** Subsets of the automaton's states, closed under transitions that read the empty word. */
class Subsets {
  readonly all: (readonly number[])[] = [];
  private readonly ids = new Map<string, number>();

  constructor(
    private readonly dfa: Dfa,
    private readonly projection: Projection,
  ) {}

  intern(states: readonly number[]): number {
    const closed = this.closure(states);
    const key = closed.join(',');
    let id = this.ids.get(key);
    if (id === undefined) {
      if (this.all.length >= SUBSET_LIMIT)
        throw new TooLargeError(`the classes have more than ${SUBSET_LIMIT} distinct states`);
      id = this.all.push(closed) - 1;
      this.ids.set(key, id);
    }
    return id;
  }

  private closure(states: readonly number[]): number[] {
    const { firstTransition, targets } = this.dfa;
    const seen = new Set(states);
    const open = [...states];
    while (open.length > 0) {
      const state = open.pop()!;
      for (let at = firstTransition[state]!; at < firstTransition[state + 1]!; at++) {
        if (this.projection(at) !== undefined || seen.has(targets[at]!)) continue;
        seen.add(targets[at]!);
        open.push(targets[at]!);
      }
    }
    return [...seen].sort((a, b) => a - b);
  }

  /** Transitions of a subset; each keeps symbol and placement of the first transition with its key. */
  transitions(subset: number, compare: (a: number, b: number) => number): Transition[] {
    const { firstTransition, targets, symbols, placements } = this.dfa;
    const byKey = new Map<number, { readonly first: number; readonly states: number[] }>();
    for (const state of this.all[subset]!) {
      for (let at = firstTransition[state]!; at < firstTransition[state + 1]!; at++) {
        const key = this.projection(at);
        if (key === undefined) continue;
        const found = byKey.get(key);
        if (found) found.states.push(targets[at]!);
        else byKey.set(key, { first: at, states: [targets[at]!] });
      }
    }
    return [...byKey.values()]
      .map(({ first, states }) => ({
        symbol: symbols[first]!,
        placement: placements[first]!,
        target: this.intern(states),
        weight: 1,
      }))
      .sort((a, b) => compare(a.symbol, b.symbol));
  }
}

/** @throws TooLargeError where the result has too many states */
export function determinizedProjection(
  dfa: Dfa,
  projection: Projection,
  compare: (a: number, b: number) => number,
): Dfa {
  const subsets = new Subsets(dfa, projection);
  subsets.intern([0]);
  const all: Transition[][] = [];
  for (let id = 0; id < subsets.all.length; id++) all.push(subsets.transitions(id, compare));
  const order = topologicalOrder(all);
  const renumbered = new Int32Array(all.length);
  order.forEach((id, position) => {
    renumbered[id] = position;
  });
  const lists = order.map((id) =>
    all[id]!.map((found): Transition => ({ ...found, target: renumbered[found.target]! })),
  );
  const { weights: _unused, ...arrays } = packTransitions(lists);
  const accepted = dfa.counts[0] === 0n ? 0n : 1n;
  const counts = new Array<bigint>(order.length).fill(0n);
  for (let state = order.length - 1; state >= 0; state--) {
    if (lists[state]!.length === 0) counts[state] = accepted;
    else for (const { target } of lists[state]!) counts[state]! += counts[target]!;
  }
  const boundary = Int32Array.from(order, (id) => dfa.boundary[subsets.all[id]![0]!]!);
  return { ...arrays, states: order.length, counts, boundary, placementTable: dfa.placementTable };
}
