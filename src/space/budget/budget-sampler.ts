/**
 * Draws words within budgets: first a state of the cut and a cost in front of it, by mass; then the words
 * that lead to this cost, and those that follow within the budgets.
 */
import type { Random } from '../../util/random.js';
import { type Categorical, categorical, massBelow } from '../automaton/categorical.js';
import type { Dfa } from '../automaton/dfa.js';
import { type Mass, multiply, widened } from '../automaton/mass.js';
import type { CostCounts, RangeSums } from './cost-counts.js';
import type { SegmentPath, StageSegments } from './stage-segments.js';

/**
 * A state of the automaton of all words of one cost through a segment: symbols by mass, and their targets.
 */
interface PathState {
  readonly draw: Categorical;
  readonly symbols: readonly number[];
  readonly next: readonly PathState[];
}
/** The costs and segment paths that lead to a cost, or follow it, by mass. */
interface Neighbours {
  readonly draw: Categorical;
  readonly of: readonly {
    readonly state: number;
    readonly point: number;
    readonly path: SegmentPath;
    readonly from: number;
  }[];
}

/** Cached tables of each kind: in a large set nearly every draw would add new ones. */
const KEPT = 50_000;

const finalState: PathState = { draw: { total: 1, pick: () => 0 }, symbols: [], next: [] };

/** The dynamic program's tables that draws read. */
export interface CostTables {
  readonly segments: StageSegments;
  /** Cost counts of what leads to a boundary state, and of what follows it. */
  readonly front: ReadonlyMap<number, CostCounts>;
  readonly back: ReadonlyMap<number, CostCounts>;
  /** States where the front ends. */
  readonly cut: readonly number[];
  /** For each cost in front of a state of the cut: the mass of what follows within the budgets. */
  behindAt(state: number): ArrayLike<Mass>;
  sumsAt(state: number): RangeSums;
}

export class BudgetSampler {
  private readonly start: {
    readonly draw: Categorical;
    readonly of: readonly (readonly [state: number, point: number])[];
  };
  private readonly exact: boolean;
  private readonly into = new Map<number, { readonly from: number; readonly path: SegmentPath }[]>();
  private readonly neighbours = new Map<CostCounts, Map<number, Neighbours>>();
  private readonly pathStates = new Map<string, PathState | undefined>();
  private readonly across = new Map<
    string,
    { readonly draw: Categorical; readonly of: readonly SegmentPath[] }
  >();

  constructor(
    private readonly set: CostTables,
    private readonly dfa: Dfa,
  ) {
    const {
      segments: { exact },
      front,
    } = set;
    this.exact = exact;
    const of: [number, number][] = [];
    const weights: Mass[] = [];
    for (const state of set.cut) {
      const points = front.get(state)!;
      const fits = set.behindAt(state);
      for (let at = 0; at < points.size; at++) {
        if (fits[at] === 0 || fits[at] === 0n) continue;
        of.push([state, at]);
        weights.push(multiply(points.counts[at]!, fits[at]!, exact));
      }
    }
    this.start = { draw: categorical(weights, exact), of };
    for (const from of front.keys())
      if (!set.cut.includes(from))
        for (const path of set.segments.paths(from))
          this.into.set(path.to, [...(this.into.get(path.to) ?? []), { from, path }]);
  }

  sample(random: Random): number[] {
    const { set, exact } = this;
    const [state, point] = this.start.of[this.start.draw.pick(random)]!;
    const points = set.front.get(state)!;
    let [params, macs] = [points.params[point]!, points.macs[point]!];
    const word: number[] = [];
    this.drawFront(state, point, random, word);
    let at = state;
    if (!set.back.has(state)) {
      const path = this.pathAcross(state, point, random);
      this.follow(this.firstState(state, path), random, word);
      [at, params, macs] = [path.to, params + path.params, macs + path.macs];
    }
    const left = set.segments.remaining(params, macs);
    const sums = set.sumsAt(at);
    this.drawBack(at, sums.select(left, massBelow(sums.sum(left), exact, random)), random, word);
    return word;
  }

  /** A path through the stage that lies between front and back. */
  private pathAcross(state: number, point: number, random: Random): SegmentPath {
    const {
      set: { segments, front },
      exact,
    } = this;
    const key = `${state},${point}`;
    let known = this.across.get(key);
    if (!known) {
      const points = front.get(state)!;
      const of: SegmentPath[] = [];
      const weights: Mass[] = [];
      for (const path of segments.paths(state)) {
        const fits = this.set
          .sumsAt(path.to)
          .sum(segments.remaining(points.params[point]! + path.params, points.macs[point]! + path.macs));
        if (fits === 0 || fits === 0n) continue;
        of.push(path);
        weights.push(multiply(path.count, fits, exact));
      }
      known = { draw: categorical(weights, exact), of };
      if (this.across.size >= 200) this.across.clear();
      this.across.set(key, known);
    }
    return known.of[known.draw.pick(random)]!;
  }

  /** Draws a word from state 0 to a cost at the cut, segment by segment from the last. */
  private drawFront(state: number, point: number, random: Random, word: number[]): void {
    const segments: PathState[] = [];
    while (state !== 0) {
      const [at, to] = [point, state];
      const found = this.neighboursOf(this.set.front.get(state)!, point, () => this.leadingTo(to, at));
      const chosen = found.of[found.draw.pick(random)]!;
      segments.push(this.firstState(chosen.from, chosen.path));
      [state, point] = [chosen.state, chosen.point];
    }
    while (segments.length > 0) this.follow(segments.pop()!, random, word);
  }

  private drawBack(state: number, point: number, random: Random, word: number[]): void {
    while (!this.set.segments.isEnd(state)) {
      const [at, from] = [point, state];
      const found = this.neighboursOf(this.set.back.get(state)!, point, () => this.leadingFrom(from, at));
      const chosen = found.of[found.draw.pick(random)]!;
      this.follow(this.firstState(chosen.from, chosen.path), random, word);
      [state, point] = [chosen.state, chosen.point];
    }
  }

  private neighboursOf(
    points: CostCounts,
    point: number,
    make: () => { of: Neighbours['of']; weights: Mass[] },
  ): Neighbours {
    let known = this.neighbours.get(points);
    if (!known) this.neighbours.set(points, (known = new Map()));
    let found = known.get(point);
    if (!found) {
      const { of, weights } = make();
      if (known.size >= KEPT) known.clear();
      known.set(point, (found = { draw: categorical(weights, this.exact), of }));
    }
    return found;
  }

  private leadingTo(state: number, point: number): { of: Neighbours['of']; weights: Mass[] } {
    const own = this.set.front.get(state)!;
    const of: { state: number; point: number; path: SegmentPath; from: number }[] = [];
    const weights: Mass[] = [];
    for (const { from, path } of this.into.get(state) ?? []) {
      const points = this.set.front.get(from)!;
      const at = points.find(own.params[point]! - path.params, own.macs[point]! - path.macs);
      if (at < 0) continue;
      of.push({ state: from, point: at, path, from });
      weights.push(multiply(points.counts[at]!, path.count, this.set.segments.bigBefore(state)));
    }
    return { of, weights };
  }

  private leadingFrom(state: number, point: number): { of: Neighbours['of']; weights: Mass[] } {
    const own = this.set.back.get(state)!;
    const of: { state: number; point: number; path: SegmentPath; from: number }[] = [];
    const weights: Mass[] = [];
    for (const path of this.set.segments.paths(state)) {
      const points = this.set.back.get(path.to)!;
      const at = points.find(own.params[point]! - path.params, own.macs[point]! - path.macs);
      if (at < 0) continue;
      of.push({ state: path.to, point: at, path, from: state });
      weights.push(multiply(points.counts[at]!, path.count, this.set.segments.bigAfter(state)));
    }
    return { of, weights };
  }

  /** The start of the words that lead from a state along a path, each drawn by its mass. */
  private firstState(from: number, { to, params, macs }: SegmentPath): PathState {
    if (this.pathStates.size >= KEPT) this.pathStates.clear();
    return this.pathState(from, to, params, macs, this.set.segments.bigBetween(from, to))!;
  }

  /** The words from `from` to `to` of exactly this cost; undefined where there are none. */
  private pathState(
    from: number,
    to: number,
    params: number,
    macs: number,
    big: boolean,
  ): PathState | undefined {
    const key = `${from},${to},${params},${macs}`;
    if (this.pathStates.has(key)) return this.pathStates.get(key);
    const {
      dfa: { firstTransition, targets, symbols, boundary, weights },
      set: {
        segments: { transitionParams, transitionMacs },
      },
    } = this;
    const one = widened(1, big);
    const found: { symbol: number; next: PathState; weight: Mass }[] = [];
    for (let transition = firstTransition[from]!; transition < firstTransition[from + 1]!; transition++) {
      const [p, m] = [transitionParams[transition]!, transitionMacs[transition]!];
      const target = targets[transition]!;
      const symbol = symbols[transition]!;
      if (p > params || m > macs || target > to) continue;
      const weight = weights ? weights[transition]! : one;
      if (target === to) {
        if (p === params && m === macs) found.push({ symbol, next: finalState, weight });
      } else if (boundary[target] === 0) {
        const next = this.pathState(target, to, params - p, macs - m, big);
        if (!next) continue;
        const { total } = next.draw;
        found.push({
          symbol,
          next,
          weight: weights ? multiply(weight, total, false) : widened(total, big),
        });
      }
    }
    const state = found.length === 0 ? undefined : this.stateOf(found);
    this.pathStates.set(key, state);
    return state;
  }

  private stateOf(
    options: readonly { readonly symbol: number; readonly next: PathState; readonly weight: Mass }[],
  ): PathState {
    return {
      draw: categorical(
        options.map(({ weight }) => weight),
        this.exact,
      ),
      symbols: options.map(({ symbol }) => symbol),
      next: options.map(({ next }) => next),
    };
  }

  private follow(step: PathState, random: Random, word: number[]): void {
    while (step !== finalState) {
      const index = step.draw.pick(random);
      word.push(step.symbols[index]!);
      step = step.next[index]!;
    }
  }
}
