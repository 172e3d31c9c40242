/** The automata of the atomic predicates of a condition. */
import { gcd } from '../../util/gcd.js';
import { comparisonAutomaton } from './comparison-automaton.js';
import type { Predicate, StageRange } from './condition.js';
import { isWithin } from './feature-registers.js';
import { isViolated, type PredicateAutomaton, type State, violated } from './predicate-automaton.js';

/** Violated states are decided at once, others when the last stage of the range has ended. */
function decidedAfter(state: State, stage: number, lastStage: number): boolean | undefined {
  if (isViolated(state)) return false;
  return stage >= lastStage ? true : undefined;
}

/**
 * A predicate that every stage of a range satisfies or violates by itself.
 * @param next the state after a block, from `start` in every stage
 * @param atEnd whether a stage may end in a state
 */
function perStageAutomaton(
  stages: StageRange,
  start: State,
  next: (state: State, letter: string) => State,
  atEnd: (state: State) => boolean = () => true,
): PredicateAutomaton {
  return {
    start,
    next(state, input) {
      if (isViolated(state) || input.kind === 'part' || !isWithin(input.stage, stages)) return state;
      if (input.kind === 'header') return start;
      if (input.kind === 'end') return atEnd(state) ? start : violated;
      return next(state, input.letter);
    },
    accepts: (state) => !isViolated(state),
    decided: (state, stage) => decidedAfter(state, stage, stages.to),
  };
}

/** Every stage of one kind of block, or as many C as T. */
const symmetricAutomaton = (stages: number): PredicateAutomaton =>
  perStageAutomaton(
    { from: 1, to: stages },
    [0, 0],
    ([c, t], letter) => [
      (c as number) + Number(letter.startsWith('C')),
      (t as number) + Number(letter.startsWith('T')),
    ],
    ([c, t]) => c === 0 || t === 0 || c === t,
  );

/** No `first` after a `second` in a stage. */
const beforeAutomaton = ({ first, second, stages }: Predicate & { kind: 'before' }): PredicateAutomaton =>
  perStageAutomaton(stages, [0], (state, letter) => {
    if (letter === second) return [1];
    return letter === first && state[0] === 1 ? violated : state;
  });

/** No stage contains `word` as consecutive blocks; the state is the suffix that may still become it. */
const noWordAutomaton = ({ word, stages }: Predicate & { kind: 'no' }): PredicateAutomaton =>
  perStageAutomaton(stages, [], (state, letter) => {
    const suffix = [...state, letter].slice(-word.length);
    const found = suffix.length === word.length && suffix.every((one, index) => one === word[index]);
    return found ? violated : suffix.slice(-(word.length - 1) || suffix.length);
  });

/** @param longest the most blocks that `second` may have: a longer `first` cannot be repeated */
function repeatedStageAutomaton(
  { kind, first, second, whole }: Predicate & { kind: 'equal' | 'mirror' },
  longest: number,
): PredicateAutomaton {
  // The state is the blocks of `first` read so far, then those that `second` must still have.
  return {
    start: [],
    next(state, input) {
      if (isViolated(state)) return state;
      if (input.kind === 'end') return input.stage === second && state.length > 0 ? violated : state;
      if (input.kind !== 'block') return state;
      const read = whole ? input.symbol : input.letter;
      if (input.stage === first) {
        if (state.length >= longest) return violated;
        return kind === 'equal' ? [...state, read] : [read, ...state];
      }
      if (input.stage !== second) return state;
      return state[0] === read ? state.slice(1) : violated;
    },
    accepts: (state) => state.length === 0,
    decided(state, stage) {
      if (isViolated(state)) return false;
      return stage >= second ? state.length === 0 : undefined;
    },
  };
}

function monotoneShareAutomaton({
  kind,
  letter,
  stages,
}: Predicate & { kind: 'rising' | 'falling' }): PredicateAutomaton {
  return {
    // share of the last stage with blocks as a reduced fraction (-1: none yet), then count and depth of the
    // open stage
    start: [-1, 1, 0, 0],
    next(state, input) {
      if (isViolated(state) || input.kind === 'part' || input.kind === 'header') return state;
      if (!isWithin(input.stage, stages)) return state;
      const [above, below, count, all] = state as readonly [number, number, number, number];
      if (input.kind === 'block') return [above, below, count + Number(input.letter === letter), all + 1];
      if (all === 0) return state;
      const order = count * below - above * all;
      if (above >= 0 && (kind === 'rising' ? order < 0 : order > 0)) return violated;
      const divisor = gcd(count, all);
      return [count / divisor, all / divisor, 0, 0];
    },
    accepts: (state) => !isViolated(state),
    decided: (state, stage) => decidedAfter(state, stage, stages.to),
  };
}

/** @param longest the most blocks of each stage, from stage 1; Infinity where there is no bound */
export function compilePredicate(predicate: Predicate, longest: readonly number[]): PredicateAutomaton {
  switch (predicate.kind) {
    case 'compare':
      return comparisonAutomaton(predicate);
    case 'symmetric':
      return symmetricAutomaton(longest.length);
    case 'before':
      return beforeAutomaton(predicate);
    case 'no':
      return noWordAutomaton(predicate);
    case 'alternating':
      return perStageAutomaton(predicate.stages, [''], (state, letter) =>
        state[0] === letter ? violated : [letter],
      );
    case 'equal':
    case 'mirror':
      return repeatedStageAutomaton(predicate, longest[predicate.second - 1]!);
    case 'rising':
    case 'falling':
      return monotoneShareAutomaton(predicate);
    default:
      return predicate satisfies never;
  }
}
