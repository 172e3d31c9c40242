/**
 * Draws from a set under budgets: a pair of costs at the cut by what it stands for, then ways that lead to
 * each of the two costs.
 */
import type { Random } from '../util/random.js';
import { type Amount, product } from './amounts.js';
import type { Budgeted } from './budgeted.js';
import { amountBelow, type Draw, drawOf } from './draw.js';
import type { Graph } from './graph.js';
import type { Points } from './points.js';
import type { Path } from './segments.js';

/** A place on the way of a draw: labels with weights, and where each leads. */
interface Step {
  readonly draw: Draw;
  readonly labels: readonly number[];
  readonly next: readonly Step[];
}
/** Where a point may come from, or go on to. */
interface Way {
  readonly draw: Draw;
  readonly of: readonly {
    readonly node: number;
    readonly point: number;
    readonly path: Path;
    readonly from: number;
  }[];
}

/** Tables kept of each kind; in a large set nearly every draw would leave new ones. */
const KEPT = 50_000;

const arrived: Step = { draw: { total: 1, pick: () => 0 }, labels: [], next: [] };

export class BudgetedDraws {
  private readonly start: {
    readonly draw: Draw;
    readonly of: readonly (readonly [node: number, point: number])[];
  };
  private readonly exact: boolean;
  private readonly into = new Map<number, { readonly from: number; readonly path: Path }[]>();
  private readonly ways = new Map<Points, Map<number, Way>>();
  private readonly steps = new Map<string, Step | undefined>();
  private readonly across = new Map<string, { readonly draw: Draw; readonly of: readonly Path[] }>();

  constructor(
    private readonly set: Budgeted,
    private readonly graph: Graph,
  ) {
    const {
      segments: { exact },
      front,
      behind,
    } = set;
    this.exact = exact;
    const of: [number, number][] = [];
    const weights: Amount[] = [];
    for (const node of set.cut) {
      const points = front.get(node)!;
      const fits = behind.get(node)!;
      for (let at = 0; at < points.size; at++) {
        if (fits[at] === 0 || fits[at] === 0n) continue;
        of.push([node, at]);
        weights.push(product(points.counts[at]!, fits[at]!, exact));
      }
    }
    this.start = { draw: drawOf(weights, exact), of };
    for (const from of front.keys())
      if (!set.cut.includes(from))
        for (const path of set.segments.paths(from))
          this.into.set(path.to, [...(this.into.get(path.to) ?? []), { from, path }]);
  }

  sample(random: Random): number[] {
    const { set, exact } = this;
    const [node, point] = this.start.of[this.start.draw.pick(random)]!;
    const points = set.front.get(node)!;
    let [params, macs] = [points.params[point]!, points.macs[point]!];
    const word: number[] = [];
    this.drawFront(node, point, random, word);
    let at = node;
    if (!set.back.has(node)) {
      const path = this.pathAcross(node, point, random);
      this.follow(this.step(node, path), random, word);
      [at, params, macs] = [path.to, params + path.params, macs + path.macs];
    }
    const left = set.segments.left(params, macs);
    const sums = set.sumsAt(at);
    this.drawBack(at, sums.select(left, amountBelow(sums.sum(left), exact, random)), random, word);
    return word;
  }

  /** A way through the stage that front and back meet across. */
  private pathAcross(node: number, point: number, random: Random): Path {
    const {
      set: { segments, front },
      exact,
    } = this;
    const key = `${node},${point}`;
    let known = this.across.get(key);
    if (!known) {
      const points = front.get(node)!;
      const of: Path[] = [];
      const weights: Amount[] = [];
      for (const path of segments.paths(node)) {
        const fits = this.set
          .sumsAt(path.to)
          .sum(segments.left(points.params[point]! + path.params, points.macs[point]! + path.macs));
        if (fits === 0 || fits === 0n) continue;
        of.push(path);
        weights.push(product(path.count, fits, exact));
      }
      known = { draw: drawOf(weights, exact), of };
      if (this.across.size >= 200) this.across.clear();
      this.across.set(key, known);
    }
    return known.of[known.draw.pick(random)]!;
  }

  /** Labels of a way from the root to a point at the cut, segment by segment from the last. */
  private drawFront(node: number, point: number, random: Random, word: number[]): void {
    const segments: Step[] = [];
    while (node !== 0) {
      const [at, to] = [point, node];
      const way = this.wayOf(this.set.front.get(node)!, point, () => this.leadingTo(to, at));
      const chosen = way.of[way.draw.pick(random)]!;
      segments.push(this.step(chosen.from, chosen.path));
      [node, point] = [chosen.node, chosen.point];
    }
    while (segments.length > 0) this.follow(segments.pop()!, random, word);
  }

  private drawBack(node: number, point: number, random: Random, word: number[]): void {
    while (!this.set.segments.isEnd(node)) {
      const [at, from] = [point, node];
      const way = this.wayOf(this.set.back.get(node)!, point, () => this.leadingFrom(from, at));
      const chosen = way.of[way.draw.pick(random)]!;
      this.follow(this.step(chosen.from, chosen.path), random, word);
      [node, point] = [chosen.node, chosen.point];
    }
  }

  private wayOf(points: Points, point: number, make: () => { of: Way['of']; weights: Amount[] }): Way {
    let known = this.ways.get(points);
    if (!known) this.ways.set(points, (known = new Map()));
    let way = known.get(point);
    if (!way) {
      const { of, weights } = make();
      if (known.size >= KEPT) known.clear();
      known.set(point, (way = { draw: drawOf(weights, this.exact), of }));
    }
    return way;
  }

  private leadingTo(node: number, point: number): { of: Way['of']; weights: Amount[] } {
    const own = this.set.front.get(node)!;
    const of: { node: number; point: number; path: Path; from: number }[] = [];
    const weights: Amount[] = [];
    for (const { from, path } of this.into.get(node) ?? []) {
      const points = this.set.front.get(from)!;
      const at = points.find(own.params[point]! - path.params, own.macs[point]! - path.macs);
      if (at < 0) continue;
      of.push({ node: from, point: at, path, from });
      weights.push(product(points.counts[at]!, path.count, this.set.segments.bigBefore(node)));
    }
    return { of, weights };
  }

  private leadingFrom(node: number, point: number): { of: Way['of']; weights: Amount[] } {
    const own = this.set.back.get(node)!;
    const of: { node: number; point: number; path: Path; from: number }[] = [];
    const weights: Amount[] = [];
    for (const path of this.set.segments.paths(node)) {
      const points = this.set.back.get(path.to)!;
      const at = points.find(own.params[point]! - path.params, own.macs[point]! - path.macs);
      if (at < 0) continue;
      of.push({ node: path.to, point: at, path, from: node });
      weights.push(product(points.counts[at]!, path.count, this.set.segments.bigAfter(node)));
    }
    return { of, weights };
  }

  /**
   * The labels that lead from a node along a path: all ways of its cost, weighted by their number or weight.
   */
  private step(from: number, { to, params, macs }: Path): Step {
    if (this.steps.size >= KEPT) this.steps.clear();
    return this.findStep(from, to, params, macs, this.set.segments.bigBetween(from, to))!;
  }

  private findStep(from: number, to: number, params: number, macs: number, big: boolean): Step | undefined {
    const key = `${from},${to},${params},${macs}`;
    if (this.steps.has(key)) return this.steps.get(key);
    const {
      graph: { firstEdge, targets, labels, boundary, weights },
      set: {
        segments: { edgeParams, edgeMacs },
      },
    } = this;
    const found: { label: number; next: Step; weight: Amount }[] = [];
    for (let edge = firstEdge[from]!; edge < firstEdge[from + 1]!; edge++) {
      const [p, m] = [edgeParams[edge]!, edgeMacs[edge]!];
      const target = targets[edge]!;
      if (p > params || m > macs || target > to) continue;
      const own = weights ? weights[edge]! : big ? 1n : 1;
      if (target === to) {
        if (p === params && m === macs) found.push({ label: labels[edge]!, next: arrived, weight: own });
      } else if (boundary[target] === 0) {
        const next = this.findStep(target, to, params - p, macs - m, big);
        if (next)
          found.push({
            label: labels[edge]!,
            next,
            weight: weights
              ? (own as number) * (next.draw.total as number)
              : big
                ? BigInt(next.draw.total)
                : next.draw.total,
          });
      }
    }
    const step =
      found.length === 0
        ? undefined
        : {
            draw: drawOf(
              found.map(({ weight }) => weight),
              this.exact,
            ),
            labels: found.map(({ label }) => label),
            next: found.map(({ next }) => next),
          };
    this.steps.set(key, step);
    return step;
  }

  private follow(step: Step, random: Random, word: number[]): void {
    while (step !== arrived) {
      const index = step.draw.pick(random);
      word.push(step.labels[index]!);
      step = step.next[index]!;
    }
  }
}
