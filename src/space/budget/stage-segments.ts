/**
 * An automaton cut at stage boundaries into segments. Within a segment there are few distinct costs, since
 * the cost of a block hardly depends on its position in the stage; over all segments they multiply.
 */

import type { Dfa } from '../automaton/dfa.js';
import { type Mass, needsBigInt, widened } from '../automaton/mass.js';
import type { WorkBudget } from '../automaton/work-budget.js';
import { type CostRanges, isBounded } from '../conditions/cost-ranges.js';
import { TooLargeError } from '../model/too-large-error.js';
import { CostCounts } from './cost-counts.js';

/** Distinct costs held at one state. */
export const COST_LIMIT = 2_500_000;

/** Words from one state to a later boundary state with one cost, and their mass. */
export interface SegmentPath {
  readonly to: number;
  readonly params: number;
  readonly macs: number;
  readonly count: Mass;
}
type Pair = readonly [params: Float64Array, macs: Float64Array];

export class StageSegments {
  /** Masses are numbers of words, not probabilities. */
  readonly exact: boolean;
  readonly useParams: boolean;
  readonly useMacs: boolean;
  /** States of every stage boundary; first state 0, last the final states. */
  readonly levels: readonly (readonly number[])[];
  /** Cost of each transition in the measures that budgets limit. */
  readonly transitionParams: Float64Array;
  readonly transitionMacs: Float64Array;
  /** Per state: lowest and highest cost of what follows, and of what leads there. */
  readonly after: { readonly low: Pair; readonly high: Pair };
  readonly before: { readonly low: Pair; readonly high: Pair };
  /** Number of words from state 0 to each state; empty where masses are probabilities. */
  private readonly wordsBefore: readonly bigint[];
  private readonly pathsFrom = new Map<number, readonly SegmentPath[]>();

  constructor(
    readonly dfa: Dfa,
    readonly ranges: CostRanges,
    /** What the paths may cost while the tables are built; later ones are not bounded. */
    public work?: WorkBudget | undefined,
  ) {
    this.exact = dfa.weights === undefined;
    this.useParams = isBounded(ranges.params);
    this.useMacs = isBounded(ranges.macs);
    const {
      placements: events,
      placementTable: { costs },
      states,
      firstTransition,
      targets,
      boundary,
    } = dfa;
    this.transitionParams = Float64Array.from(events, (event) => (this.useParams ? costs[event]!.params : 0));
    this.transitionMacs = Float64Array.from(events, (event) => (this.useMacs ? costs[event]!.macs : 0));
    const make = (value: number): Pair => [
      new Float64Array(states).fill(value),
      new Float64Array(states).fill(value),
    ];
    this.after = { low: make(Infinity), high: make(-Infinity) };
    this.before = { low: make(Infinity), high: make(-Infinity) };
    for (const measure of [0, 1] as const) this.extremes(measure);
    const words = new Array<bigint>(this.exact ? states : 0).fill(0n);
    if (this.exact) words[0] = 1n;
    for (let state = 0; this.exact && state < states; state++)
      for (let transition = firstTransition[state]!; transition < firstTransition[state + 1]!; transition++)
        words[targets[transition]!]! += words[state]!;
    this.wordsBefore = words;
    const levels: number[][] = [[0]];
    const ends: number[] = [];
    for (let state = 0; state < states; state++) {
      if (boundary[state]! > 0) (levels[boundary[state]!] ??= []).push(state);
      if (this.isEnd(state)) ends.push(state);
    }
    this.levels = [...levels, ends];
  }

  isEnd(state: number): boolean {
    return this.dfa.firstTransition[state] === this.dfa.firstTransition[state + 1];
  }

  private extremes(measure: 0 | 1): void {
    const { states, firstTransition, targets } = this.dfa;
    const cost = measure === 0 ? this.transitionParams : this.transitionMacs;
    const { before, after } = this;
    before.low[measure][0] = before.high[measure][0] = 0;
    for (let state = 0; state < states; state++) {
      for (let transition = firstTransition[state]!; transition < firstTransition[state + 1]!; transition++) {
        const target = targets[transition]!;
        before.low[measure][target] = Math.min(
          before.low[measure][target]!,
          before.low[measure][state]! + cost[transition]!,
        );
        before.high[measure][target] = Math.max(
          before.high[measure][target]!,
          before.high[measure][state]! + cost[transition]!,
        );
      }
    }
    for (let state = states - 1; state >= 0; state--) {
      if (this.isEnd(state)) after.low[measure][state] = after.high[measure][state] = 0;
      for (let transition = firstTransition[state]!; transition < firstTransition[state + 1]!; transition++) {
        after.low[measure][state] = Math.min(
          after.low[measure][state]!,
          cost[transition]! + after.low[measure][targets[transition]!]!,
        );
        after.high[measure][state] = Math.max(
          after.high[measure][state]!,
          cost[transition]! + after.high[measure][targets[transition]!]!,
        );
      }
    }
  }

  /** Whether some completion may keep within the ranges, by the lowest and highest costs alone. */
  mayFit(state: number, params: number, macs: number): boolean {
    const {
      after: { low, high },
      ranges,
    } = this;
    return (
      params + low[0][state]! <= ranges.params.high &&
      params + high[0][state]! >= ranges.params.low &&
      macs + low[1][state]! <= ranges.macs.high &&
      macs + high[1][state]! >= ranges.macs.low
    );
  }

  /** Whether a suffix of this cost may keep within the ranges after some prefix. */
  mayFollow(state: number, params: number, macs: number): boolean {
    const {
      before: { low, high },
      ranges,
    } = this;
    return (
      params + low[0][state]! <= ranges.params.high &&
      params + high[0][state]! >= ranges.params.low &&
      macs + low[1][state]! <= ranges.macs.high &&
      macs + high[1][state]! >= ranges.macs.low
    );
  }

  /** Whether every completion keeps within the ranges. */
  allFit(state: number, params: number, macs: number): boolean {
    const {
      after: { low, high },
      ranges,
    } = this;
    return (
      params + high[0][state]! <= ranges.params.high &&
      params + low[0][state]! >= ranges.params.low &&
      macs + high[1][state]! <= ranges.macs.high &&
      macs + low[1][state]! >= ranges.macs.low
    );
  }

  /** The ranges that remain after a prefix of this cost. */
  remaining(params: number, macs: number): CostRanges {
    const { ranges } = this;
    return {
      params: { low: ranges.params.low - params, high: ranges.params.high - params },
      macs: { low: ranges.macs.low - macs, high: ranges.macs.high - macs },
    };
  }

  /** Whether numbers of words from state 0 to this state need big integers. */
  bigBefore(state: number): boolean {
    return this.exact && needsBigInt(this.wordsBefore[state]!);
  }
  /** Whether numbers of words from this state on need big integers. */
  bigAfter(state: number): boolean {
    return this.exact && needsBigInt(this.dfa.counts[state]!);
  }
  /** Whether numbers of words between two states need big integers. */
  bigBetween(from: number, to: number): boolean {
    return this.bigBefore(to) && this.bigAfter(from);
  }

  /** Paths from a state to the next boundary or to final states, one per target and cost. */
  paths(from: number): readonly SegmentPath[] {
    const known = this.pathsFrom.get(from);
    if (known) return known;
    const {
      dfa: { firstTransition, targets, boundary, weights },
      transitionParams,
      transitionMacs,
    } = this;
    const open = new Map<number, CostCounts>();
    const result: SegmentPath[] = [];
    const first = new CostCounts();
    first.add(0, 0, this.bigBetween(from, from) ? 1n : 1);
    open.set(from, first);
    // falling, since transitions go to higher numbers and states are taken in that order
    const queue = [from];
    while (queue.length > 0) {
      const state = queue.pop()!;
      const points = open.get(state)!;
      open.delete(state);
      if (state !== from && (boundary[state]! > 0 || this.isEnd(state))) {
        const big = this.bigBetween(from, state);
        for (let at = 0; at < points.size; at++)
          result.push({
            to: state,
            params: points.params[at]!,
            macs: points.macs[at]!,
            count: widened(points.counts[at]!, big),
          });
        continue;
      }
      for (let transition = firstTransition[state]!; transition < firstTransition[state + 1]!; transition++) {
        const target = targets[transition]!;
        const big = this.bigBetween(from, target);
        let into = open.get(target);
        if (!into) {
          open.set(target, (into = new CostCounts()));
          let place = queue.length;
          while (place > 0 && queue[place - 1]! < target) place--;
          queue.splice(place, 0, target);
        }
        const [params, macs, weight] = [
          transitionParams[transition]!,
          transitionMacs[transition]!,
          weights ? weights[transition]! : 1,
        ];
        this.work?.spend(points.size);
        for (let at = 0; at < points.size; at++)
          into.add(
            points.params[at]! + params,
            points.macs[at]! + macs,
            weights ? (points.counts[at] as number) * weight : widened(points.counts[at]!, big),
          );
        if (into.size > COST_LIMIT)
          throw new TooLargeError(`one stage has more than ${COST_LIMIT} distinct costs`);
      }
    }
    this.pathsFrom.set(from, result);
    return result;
  }
}
