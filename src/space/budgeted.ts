/**
 * Members of a graph whose summed costs lie in given windows: counted, drawn, ranked, exactly.
 *
 * Points of cost are summed from the front and from the back, stage by stage, until they meet at one boundary
 * (meet in the middle) and pairs can be counted. Where the last stage between them would make too many
 * points, they meet across it: for every point in front and every way through that stage, what fits behind is
 * looked up.
 */
import type { Random } from '../util/random.js';
import { type Amount, product, sum } from './amounts.js';
import { BudgetedDraws } from './budgeted-draws.js';
import type { Windows } from './budgets.js';
import type { Graph } from './graph.js';
import { TooLargeError } from './layout-machine.js';
import { LineSums } from './line-sums.js';
import { Points, type Sums } from './points.js';
import { RectangleSums } from './rectangle-sums.js';
import { POINT_LIMIT, Segments } from './segments.js';
import { sweptSums } from './sweep.js';
import type { Members } from './walk.js';

/** Points that one step may add, and look-ups across the last stage: by one measure (fast) or by both. */
const STEP_LIMIT = 10_000_000;
const LOOK_UPS = { one: 400_000_000, both: 2_000_000 } as const;

export class Budgeted implements Members {
  /** Of all members: their number, or their probability where the graph has weights. */
  readonly amount: Amount;
  readonly segments: Segments;
  /** Points of what leads to a boundary node, and of what follows it. */
  readonly front = new Map<number, Points>();
  readonly back = new Map<number, Points>();
  /** Nodes where the front ends. */
  readonly cut: readonly number[];
  /** The amount that fits behind each point at the cut. */
  readonly behind = new Map<number, ArrayLike<Amount>>();
  private readonly sums = new Map<number, Sums>();
  private draws: BudgetedDraws | undefined;

  /** @throws TooLargeError where there are too many distinct costs */
  constructor(
    private readonly graph: Graph,
    windows: Windows,
  ) {
    this.segments = new Segments(graph, windows);
    this.cut = graph.counts[0] === 0n ? [] : this.meet();
    let amount: Amount = this.segments.exact ? 0n : 0;
    for (const node of this.cut) {
      const points = this.front.get(node)!;
      const behind = this.allBehind(node, points);
      this.behind.set(node, behind);
      for (let at = 0; at < points.size; at++)
        if (behind[at] !== 0 && behind[at] !== 0n)
          amount = sum(amount, product(points.counts[at]!, behind[at]!, this.segments.exact));
    }
    this.amount = amount;
  }

  get total(): bigint {
    return this.amount as bigint;
  }

  /**
   * Extends front and back, the cheaper first, until they meet or one stage is left between; the nodes where
   * the front ends.
   */
  private meet(): number[] {
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
        (work, node) => work + (this.front.get(node)?.size ?? 0) * segments.paths(node).length,
        0,
      );
      const backward = levels[back - 1]!.reduce(
        (work, node) =>
          work + segments.paths(node).reduce((inner, { to }) => inner + (this.back.get(to)?.size ?? 0), 0),
        0,
      );
      if (Math.min(forward, backward) > STEP_LIMIT) {
        if (front + 1 === back && forward <= (useParams && useMacs ? LOOK_UPS.both : LOOK_UPS.one)) break;
        throw new TooLargeError('the network has too many distinct costs');
      }
      if (forward <= backward) {
        for (const node of levels[front]!) this.stepForward(node);
        front++;
      } else {
        back--;
        for (const node of levels[back]!) this.stepBack(node);
      }
    }
    return levels[front]!.filter((node) => this.front.has(node));
  }

  private stepForward(node: number): void {
    const { segments } = this;
    const points = this.front.get(node);
    if (!points) return;
    for (const { to, params, macs, count } of segments.paths(node)) {
      const big = segments.bigBefore(to);
      let into = this.front.get(to);
      if (!into) this.front.set(to, (into = new Points()));
      for (let at = 0; at < points.size; at++) {
        const [p, m] = [points.params[at]! + params, points.macs[at]! + macs];
        if (segments.mayFit(to, p, m)) into.add(p, m, product(points.counts[at]!, count, big));
      }
      if (into.size > POINT_LIMIT)
        throw new TooLargeError(`the network has more than ${POINT_LIMIT} distinct costs`);
    }
  }

  private stepBack(node: number): void {
    const { segments } = this;
    const points = new Points();
    const big = segments.bigAfter(node);
    for (const { to, params, macs, count } of segments.paths(node)) {
      const after = this.back.get(to);
      if (!after) continue;
      for (let at = 0; at < after.size; at++) {
        const [p, m] = [after.params[at]! + params, after.macs[at]! + macs];
        if (segments.mayFollow(node, p, m)) points.add(p, m, product(after.counts[at]!, count, big));
      }
      if (points.size > POINT_LIMIT)
        throw new TooLargeError(`the network has more than ${POINT_LIMIT} distinct costs`);
    }
    this.back.set(node, points);
  }

  /** Sums over what follows a node that the back has reached. */
  sumsAt(node: number): Sums {
    const { useParams, useMacs } = this.segments;
    let sums = this.sums.get(node);
    if (!sums)
      this.sums.set(
        node,
        (sums =
          useParams && useMacs
            ? new RectangleSums(this.back.get(node)!)
            : new LineSums(this.back.get(node)!, useMacs ? 'macs' : 'params')),
      );
    return sums;
  }

  /** What fits behind each point of a node at the cut. */
  private allBehind(node: number, points: Points): ArrayLike<Amount> {
    const {
      segments,
      segments: { useParams, useMacs, windows },
    } = this;
    const back = this.back.get(node);
    if (back && useParams && useMacs && !segments.bigAfter(node)) return sweptSums(points, back, windows);
    if (back) {
      const sums = this.sumsAt(node);
      return Array.from({ length: points.size }, (_, at) =>
        sums.sum(segments.left(points.params[at]!, points.macs[at]!)),
      );
    }
    if (!(useParams && useMacs) && !segments.bigAfter(node)) return this.acrossLine(node, points);
    const behind = new Array<Amount>(points.size).fill(segments.bigAfter(node) ? 0n : 0);
    for (const { to, params, macs, count } of segments.paths(node)) {
      const sums = this.sumsAt(to);
      for (let at = 0; at < points.size; at++)
        behind[at] = sum(
          behind[at]!,
          product(
            count,
            sums.sum(segments.left(points.params[at]! + params, points.macs[at]! + macs)),
            segments.bigAfter(node),
          ),
        );
    }
    return behind;
  }

  /** The same across one stage, by one measure: many look-ups, in the order of the points' costs. */
  private acrossLine(node: number, points: Points): Float64Array {
    const {
      segments,
      segments: { windows },
    } = this;
    const measure = segments.useMacs ? 'macs' : 'params';
    const values = points[measure].slice(0, points.size).sort();
    const sums = new Float64Array(points.size);
    const { low, high } = windows[measure];
    for (const path of segments.paths(node))
      (this.sumsAt(path.to) as LineSums).addBetween(
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

  /** Members from a node on, when what led there has cost this much. */
  following(node: number, params: number, macs: number): bigint {
    const { segments } = this;
    if (!segments.mayFit(node, params, macs)) return 0n;
    if (segments.allFit(node, params, macs)) return this.graph.counts[node]!;
    if (this.back.has(node)) return BigInt(this.sumsAt(node).sum(segments.left(params, macs)));
    const key = `${node},${params},${macs}`;
    let amount = this.followings.get(key);
    if (amount === undefined) {
      amount = 0n;
      for (const path of segments.paths(node))
        amount += BigInt(path.count) * this.following(path.to, params + path.params, macs + path.macs);
      this.followings.set(key, amount);
    }
    return amount;
  }

  /** Whether some completion fits; found without counting them all. */
  private hasFollowing(node: number, params: number, macs: number): boolean {
    const { segments } = this;
    if (!segments.mayFit(node, params, macs)) return false;
    if (segments.isEnd(node) || segments.allFit(node, params, macs)) return true;
    if (this.back.has(node)) return this.sumsAt(node).sum(segments.left(params, macs)) > 0;
    return segments
      .paths(node)
      .some((path) => this.hasFollowing(path.to, params + path.params, macs + path.macs));
  }

  rank(word: readonly number[]): bigint {
    const {
      graph: { firstEdge, labels, targets },
      segments: { edgeParams, edgeMacs },
    } = this;
    let [node, params, macs, rank] = [0, 0, 0, 0n];
    for (const label of word) {
      for (let edge = firstEdge[node]!; ; edge++) {
        const [p, m] = [params + edgeParams[edge]!, macs + edgeMacs[edge]!];
        if (labels[edge] === label) {
          [node, params, macs] = [targets[edge]!, p, m];
          break;
        }
        rank += this.following(targets[edge]!, p, m);
      }
    }
    return rank;
  }

  wordAt(rank: bigint): number[] {
    const {
      graph: { firstEdge, labels, targets },
      segments,
      segments: { edgeParams, edgeMacs },
    } = this;
    const word: number[] = [];
    let [node, params, macs] = [0, 0, 0];
    while (!segments.isEnd(node)) {
      for (let edge = firstEdge[node]!; ; edge++) {
        const [p, m] = [params + edgeParams[edge]!, macs + edgeMacs[edge]!];
        const here = this.following(targets[edge]!, p, m);
        if (rank < here) {
          word.push(labels[edge]!);
          [node, params, macs] = [targets[edge]!, p, m];
          break;
        }
        rank -= here;
      }
    }
    return word;
  }

  /** Words in order. The array is one and the same; copy what must last. */
  *words(): Generator<readonly number[]> {
    const {
      graph: { firstEdge, labels, targets, boundary },
      segments,
      segments: { edgeParams, edgeMacs },
    } = this;
    const word: number[] = [];
    const stack: {
      edge: number;
      readonly end: number;
      readonly params: number;
      readonly macs: number;
      readonly free: boolean;
    }[] = [];
    const enter = (node: number, params: number, macs: number, free: boolean): void => {
      stack.push({
        edge: firstEdge[node]!,
        end: firstEdge[node + 1]!,
        params,
        macs,
        free: free || segments.allFit(node, params, macs),
      });
    };
    if (this.total === 0n) return;
    enter(0, 0, 0, false);
    while (stack.length > 0) {
      const top = stack.at(-1)!;
      word.length = stack.length - 1;
      if (top.edge >= top.end) {
        stack.pop();
        continue;
      }
      const edge = top.edge++;
      const target = targets[edge]!;
      const [params, macs] = [top.params + edgeParams[edge]!, top.macs + edgeMacs[edge]!];
      if (!top.free && !this.mayGoOn(target, params, macs, boundary[target]! > 0)) continue;
      word.push(labels[edge]!);
      if (segments.isEnd(target)) yield word;
      else enter(target, params, macs, top.free);
    }
  }

  /** False where no member can follow; at boundaries it is certain, between them by the extremes alone. */
  mayGoOn(node: number, params: number, macs: number, certain: boolean): boolean {
    return this.segments.mayFit(node, params, macs) && (!certain || this.hasFollowing(node, params, macs));
  }

  /** A word, uniform over members, or by weight where the graph has weights. There must be one. */
  sample(random: Random): number[] {
    this.draws ??= new BudgetedDraws(this, this.graph);
    return this.draws.sample(random);
  }
}

function one(big: boolean): Points {
  const points = new Points();
  points.add(0, 0, big ? 1n : 1);
  return points;
}
