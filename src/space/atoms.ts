/**
 * How each atom of a condition is followed along a word: a state that starts, changes with what is read, and
 * gives a verdict at the end, or earlier where nothing that follows can change it. Finite states are what
 * makes a condition an automaton.
 */

import type { CompareOp } from '../language/ast.js';
import { gcd } from '../util/gcd.js';
import type { Atom, Feature, NumberExpr, StageRange } from './conditions.js';

export interface StepCost {
  readonly params: number;
  readonly macs: number;
  readonly activationBytes: number;
}
/**
 * What is read. Stem and head have the stage numbers 0 and `stages + 1`; a header's cost is that of its
 * downsampling layer.
 */
export type Step =
  | { readonly kind: 'part'; readonly stage: number; readonly cost: StepCost }
  | { readonly kind: 'header'; readonly stage: number; readonly width: number; readonly cost: StepCost }
  | {
      readonly kind: 'block';
      readonly stage: number;
      readonly letter: string;
      readonly label: number;
      readonly cost: StepCost;
    }
  | { readonly kind: 'end'; readonly stage: number };

export type State = readonly (number | string)[];
export interface Tracker {
  readonly start: State;
  step(state: State, step: Step): State;
  verdict(state: State): boolean;
  /**
   * The verdict where it is certain already. `stage`: the last stage that has ended, 0 before the first has.
   */
  known(state: State, stage: number): boolean | undefined;
}

const within = (stage: number, range: StageRange): boolean => stage >= range.from && stage <= range.to;
const holds = (a: number, op: CompareOp, b: number): boolean => {
  switch (op) {
    case '<=':
      return a <= b;
    case '>=':
      return a >= b;
    case '<':
      return a < b;
    case '>':
      return a > b;
    case '==':
      return a === b;
    case '!=':
      return a !== b;
    default:
      return op satisfies never;
  }
};

/**
 * One number read from the network: slots of state, how a step changes them, and the value they stand for.
 */
interface Reader {
  readonly start: State;
  step(slots: State, step: Step): State;
  value(slots: State): number;
  /** Never decreases along a word, so that a bound once passed stays passed. */
  readonly grows: boolean;
  /** Nothing changes it after this stage. */
  readonly lastStage: number;
}

function readerOf(feature: Feature): Reader {
  switch (feature.kind) {
    case 'count':
      return {
        start: [0],
        grows: true,
        lastStage: feature.stages.to,
        value: ([count]) => count as number,
        step: (slots, step) =>
          step.kind === 'block' &&
          within(step.stage, feature.stages) &&
          (feature.letter === undefined || step.letter === feature.letter)
            ? [(slots[0] as number) + 1]
            : slots,
      };
    case 'share':
      return {
        start: [0, 0],
        grows: false,
        lastStage: feature.stages.to,
        value: ([count, all]) => (all === 0 ? 0 : (count as number) / (all as number)),
        step: (slots, step) =>
          step.kind === 'block' && within(step.stage, feature.stages)
            ? [(slots[0] as number) + Number(step.letter === feature.letter), (slots[1] as number) + 1]
            : slots,
      };
    case 'width':
      return {
        start: [0],
        grows: false,
        lastStage: feature.stage,
        value: ([width]) => width as number,
        step: (slots, step) =>
          step.kind === 'header' && step.stage === feature.stage ? [step.width] : slots,
      };
    case 'cost': {
      const { stages, measure } = feature;
      const read = (cost: StepCost): number => (measure === 'memory' ? cost.activationBytes : cost[measure]);
      return {
        start: [0],
        grows: true,
        lastStage: stages?.to ?? Infinity,
        value: ([sum]) => sum as number,
        step(slots, step) {
          if (step.kind === 'end' || (stages !== undefined && !within(step.stage, stages))) return slots;
          const before = slots[0] as number;
          return [measure === 'memory' ? Math.max(before, read(step.cost)) : before + read(step.cost)];
        },
      };
    }
    case 'asymmetry':
      return {
        // sum of the mixed stages' scores, their number, C and T of the stage that is open
        start: [0, 0, 0, 0],
        grows: false,
        lastStage: Infinity,
        value: ([sum, mixed]) => (mixed === 0 ? 0 : (sum as number) / (mixed as number)),
        step(slots, step) {
          const [sum, mixed, c, t] = slots as readonly [number, number, number, number];
          if (step.kind === 'block')
            return [
              sum,
              mixed,
              c + Number(step.letter.startsWith('C')),
              t + Number(step.letter.startsWith('T')),
            ];
          if (step.kind !== 'end') return slots;
          return c > 0 && t > 0 ? [sum + Math.abs(c - t) / (c + t), mixed + 1, 0, 0] : [sum, mixed, 0, 0];
        },
      };
    default:
      return feature satisfies never;
  }
}

function compareTracker({ left, op, right }: Atom & { kind: 'compare' }): Tracker {
  const readers: Reader[] = [];
  const offsets: number[] = [];
  const starts: (number | string)[] = [];
  const compile = (expr: NumberExpr): ((state: State) => number) => {
    switch (expr.kind) {
      case 'constant':
        return () => expr.value;
      case 'feature': {
        const reader = readerOf(expr.feature);
        const offset = starts.length;
        readers.push(reader);
        offsets.push(offset);
        starts.push(...reader.start);
        return (state) => reader.value(state.slice(offset, offset + reader.start.length));
      }
      case 'arithmetic': {
        const [a, b] = [compile(expr.left), compile(expr.right)];
        return expr.op === '+'
          ? (s) => a(s) + b(s)
          : expr.op === '-'
            ? (s) => a(s) - b(s)
            : expr.op === '*'
              ? (s) => a(s) * b(s)
              : (s) => a(s) / b(s);
      }
      default:
        throw new Error(`atoms: the cost of member ${expr.layout} must be known by now`);
    }
  };
  const [leftValue, rightValue] = [compile(left), compile(right)];
  const lastStage = Math.max(0, ...readers.map((reader) => reader.lastStage));
  const growing =
    left.kind === 'feature' && right.kind === 'constant' && readers[0]!.grows ? right.value : undefined;
  return {
    start: starts,
    step: (state, step) =>
      readers.flatMap((reader, index) =>
        reader.step(state.slice(offsets[index]!, offsets[index]! + reader.start.length), step),
      ),
    verdict: (state) => holds(leftValue(state), op, rightValue(state)),
    known(state, stage) {
      if (stage >= lastStage) return holds(leftValue(state), op, rightValue(state));
      if (growing === undefined) return undefined;
      const value = leftValue(state);
      if (
        (op === '>=' && value >= growing) ||
        (op === '>' && value > growing) ||
        (op === '!=' && value > growing)
      )
        return true;
      if (
        (op === '<=' && value > growing) ||
        (op === '<' && value >= growing) ||
        (op === '==' && value > growing)
      )
        return false;
      return undefined;
    },
  };
}

/** A relation that each stage keeps or breaks by itself; `broken` once is broken for good. */
function stageTracker(
  stages: StageRange,
  start: State,
  next: (state: State, letter: string) => State | 'broken',
  atEnd: (state: State) => boolean = () => true,
): Tracker {
  const broken: State = ['broken'];
  return {
    start,
    step(state, step) {
      if (state === broken || state[0] === 'broken' || step.kind === 'part' || !within(step.stage, stages))
        return state;
      if (step.kind === 'header') return start;
      if (step.kind === 'end') return atEnd(state) ? start : broken;
      const result = next(state, step.letter);
      return result === 'broken' ? broken : result;
    },
    verdict: (state) => state[0] !== 'broken',
    known: (state, stage) => (state[0] === 'broken' ? false : stage >= stages.to ? true : undefined),
  };
}

/** @param longest the most blocks that `second` may have: a longer `first` cannot be repeated */
function sameStagesTracker(
  { kind, first, second, whole }: Atom & { kind: 'equal' | 'mirror' },
  longest: number,
): Tracker {
  // What is still to come in `second`, then what has been read of `first` while it is open.
  return {
    start: [],
    step(state, step) {
      if (state[0] === 'broken' || step.kind !== 'block')
        return step.kind === 'end' && step.stage === second && state[0] !== 'broken' && state.length > 0
          ? ['broken']
          : state;
      const read = whole ? step.label : step.letter;
      if (step.stage === first)
        return state.length >= longest ? ['broken'] : kind === 'equal' ? [...state, read] : [read, ...state];
      if (step.stage !== second) return state;
      return state[0] === read ? state.slice(1) : ['broken'];
    },
    verdict: (state) => state.length === 0,
    known: (state, stage) =>
      state[0] === 'broken' ? false : stage >= second ? state.length === 0 : undefined,
  };
}

function monotoneTracker({ kind, letter, stages }: Atom & { kind: 'rising' | 'falling' }): Tracker {
  return {
    // share of the last stage with blocks as a reduced fraction (-1: none yet), then count and depth of the
    // open stage
    start: [-1, 1, 0, 0],
    step(state, step) {
      if (
        state[0] === 'broken' ||
        step.kind === 'part' ||
        step.kind === 'header' ||
        !within(step.stage, stages)
      )
        return state;
      const [above, below, count, all] = state as readonly [number, number, number, number];
      if (step.kind === 'block') return [above, below, count + Number(step.letter === letter), all + 1];
      if (all === 0) return state;
      const order = count * below - above * all;
      if (above >= 0 && (kind === 'rising' ? order < 0 : order > 0)) return ['broken'];
      const divisor = gcd(count, all);
      return [count / divisor, all / divisor, 0, 0];
    },
    verdict: (state) => state[0] !== 'broken',
    known: (state, stage) => (state[0] === 'broken' ? false : stage >= stages.to ? true : undefined),
  };
}

/**
 * @param longest the most blocks that each stage of the space may have, from stage 1; Infinity where that is
 * not known
 */
export function trackerOf(atom: Atom, longest: readonly number[]): Tracker {
  const stages = longest.length;
  switch (atom.kind) {
    case 'compare':
      return compareTracker(atom);
    case 'symmetric':
      return stageTracker(
        { from: 1, to: stages },
        [0, 0],
        ([c, t], letter) => [
          (c as number) + Number(letter.startsWith('C')),
          (t as number) + Number(letter.startsWith('T')),
        ],
        ([c, t]) => c === 0 || t === 0 || c === t,
      );
    case 'before':
      return stageTracker(atom.stages, [0], (state, letter) =>
        letter === atom.second ? [1] : letter === atom.first && state[0] === 1 ? 'broken' : state,
      );
    case 'no':
      return stageTracker(atom.stages, [], (state, letter) => {
        const read = [...state, letter].slice(-atom.word.length);
        return read.length === atom.word.length && read.every((one, index) => one === atom.word[index])
          ? 'broken'
          : read.slice(-(atom.word.length - 1) || read.length);
      });
    case 'alternating':
      return stageTracker(atom.stages, [''], (state, letter) => (state[0] === letter ? 'broken' : [letter]));
    case 'equal':
    case 'mirror':
      return atom.first === atom.second && atom.kind === 'equal'
        ? stageTracker({ from: 1, to: 0 }, [0], (state) => state)
        : sameStagesTracker(atom, longest[atom.second - 1]!);
    case 'rising':
    case 'falling':
      return monotoneTracker(atom);
    default:
      return atom satisfies never;
  }
}
