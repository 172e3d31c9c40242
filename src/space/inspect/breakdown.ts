/** Breakdown of the size of a space: choices per part, and members that each condition removes. */

import type { Dfa } from '../automaton/dfa.js';
import { CompiledSpace } from '../compiled-space.js';
import type { Condition } from '../conditions/condition.js';
import type { Alphabet, AlphabetSymbol } from '../model/alphabet.js';
import type { Count } from '../model/space.js';
import { TooLargeError } from '../model/too-large-error.js';

export interface PartBreakdown {
  /** `input`, `stem`, `stage 1`…, `head`. */
  readonly part: string;
  /** Distinct strings of letters; undefined for parts that are no stage. */
  readonly layouts: bigint | undefined;
  /** Distinct ways to fill the part: width, downsampling layer, blocks with their parameters. */
  readonly choices: bigint;
}
export interface ConditionBreakdown {
  readonly condition: Condition;
  /** Members removed where this is the only condition. */
  readonly alone: bigint | undefined;
  /**
   * Members removed from those that all other conditions leave; undefined where a filter makes counts
   * inexact.
   */
  readonly beyondOthers: bigint | undefined;
  readonly leftByOthers: bigint | undefined;
}
export interface Breakdown {
  readonly parts: readonly PartBreakdown[];
  /** Members before any condition. */
  readonly unconditioned: bigint;
  readonly conditions: readonly ConditionBreakdown[];
}

const WORD_SETS = 100_000;

/**
 * Number of distinct words from any of `starts` to the first state where `ends` holds. Transitions with equal
 * keys read the same symbol, those with key `undefined` the empty word.
 */
function distinctWords(
  dfa: Dfa,
  starts: readonly number[],
  ends: (state: number) => boolean,
  keyOf: (transition: number) => number | string | undefined,
): bigint {
  const { firstTransition, targets } = dfa;
  const counts = new Map<string, bigint>();
  const closed = (states: readonly number[]): number[] => {
    const seen = new Set(states);
    for (const state of seen) {
      if (ends(state)) continue;
      for (let transition = firstTransition[state]!; transition < firstTransition[state + 1]!; transition++)
        if (keyOf(transition) === undefined) seen.add(targets[transition]!);
    }
    return [...seen].sort((a, b) => a - b);
  };
  const count = (states: readonly number[]): bigint => {
    const set = closed(states);
    const key = set.join();
    const known = counts.get(key);
    if (known !== undefined) return known;
    if (counts.size >= WORD_SETS) throw new TooLargeError('a stage has too many distinct states');
    let sum = 0n;
    const byKey = new Map<number | string, number[]>();
    for (const state of set) {
      if (ends(state)) continue;
      for (let transition = firstTransition[state]!; transition < firstTransition[state + 1]!; transition++) {
        const one = keyOf(transition);
        if (one !== undefined) byKey.set(one, [...(byKey.get(one) ?? []), targets[transition]!]);
      }
    }
    if (set.some(ends)) sum = 1n;
    for (const next of byKey.values()) sum += count([...new Set(next)]);
    counts.set(key, sum);
    return sum;
  };
  return starts.length === 0 ? 0n : count(starts);
}

function letterOf(symbol: AlphabetSymbol): string | undefined {
  if (symbol.kind === 'block') return symbol.block.letter;
  return symbol.kind === 'end' ? '-' : undefined;
}

function partsOf(dfa: Dfa, alphabet: Alphabet, stages: number): PartBreakdown[] {
  const symbol = (transition: number): AlphabetSymbol => alphabet.symbols[dfa.symbols[transition]!]!;
  const distinct = (kind: AlphabetSymbol['kind']): bigint =>
    BigInt(new Set([...dfa.symbols].filter((id) => alphabet.symbols[id]!.kind === kind)).size);
  const boundaries = Array.from({ length: stages + 2 }, (): number[] => []);
  for (let state = 0; state < dfa.states; state++) boundaries[dfa.boundary[state]!]?.push(state);
  const rows: PartBreakdown[] = [
    { part: 'input', layouts: undefined, choices: distinct('input') },
    { part: 'stem', layouts: undefined, choices: distinct('stem') },
  ];
  for (let stage = 1; stage <= stages; stage++) {
    const ends = (state: number): boolean => dfa.boundary[state] === stage + 1;
    rows.push({
      part: `stage ${stage}`,
      layouts: distinctWords(dfa, boundaries[stage]!, ends, (transition) => letterOf(symbol(transition))),
      choices: distinctWords(dfa, boundaries[stage]!, ends, (transition) => dfa.symbols[transition]!),
    });
  }
  return [...rows, { part: 'head', layouts: undefined, choices: distinct('head') }];
}

const exactly = (count: Count): bigint | undefined => (count.exact ? count.count : undefined);

/**
 * Members that each condition removes, alone and from those that the others leave. Conditions implied by a
 * `mirrors` clause are not listed.
 */
export function conditionsBreakdown(space: CompiledSpace): ConditionBreakdown[] {
  const { base: shared, conditions } = space;
  const whole = exactly(space.count());
  const listed = conditions.filter((condition) => !condition.implied);
  const implied = conditions.filter((condition) => condition.implied);
  const count = (some: readonly Condition[]): bigint | undefined =>
    exactly(new CompiledSpace(shared, some).count());
  const free = implied.length === 0 ? shared.unconditioned.counts[0]! : count(implied);
  const less = (from: bigint | undefined, what: bigint | undefined): bigint | undefined =>
    from === undefined || what === undefined ? undefined : from - what;
  return listed.map((condition) => {
    const others = conditions.filter((other) => other !== condition);
    const leftByOthers = listed.length === 1 ? free : count(others);
    return {
      condition,
      alone: less(free, listed.length === 1 ? whole : count([...implied, condition])),
      beyondOthers: less(leftByOthers, whole),
      leftByOthers,
    };
  });
}

/** @throws TooLargeError where a stage has too many distinct states */
export function breakdown(space: CompiledSpace): Breakdown {
  const { unconditioned: base, model } = space.base;
  return {
    parts: partsOf(base, model.alphabet, model.stages.length),
    unconditioned: base.counts[0]!,
    conditions: conditionsBreakdown(space),
  };
}
