/**
 * Members of a space that stand for all of it: a set in which every part occurs wherever it may stand, and
 * the members with the most and the fewest MACs.
 */
import type { Architecture } from '../../architecture/architecture.js';
import { seededRandom } from '../../util/random.js';
import type { Dfa } from '../automaton/dfa.js';
import type { CompiledSpace } from '../compiled-space.js';

/** A state of the automaton with the number of blocks that the stage has so far, and how it was reached. */
interface Node {
  readonly state: number;
  readonly position: number;
  /** Undefined for the start. */
  readonly from?: { readonly node: Node; readonly transition: number };
}

/** All pairs of state and position in the stage, in topological order. */
function nodesOf(dfa: Dfa, isBlock: (symbol: number) => boolean): Node[] {
  const nodes: Node[] = [];
  const byState: Map<number, Node>[] = Array.from({ length: dfa.states }, () => new Map());
  byState[0]!.set(0, { state: 0, position: 0 });
  for (const [state, atState] of byState.entries())
    for (const node of atState.values()) {
      nodes.push(node);
      for (let at = dfa.firstTransition[state]!; at < dfa.firstTransition[state + 1]!; at++) {
        const position = isBlock(dfa.symbols[at]!) ? node.position + 1 : 0;
        const target = byState[dfa.targets[at]!]!;
        if (!target.has(position))
          target.set(position, { state: dfa.targets[at]!, position, from: { node, transition: at } });
      }
    }
  return nodes;
}

/**
 * Architectures among which every part occurs at every position with every size of map and width that it has
 * in the space. They keep the conditions on layouts, though not budgets: one may be no member.
 */
export function* coveringMembers(space: CompiledSpace): Generator<Architecture> {
  const { dfa } = space;
  const { alphabet } = space.base.model;
  const isBlock = (symbol: number): boolean => alphabet.symbols[symbol]!.kind === 'block';
  const covered = new Set<string>();
  for (const node of nodesOf(dfa, isBlock))
    for (let at = dfa.firstTransition[node.state]!; at < dfa.firstTransition[node.state + 1]!; at++) {
      if (covered.has(`${dfa.placements[at]},${node.position}`)) continue;
      const transitions = [at];
      for (let { from } = node; from; from = from.node.from) transitions.unshift(from.transition);
      for (let state = dfa.targets[at]!; dfa.firstTransition[state]! < dfa.firstTransition[state + 1]!; ) {
        transitions.push(dfa.firstTransition[state]!);
        state = dfa.targets[dfa.firstTransition[state]!]!;
      }
      let position = 0;
      for (const transition of transitions) {
        covered.add(`${dfa.placements[transition]},${position}`);
        position = isBlock(dfa.symbols[transition]!) ? position + 1 : 0;
      }
      yield alphabet.architectureOf(transitions.map((each) => dfa.symbols[each]!));
    }
}

/** Draws among which the extreme is sought where conditions are not part of the automaton. */
const DRAWS = 2000;

/** The member with the most or fewest MACs; under budgets and filters the most extreme of 2,000 draws. */
export function extremeMember(space: CompiledSpace, which: 'most' | 'fewest'): Architecture {
  const sign = which === 'most' ? 1 : -1;
  const { dfa } = space;
  const best = new Float64Array(dfa.states);
  const chosen = new Int32Array(dfa.states).fill(-1);
  for (let state = dfa.states - 1; state >= 0; state--)
    for (let at = dfa.firstTransition[state]!; at < dfa.firstTransition[state + 1]!; at++) {
      const macs = dfa.placementTable.costs[dfa.placements[at]!]!.macs;
      const value = sign * macs + best[dfa.targets[at]!]!;
      if (chosen[state]! < 0 || value > best[state]!) [best[state], chosen[state]] = [value, at];
    }
  const word: number[] = [];
  for (let state = 0; chosen[state]! >= 0; state = dfa.targets[chosen[state]!]!)
    word.push(dfa.symbols[chosen[state]!]!);
  const extreme = space.base.model.alphabet.architectureOf(word);
  return space.contains(extreme).member ? extreme : extremeDraw(space, sign);
}

function extremeDraw(space: CompiledSpace, sign: number): Architecture {
  const random = seededRandom('extreme member');
  let extreme = space.sample(random);
  for (let draw = 1; draw < DRAWS; draw++) {
    const other = space.sample(random);
    if (sign * (space.costOf(other).macs - space.costOf(extreme).macs) > 0) extreme = other;
  }
  return extreme;
}
