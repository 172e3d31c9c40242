/**
 * An acyclic deterministic automaton over the alphabet of a space: every path from state 0 to a final state
 * is one member. States are numbered in topological order; the transitions of a state are sorted in the order
 * of the space. A final state has no transitions.
 */
import type { PlacementTable } from './placement-table.js';

export interface Dfa {
  /** Number of states. */
  readonly states: number;
  /** Transitions of state s are `firstTransition[s]` up to `firstTransition[s + 1]`. */
  readonly firstTransition: Int32Array;
  readonly symbols: Int32Array;
  readonly targets: Int32Array;
  /** (symbol, placement) of a transition: index into `placementTable.costs`. */
  readonly placements: Int32Array;
  /** Accepted words from each state on. */
  readonly counts: readonly bigint[];
  /** Stage whose header leaves this state, from 1; 0 elsewhere. `stages + 1` is the state before the head. */
  readonly boundary: Int32Array;
  readonly placementTable: PlacementTable;
  /** In an automaton whose paths are derivations: the probability of each transition at its state. */
  readonly weights?: Float64Array;
}

export interface Transition {
  readonly symbol: number;
  readonly target: number;
  readonly placement: number;
  /** Probability at its state, where paths are derivations; else unused. */
  readonly weight: number;
}

/** States reachable from 0, ordered so that every transition leads to a later one. */
export function topologicalOrder(transitions: readonly (readonly { readonly target: number }[])[]): number[] {
  const postorder: number[] = [];
  const nextTransition = new Int32Array(transitions.length).fill(-1);
  const stack = [0];
  nextTransition[0] = 0;
  while (stack.length > 0) {
    const state = stack.at(-1)!;
    const transition = transitions[state]![nextTransition[state]!++];
    if (!transition) postorder.push(stack.pop()!);
    else if (nextTransition[transition.target]! < 0) {
      nextTransition[transition.target] = 0;
      stack.push(transition.target);
    }
  }
  return postorder.reverse();
}

type TransitionArrays = Pick<Dfa, 'firstTransition' | 'symbols' | 'targets' | 'placements'> & {
  readonly weights: Float64Array;
};

/** The transition lists of all states as arrays. */
export function packTransitions(lists: readonly (readonly Transition[])[]): TransitionArrays {
  const size = lists.reduce((sum, list) => sum + list.length, 0);
  const arrays = {
    firstTransition: new Int32Array(lists.length + 1),
    symbols: new Int32Array(size),
    targets: new Int32Array(size),
    placements: new Int32Array(size),
    weights: new Float64Array(size),
  };
  let at = 0;
  lists.forEach((list, state) => {
    arrays.firstTransition[state] = at;
    for (const { symbol, target, placement, weight } of list) {
      arrays.symbols[at] = symbol;
      arrays.targets[at] = target;
      arrays.placements[at] = placement;
      arrays.weights[at++] = weight;
    }
  });
  arrays.firstTransition[lists.length] = at;
  return arrays;
}
