/**
 * Words of an automaton whose summed costs lie in given ranges: counted, ranked and drawn exactly.
 *
 * Meet in the middle: costs are accumulated from the front and from the back, stage by stage, until both
 * reach one boundary, where pairs are counted. Where the last stage between them would give too many costs,
 * they meet across it: for every cost in front and every path through that stage, the mass behind is looked
 * up.
 */

import type { Random } from '../../util/random.js';
import type { Dfa } from '../automaton/dfa.js';
import type { WordSet } from '../automaton/dfa-words.js';
import { add, type Mass, multiply } from '../automaton/mass.js';
import { emptinessBudget, WorkBudget } from '../automaton/work-budget.js';
import type { CostRanges } from '../conditions/cost-ranges.js';
import { TooLargeError } from '../model/too-large-error.js';
import { BudgetSampler } from './budget-sampler.js';
import { CostCounts, type RangeSums } from './cost-counts.js';
import { fenwickSweep } from './fenwick-sweep.js';
import { PrefixSums } from './prefix-sums.js';
import { RangeTree } from './range-tree.js';
import { COST_LIMIT, StageSegments } from './stage-segments.js';

/** Costs that all steps and the paths through stages may add: about a second. */
const STEP_LIMIT = 8_000_000;
/** Units of a shared budget, of about a microsecond, for one step, and for one look-up of a range sum. */
const STEP_UNITS = 0.2;
const LOOK_UP_UNITS = 0.5;
/** Look-ups across the last stage: by one measure (fast) or by both. */
const LOOK_UPS = { one: 400_000_000, both: 2_000_000 } as const;

export class BudgetedWords implements WordSet {
  readonly segments: StageSegments;
  /** Per boundary state: cost counts of the words that lead to it, and of those that follow. */
  readonly front = new Map<number, CostCounts>();
  readonly back = new Map<number, CostCounts>();
  /** States where the front ends. */
  readonly cut: readonly number[];
  private knownMass: Mass | undefined;
  private readonly behind = new Map<number, ArrayLike<Mass>>();
  private readonly sums = new Map<number, RangeSums>();
  private draws: BudgetSampler | undefined;

  /**
   * @param shared what the work counts in, too
   * @throws TooLargeError where there are too many distinct costs
   */
  constructor(
    private readonly dfa: Dfa,
    ranges: CostRanges,
    shared?: WorkBudget,
  ) {
    const message = (limit: number): string => `the network has more than ${limit} sums of costs`;
    const work = shared ? shared.part(STEP_LIMIT, message, STEP_UNITS) : new WorkBudget(STEP_LIMIT, message);
    this.segments = new StageSegments(dfa, ranges, work);
    this.cut = dfa.counts[0] === 0n ? [] : this.meet(work);
    this.segments.work = undefined;
  }

  /** Mass of all words: their number, or their probability where transitions have weights. */
  get mass(): Mass {
    if (this.knownMass !== undefined) return this.knownMass;
    let mass: Mass = this.segments.exact ? 0n : 0;
    for (const state of this.cut) {
      const points = this.front.get(state)!;
      const behind = this.behindAt(state);
      for (let at = 0; at < points.size; at++)
        if (behind[at] !== 0 && behind[at] !== 0n)
          mass = add(mass, multiply(points.counts[at]!, behind[at]!, this.segments.exact));
    }
    return (this.knownMass = mass);
  }

  /** For each cost in front of a cut state: the mass of what follows within the budgets. */
  behindAt(state: number): ArrayLike<Mass> {
    let behind = this.behind.get(state);
    if (!behind) this.behind.set(state, (behind = this.allBehind(state, this.front.get(state)!)));
    return behind;
  }

  /** Quicker than `total`, which may take a long sweep. */
  isKnownEmpty(work: WorkBudget): boolean {
    try {
      return this.cut.every((state) => this.isKnownEmptyFrom(state, work));
    } catch (error) {
      if (error instanceof TooLargeError) return false;
      throw error;
    }
  }

  /** @throws TooLargeError where the work does not suffice */
  private isKnownEmptyFrom(state: number, work: WorkBudget): boolean {
    const points = this.front.get(state)!;
    const behind = this.back.get(state);
    if (behind) {
      work.spend(sortingUnits(points.size + behind.size));
      return !Array.prototype.some.call(this.behindAt(state), (mass: Mass) => mass > 0);
    }
    for (let at = 0; at < points.size; at++)
      if (this.hasFollowing(state, points.params[at]!, points.macs[at]!, work)) return false;
    return true;
  }

  get total(): bigint {
    return this.mass as bigint;
  }

  /**
   * Extends front and back, the cheaper first, until they meet or one stage is left between them.
   * @returns the states where the front ends
   */
  private meet(work: WorkBudget): number[] {
    const {
      segments,
      segments: { levels, useParams, useMacs },
    } = this;
    for (const end of levels.at(-1)!) this.back.set(end, one(segments.bigAfter(end)));
    this.front.set(0, one(segments.bigBefore(0)));
    let front = 0;
    let back = levels.length - 1;
    while (front < back) {
      const forward = levels[front]!.reduce(
        (work, state) => work + (this.front.get(state)?.size ?? 0) * segments.paths(state).length,
        0,
      );
      const backward = levels[back - 1]!.reduce(
        (work, state) =>
          work + segments.paths(state).reduce((inner, { to }) => inner + (this.back.get(to)?.size ?? 0), 0),
        0,
      );
      if (Math.min(forward, backward) > work.left) {
        if (front + 1 === back && forward <= (useParams && useMacs ? LOOK_UPS.both : LOOK_UPS.one)) break;
        throw new TooLargeError('the network has too many distinct costs');
      }
      work.spend(Math.min(forward, backward));
      if (forward <= backward) {
        for (const state of levels[front]!) this.stepForward(state);
        front++;
      } else {
        back--;
        for (const state of levels[back]!) this.stepBack(state);
      }
    }
    return levels[front]!.filter((state) => this.front.has(state));
  }

  private stepForward(state: number): void {
    const { segments } = this;
    const points = this.front.get(state);
    if (!points) return;
    for (const { to, params, macs, count } of segments.paths(state)) {
      const big = segments.bigBefore(to);
      let into = this.front.get(to);
      if (!into) this.front.set(to, (into = new CostCounts()));
      for (let at = 0; at < points.size; at++) {
        const [p, m] = [points.params[at]! + params, points.macs[at]! + macs];
        if (segments.mayFit(to, p, m)) into.add(p, m, multiply(points.counts[at]!, count, big));
      }
      if (into.size > COST_LIMIT)
        throw new TooLargeError(`the network has more than ${COST_LIMIT} distinct costs`);
    }
  }

  private stepBack(state: number): void {
    const { segments } = this;
    const points = new CostCounts();
    const big = segments.bigAfter(state);
    for (const { to, params, macs, count } of segments.paths(state)) {
      const after = this.back.get(to);
      if (!after) continue;
      for (let at = 0; at < after.size; at++) {
        const [p, m] = [after.params[at]! + params, after.macs[at]! + macs];
        if (segments.mayFollow(state, p, m)) points.add(p, m, multiply(after.counts[at]!, count, big));
      }
      if (points.size > COST_LIMIT)
        throw new TooLargeError(`the network has more than ${COST_LIMIT} distinct costs`);
    }
    this.back.set(state, points);
  }

  /** Range sums over the costs of what follows a state that the back has reached. */
  sumsAt(state: number): RangeSums {
    const { useParams, useMacs } = this.segments;
    let sums = this.sums.get(state);
    if (!sums)
      this.sums.set(
        state,
        (sums =
          useParams && useMacs
            ? new RangeTree(this.back.get(state)!)
            : new PrefixSums(this.back.get(state)!, useMacs ? 'macs' : 'params')),
      );
    return sums;
  }

  /** The mass of what follows within the budgets, for each cost in front of a cut state. */
  private allBehind(state: number, points: CostCounts): ArrayLike<Mass> {
    const {
      segments,
      segments: { useParams, useMacs, ranges },
    } = this;
    const back = this.back.get(state);
    if (back && useParams && useMacs && !segments.bigAfter(state)) return fenwickSweep(points, back, ranges);
    if (back) {
      const sums = this.sumsAt(state);
      return Array.from({ length: points.size }, (_, at) =>
        sums.sum(segments.remaining(points.params[at]!, points.macs[at]!)),
      );
    }
    if (!(useParams && useMacs) && !segments.bigAfter(state)) return this.acrossLine(state, points);
    const behind = new Array<Mass>(points.size).fill(segments.bigAfter(state) ? 0n : 0);
    for (const { to, params, macs, count } of segments.paths(state)) {
      const sums = this.sumsAt(to);
      for (let at = 0; at < points.size; at++)
        behind[at] = add(
          behind[at]!,
          multiply(
            count,
            sums.sum(segments.remaining(points.params[at]! + params, points.macs[at]! + macs)),
            segments.bigAfter(state),
          ),
        );
    }
    return behind;
  }

  /** As `allBehind`, across one stage and by one measure: look-ups in ascending order of the costs. */
  private acrossLine(state: number, points: CostCounts): Float64Array {
    const {
      segments,
      segments: { ranges },
    } = this;
    const measure = segments.useMacs ? 'macs' : 'params';
    const values = points[measure].slice(0, points.size).sort();
    const sums = new Float64Array(points.size);
    const { low, high } = ranges[measure];
    for (const path of segments.paths(state))
      (this.sumsAt(path.to) as PrefixSums).addBetween(
        sums,
        values,
        low - path[measure],
        high - path[measure],
        path.count as number,
      );
    const behind = new Float64Array(points.size);
    values.forEach((value, at) => {
      behind[measure === 'macs' ? points.find(0, value) : points.find(value, 0)] = sums[at]!;
    });
    return behind;
  }

  private readonly followings = new Map<string, bigint>();

  /** Words from a state on that keep within the budgets, after a prefix of this cost. */
  massAfter(state: number, params: number, macs: number): bigint {
    const { segments } = this;
    if (!segments.mayFit(state, params, macs)) return 0n;
    if (segments.allFit(state, params, macs)) return this.dfa.counts[state]!;
    if (this.back.has(state)) return BigInt(this.sumsAt(state).sum(segments.remaining(params, macs)));
    const key = `${state},${params},${macs}`;
    let mass = this.followings.get(key);
    if (mass === undefined) {
      mass = 0n;
      for (const path of segments.paths(state))
        mass += BigInt(path.count) * this.massAfter(path.to, params + path.params, macs + path.macs);
      this.followings.set(key, mass);
    }
    return mass;
  }

  /**
   * Whether any completion keeps within the budgets; stops at the first.
   * @throws TooLargeError where the work does not suffice
   */
  private hasFollowing(state: number, params: number, macs: number, work?: WorkBudget): boolean {
    const { segments } = this;
    work?.spend(STEP_UNITS);
    if (!segments.mayFit(state, params, macs)) return false;
    if (segments.isEnd(state) || segments.allFit(state, params, macs)) return true;
    const back = this.back.get(state);
    if (back) {
      work?.spend(LOOK_UP_UNITS + (this.sums.has(state) ? 0 : sortingUnits(back.size)));
      return this.sumsAt(state).sum(segments.remaining(params, macs)) > 0;
    }
    return segments
      .paths(state)
      .some((path) => this.hasFollowing(path.to, params + path.params, macs + path.macs, work));
  }

  rank(word: readonly number[]): bigint {
    const {
      dfa: { firstTransition, symbols, targets },
      segments: { transitionParams, transitionMacs },
    } = this;
    let [state, params, macs, rank] = [0, 0, 0, 0n];
    for (const symbol of word) {
      for (let transition = firstTransition[state]!; ; transition++) {
        const [p, m] = [params + transitionParams[transition]!, macs + transitionMacs[transition]!];
        if (symbols[transition] === symbol) {
          [state, params, macs] = [targets[transition]!, p, m];
          break;
        }
        rank += this.massAfter(targets[transition]!, p, m);
      }
    }
    return rank;
  }

  wordAt(rank: bigint): number[] {
    const {
      dfa: { firstTransition, symbols, targets },
      segments,
      segments: { transitionParams, transitionMacs },
    } = this;
    const word: number[] = [];
    let [state, params, macs] = [0, 0, 0];
    while (!segments.isEnd(state)) {
      for (let transition = firstTransition[state]!; ; transition++) {
        const [p, m] = [params + transitionParams[transition]!, macs + transitionMacs[transition]!];
        const here = this.massAfter(targets[transition]!, p, m);
        if (rank < here) {
          word.push(symbols[transition]!);
          [state, params, macs] = [targets[transition]!, p, m];
          break;
        }
        rank -= here;
      }
    }
    return word;
  }

  /** All words in order. Yields the same array each time; copy what must persist. */
  *words(work?: WorkBudget): Generator<readonly number[]> {
    const {
      dfa: { firstTransition, symbols, targets, boundary },
      segments,
      segments: { transitionParams, transitionMacs },
    } = this;
    const word: number[] = [];
    const stack: {
      transition: number;
      readonly end: number;
      readonly params: number;
      readonly macs: number;
      readonly free: boolean;
    }[] = [];
    const enter = (state: number, params: number, macs: number, free: boolean): void => {
      stack.push({
        transition: firstTransition[state]!,
        end: firstTransition[state + 1]!,
        params,
        macs,
        free: free || segments.allFit(state, params, macs),
      });
    };
    if (this.isKnownEmpty(work ?? emptinessBudget())) return;
    enter(0, 0, 0, false);
    while (stack.length > 0) {
      const top = stack.at(-1)!;
      word.length = stack.length - 1;
      if (top.transition >= top.end) {
        stack.pop();
        continue;
      }
      const transition = top.transition++;
      const target = targets[transition]!;
      const [params, macs] = [
        top.params + transitionParams[transition]!,
        top.macs + transitionMacs[transition]!,
      ];
      work?.spend(STEP_UNITS);
      if (!top.free && !this.mayGoOn(target, params, macs, boundary[target]! > 0, work)) continue;
      word.push(symbols[transition]!);
      if (segments.isEnd(target)) yield word;
      else enter(target, params, macs, top.free);
    }
  }

  /** False where no word can follow: exact where `certain`, else by the lowest and highest costs alone. */
  mayGoOn(state: number, params: number, macs: number, certain: boolean, work?: WorkBudget): boolean {
    if (!this.segments.mayFit(state, params, macs)) return false;
    return !certain || this.hasFollowing(state, params, macs, work);
  }

  /** A word, uniform or by weight where transitions have weights. The set must not be empty. */
  sample(random: Random): number[] {
    this.draws ??= new BudgetSampler(this, this.dfa);
    return this.draws.sample(random);
  }
}

/** Units of sorting costs, and of the tables of range sums over them. */
const sortingUnits = (size: number): number => size * Math.log2(size + 1) * STEP_UNITS;

function one(big: boolean): CostCounts {
  const points = new CostCounts();
  points.add(0, 0, big ? 1n : 1);
  return points;
}
