/**
 * Enumerates the members of an automaton as architectures in the order of the space. Successive members share
 * the stage objects that they have in common.
 */

import type { Architecture } from '../../architecture/architecture.js';
import { type Alphabet, type AlphabetSymbol, stageOf } from '../model/alphabet.js';
import type { Dfa } from './dfa.js';

/** All members, in order. */
export function* enumerateArchitectures(dfa: Dfa, { symbols }: Alphabet): Generator<Architecture> {
  const { firstTransition, targets, symbols: symbolOf, counts } = dfa;
  if (counts[0] === 0n) return;
  const path: number[] = []; // the transitions that lead here
  /** Stages that are unchanged since the last member, and where each ends in the path. */
  const stages: Architecture['stages'][number][] = [];
  const ends: number[] = [];
  let transition = firstTransition[0]!;
  for (;;) {
    path.push(transition);
    const state = targets[transition]!;
    transition = firstTransition[state]!;
    if (transition < firstTransition[state + 1]!) continue;
    const last = path.length - 1;
    for (let at = ends.length === 0 ? 2 : ends[ends.length - 1]! + 1; at < last; at++) {
      const header = symbols[symbolOf[path[at++]!]!] as AlphabetSymbol & { kind: 'header' };
      const blocks = [];
      for (let symbol = symbolOf[path[at]!]!; symbol !== 0; symbol = symbolOf[path[++at]!]!)
        blocks.push((symbols[symbol] as AlphabetSymbol & { kind: 'block' }).block);
      stages.push(stageOf(header, blocks));
      ends.push(at);
    }
    const { input, classes } = symbols[symbolOf[path[0]!]!] as AlphabetSymbol & { kind: 'input' };
    const { stem } = symbols[symbolOf[path[1]!]!] as AlphabetSymbol & { kind: 'stem' };
    const { head } = symbols[symbolOf[path[last]!]!] as AlphabetSymbol & { kind: 'head' };
    yield Object.freeze({ input, classes, stem, stages: Object.freeze(stages.slice()), head });
    for (;;) {
      // return to the last state with a transition not yet taken
      const taken = path.pop();
      if (taken === undefined) return;
      transition = taken + 1;
      if (transition < firstTransition[path.length > 0 ? targets[path[path.length - 1]!]! + 1 : 1]!) break;
    }
    while (ends.length > 0 && ends[ends.length - 1]! >= path.length) {
      ends.pop();
      stages.pop();
    }
  }
}
