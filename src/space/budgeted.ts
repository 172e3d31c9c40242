/**
 * Members of a graph whose summed costs lie in given windows: counted, drawn, ranked, exactly.
 *
 * A graph is cut at stage boundaries into segments. Within a segment the distinct costs are few, since a block's cost depends on what
 * it is and not on where in the stage it stands; over all segments they multiply. So points are summed from the front and from the
 * back until they meet at one boundary (meet in the middle), and pairs are counted by sums over rectangles.
 */
import type { Random } from '../util/random.js';
import { anything, type Windows } from './budgets.js';
import { WeightedDraw } from './draw.js';
import type { Graph } from './graph.js';
import { TooLargeError } from './layout-machine.js';
import { Points, RectangleSums } from './points.js';
import type { Members } from './walk.js';

const POINT_LIMIT = 1_500_000;

/** Words from one node to a later boundary with one cost. */
interface Path { readonly to: number; readonly params: number; readonly macs: number; readonly count: bigint }
/** A place on the way of a draw: labels with weights, and where each leads. */
interface Step { readonly draw: WeightedDraw; readonly labels: readonly number[]; readonly next: readonly Step[] }

export class Budgeted implements Members {
  readonly total: bigint;
  private readonly useParams: boolean;
  private readonly useMacs: boolean;
  /** Lowest and highest cost of what follows a node: params, then macs. */
  private readonly rest: { readonly low: readonly [Float64Array, Float64Array]; readonly high: readonly [Float64Array, Float64Array] };
  private readonly pathsFrom = new Map<number, readonly Path[]>();
  /** Points of what leads to a boundary node, and of what follows it. */
  private readonly front = new Map<number, Points>();
  private readonly back = new Map<number, Points>();
  private readonly sums = new Map<number, RectangleSums>();
  private readonly cut: readonly number[];
  private starts: { readonly draw: WeightedDraw; readonly of: readonly (readonly [node: number, point: number])[] } | undefined;

  /** @throws TooLargeError where even half the segments have too many distinct costs */
  constructor(private readonly graph: Graph, private readonly windows: Windows) {
    this.useParams = windows.params !== anything;
    this.useMacs = windows.macs !== anything;
    this.rest = this.extremes();
    this.cut = graph.counts[0] === 0n ? [] : this.meet();
    let total = 0n;
    for (const node of this.cut) {
      const points = this.front.get(node)!;
      for (let at = 0; at < points.size; at++) total += points.counts[at]! * this.following(node, points.params[at]!, points.macs[at]!);
    }
    this.total = total;
  }

  private costOf(edge: number): readonly [params: number, macs: number] {
    const cost = this.graph.places.costs[this.graph.events[edge]!]!;
    return [this.useParams ? cost.params : 0, this.useMacs ? cost.macs : 0];
  }

  private extremes(): Budgeted['rest'] {
    const { nodes, firstEdge, targets } = this.graph;
    const make = (): [Float64Array, Float64Array] => [new Float64Array(nodes), new Float64Array(nodes)];
    const rest = { low: make(), high: make() };
    for (let node = nodes - 1; node >= 0; node--) {
      if (firstEdge[node] === firstEdge[node + 1]) continue;
      for (const measure of [0, 1] as const) {
        let low = Infinity;
        let high = -Infinity;
        for (let edge = firstEdge[node]!; edge < firstEdge[node + 1]!; edge++) {
          const cost = this.costOf(edge)[measure];
          low = Math.min(low, cost + rest.low[measure][targets[edge]!]!);
          high = Math.max(high, cost + rest.high[measure][targets[edge]!]!);
        }
        rest.low[measure][node] = low;
        rest.high[measure][node] = high;
      }
    }
    return rest;
  }

  /** Some completion's cost may lie in the windows, by the extremes alone. */
  private mayFit(node: number, params: number, macs: number): boolean {
    const { low, high } = this.rest;
    return params + low[0][node]! <= this.windows.params.high && params + high[0][node]! >= this.windows.params.low
      && macs + low[1][node]! <= this.windows.macs.high && macs + high[1][node]! >= this.windows.macs.low;
  }

  /** Every completion's cost lies in the windows. */
  private allFit(node: number, params: number, macs: number): boolean {
    const { low, high } = this.rest;
    return params + high[0][node]! <= this.windows.params.high && params + low[0][node]! >= this.windows.params.low
      && macs + high[1][node]! <= this.windows.macs.high && macs + low[1][node]! >= this.windows.macs.low;
  }

  private isEnd(node: number): boolean { return this.graph.firstEdge[node] === this.graph.firstEdge[node + 1]; }

  /** Words from a node to the next boundary or the end, by cost. */
  private paths(from: number): readonly Path[] {
    const known = this.pathsFrom.get(from);
    if (known) return known;
    const { firstEdge, targets, boundary } = this.graph;
    const open = new Map<number, Points>();
    const result: Path[] = [];
    const first = new Points();
    first.add(0, 0, 1n);
    open.set(from, first);
    // Edges go to higher numbers, so nodes are taken in that order.
    const queue = [from];
    while (queue.length > 0) {
      queue.sort((a, b) => b - a);
      const node = queue.pop()!;
      const points = open.get(node)!;
      if (node !== from && (boundary[node]! > 0 || this.isEnd(node))) {
        for (let at = 0; at < points.size; at++) result.push({ to: node, params: points.params[at]!, macs: points.macs[at]!, count: points.counts[at]! });
        continue;
      }
      for (let edge = firstEdge[node]!; edge < firstEdge[node + 1]!; edge++) {
        const target = targets[edge]!;
        let into = open.get(target);
        if (!into) {
          open.set(target, into = new Points());
          queue.push(target);
        }
        const [params, macs] = this.costOf(edge);
        for (let at = 0; at < points.size; at++) into.add(points.params[at]! + params, points.macs[at]! + macs, points.counts[at]!);
        if (into.size > POINT_LIMIT) throw new TooLargeError(`one stage has more than ${POINT_LIMIT} distinct costs`);
      }
    }
    this.pathsFrom.set(from, result);
    return result;
  }

  /** Extends front and back, the cheaper first, until they meet; the boundary nodes where they do. */
  private meet(): number[] {
    const { graph } = this;
    const levels: number[][] = [[0]];
    let stages = 0;
    for (let node = 0; node < graph.nodes; node++) {
      const level = graph.boundary[node]!;
      if (level > 0) {
        stages = Math.max(stages, level);
        (levels[level] ??= []).push(node);
      }
    }
    const ends = Array.from({ length: graph.nodes }, (_, node) => node).filter((node) => this.isEnd(node));
    levels.push(ends);
    for (const end of ends) this.back.set(end, one());
    this.front.set(0, one());
    let front = 0;
    let back = levels.length - 1;
    const work = (nodes: readonly number[], side: Map<number, Points>, paths: (node: number) => number): number => nodes.reduce((sum, node) => sum + (side.get(node)?.size ?? 0) * paths(node), 0);
    const incoming = (level: number): number => levels[level]!.reduce((sum, node) => sum + this.paths(node).reduce((inner, path) => inner + (this.back.get(path.to)?.size ?? 0), 0), 0);
    while (front < back) {
      const forward = work(levels[front]!, this.front, (node) => this.paths(node).length);
      const backward = incoming(back - 1);
      if (Math.min(forward, backward) > 8 * POINT_LIMIT) throw new TooLargeError('the network has too many distinct costs');
      if (forward <= backward) this.stepForward(levels[front++]!);
      else this.stepBack(levels[--back]!);
    }
    return levels[front]!.filter((node) => this.front.has(node));
  }

  private stepForward(nodes: readonly number[]): void {
    for (const node of nodes) {
      const points = this.front.get(node);
      if (!points) continue;
      for (const { to, params, macs, count } of this.paths(node)) {
        let into = this.front.get(to);
        if (!into) this.front.set(to, into = new Points());
        for (let at = 0; at < points.size; at++) {
          const [p, m] = [points.params[at]! + params, points.macs[at]! + macs];
          if (this.mayFit(to, p, m)) into.add(p, m, points.counts[at]! * count);
        }
        if (into.size > POINT_LIMIT) throw new TooLargeError(`the network has more than ${POINT_LIMIT} distinct costs`);
      }
    }
  }

  private stepBack(nodes: readonly number[]): void {
    for (const node of nodes) this.backOf(node);
  }

  /** Costs of what follows a boundary node. */
  private backOf(node: number): Points {
    let points = this.back.get(node);
    if (points) return points;
    points = new Points();
    const { params: { high: paramsHigh }, macs: { high: macsHigh } } = this.windows;
    for (const { to, params, macs, count } of this.paths(node)) {
      const after = this.backOf(to);
      for (let at = 0; at < after.size; at++) {
        const [p, m] = [after.params[at]! + params, after.macs[at]! + macs];
        if (p <= paramsHigh && m <= macsHigh) points.add(p, m, after.counts[at]! * count);
      }
      if (points.size > POINT_LIMIT) throw new TooLargeError(`the network has more than ${POINT_LIMIT} distinct costs`);
    }
    this.back.set(node, points);
    return points;
  }

  private left(params: number, macs: number): Windows {
    const { windows } = this;
    return { params: { low: windows.params.low - params, high: windows.params.high - params }, macs: { low: windows.macs.low - macs, high: windows.macs.high - macs } };
  }

  private sumsAt(node: number): RectangleSums {
    let sums = this.sums.get(node);
    if (!sums) this.sums.set(node, sums = new RectangleSums(this.back.get(node)!));
    return sums;
  }

  private readonly followings = new Map<string, bigint>();

  /** Members from a node on, when what led there has cost this much. */
  following(node: number, params: number, macs: number): bigint {
    if (!this.mayFit(node, params, macs)) return 0n;
    if (this.allFit(node, params, macs)) return this.graph.counts[node]!;
    if (this.back.has(node)) return this.sumsAt(node).sum(this.left(params, macs));
    const key = `${node},${params},${macs}`;
    let sum = this.followings.get(key);
    if (sum === undefined) {
      sum = 0n;
      for (const path of this.paths(node)) sum += path.count * this.following(path.to, params + path.params, macs + path.macs);
      this.followings.set(key, sum);
    }
    return sum;
  }

  rank(word: readonly number[]): bigint {
    const { firstEdge, labels, targets } = this.graph;
    let [node, params, macs, rank] = [0, 0, 0, 0n];
    for (const label of word) {
      for (let edge = firstEdge[node]!; ; edge++) {
        const [p, m] = this.costOf(edge);
        if (labels[edge] === label) {
          [node, params, macs] = [targets[edge]!, params + p, macs + m];
          break;
        }
        rank += this.following(targets[edge]!, params + p, macs + m);
      }
    }
    return rank;
  }

  wordAt(rank: bigint): number[] {
    const { firstEdge, labels, targets } = this.graph;
    const word: number[] = [];
    let [node, params, macs] = [0, 0, 0];
    while (!this.isEnd(node)) {
      for (let edge = firstEdge[node]!; ; edge++) {
        const [p, m] = this.costOf(edge);
        const here = this.following(targets[edge]!, params + p, macs + m);
        if (rank < here) {
          word.push(labels[edge]!);
          [node, params, macs] = [targets[edge]!, params + p, macs + m];
          break;
        }
        rank -= here;
      }
    }
    return word;
  }

  /** Words in order. The array is one and the same; copy what must last. */
  *words(): Generator<readonly number[]> {
    const { firstEdge, labels, targets, boundary } = this.graph;
    const word: number[] = [];
    const stack: { edge: number; readonly end: number; readonly params: number; readonly macs: number; readonly free: boolean }[] = [];
    const enter = (node: number, params: number, macs: number, free: boolean): void => {
      stack.push({ edge: firstEdge[node]!, end: firstEdge[node + 1]!, params, macs, free: free || this.allFit(node, params, macs) });
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
      const [p, m] = this.costOf(edge);
      const [params, macs] = [top.params + p, top.macs + m];
      if (!top.free && (!this.mayFit(target, params, macs) || (boundary[target]! > 0 && this.following(target, params, macs) === 0n))) continue;
      word.push(labels[edge]!);
      if (this.isEnd(target)) yield word;
      else enter(target, params, macs, top.free);
    }
  }

  // Draws -------------------------------------------------------------------------------------------------------------
  /** A word, uniform over members. There must be one. */
  sample(random: Random): number[] {
    this.starts ??= this.startsOf();
    const [node, point] = this.starts.of[this.starts.draw.pick(random)]!;
    const points = this.front.get(node)!;
    const left = this.left(points.params[point]!, points.macs[point]!);
    const sums = this.sumsAt(node);
    const word: number[] = [];
    this.drawFront(node, point, random, word);
    this.drawBack(node, sums.select(left, random.bigint(sums.sum(left))), random, word);
    return word;
  }

  /** Every cost at the cut, weighted by the members that pass it. */
  private startsOf(): NonNullable<Budgeted['starts']> {
    const of: [number, number][] = [];
    const weights: bigint[] = [];
    for (const node of this.cut) {
      const points = this.front.get(node)!;
      for (let at = 0; at < points.size; at++) {
        const follow = this.sumsAt(node).sum(this.left(points.params[at]!, points.macs[at]!));
        if (follow === 0n) continue;
        of.push([node, at]);
        weights.push(points.counts[at]! * follow);
      }
    }
    return { draw: new WeightedDraw(weights), of };
  }

  private readonly ways = new Map<Points, Map<number, { readonly draw: WeightedDraw; readonly of: readonly { readonly node: number; readonly point: number; readonly step: Step }[] }>>();
  private readonly into = new Map<number, { readonly from: number; readonly path: Path }[]>();

  /** Labels of a way from the root to a point at the cut, segment by segment from the last. */
  private drawFront(node: number, point: number, random: Random, word: number[]): void {
    const segments: Step[] = [];
    while (node !== 0) {
      const way = this.wayOf(this.front.get(node)!, point, () => this.leadingTo(node, point));
      const chosen = way.of[way.draw.pick(random)]!;
      segments.push(chosen.step);
      [node, point] = [chosen.node, chosen.point];
    }
    while (segments.length > 0) follow(segments.pop()!, random, word);
  }

  private drawBack(node: number, point: number, random: Random, word: number[]): void {
    while (!this.isEnd(node)) {
      const [at, from] = [point, node];
      const way = this.wayOf(this.back.get(node)!, point, () => this.leadingFrom(from, at));
      const chosen = way.of[way.draw.pick(random)]!;
      follow(chosen.step, random, word);
      [node, point] = [chosen.node, chosen.point];
    }
  }

  private wayOf(points: Points, point: number, make: () => { node: number; point: number; step: Step; weight: bigint }[]): { readonly draw: WeightedDraw; readonly of: readonly { readonly node: number; readonly point: number; readonly step: Step }[] } {
    let known = this.ways.get(points);
    if (!known) this.ways.set(points, known = new Map());
    let way = known.get(point);
    if (!way) {
      const options = make();
      known.set(point, way = { draw: new WeightedDraw(options.map(({ weight }) => weight)), of: options });
    }
    return way;
  }

  private leadingTo(node: number, point: number): { node: number; point: number; step: Step; weight: bigint }[] {
    if (this.into.size === 0) {
      for (const from of this.front.keys()) for (const path of this.pathsFrom.get(from) ?? []) this.into.set(path.to, [...(this.into.get(path.to) ?? []), { from, path }]);
    }
    const own = this.front.get(node)!;
    return (this.into.get(node) ?? []).flatMap(({ from, path }) => {
      const points = this.front.get(from)!;
      const at = points.find(own.params[point]! - path.params, own.macs[point]! - path.macs);
      return at < 0 ? [] : [{ node: from, point: at, step: this.step(from, path.to, path.params, path.macs), weight: points.counts[at]! * path.count }];
    });
  }

  private leadingFrom(node: number, point: number): { node: number; point: number; step: Step; weight: bigint }[] {
    const own = this.back.get(node)!;
    return this.paths(node).flatMap((path) => {
      const points = this.back.get(path.to)!;
      const at = points.find(own.params[point]! - path.params, own.macs[point]! - path.macs);
      return at < 0 ? [] : [{ node: path.to, point: at, step: this.step(node, path.to, path.params, path.macs), weight: points.counts[at]! * path.count }];
    });
  }

  private readonly steps = new Map<string, Step | undefined>();

  /** The labels that lead from a node to a boundary at exactly this cost; all ways, weighted by their number. */
  private step(from: number, to: number, params: number, macs: number): Step {
    return this.findStep(from, to, params, macs)!;
  }

  private findStep(from: number, to: number, params: number, macs: number): Step | undefined {
    const key = `${from},${to},${params},${macs}`;
    if (this.steps.has(key)) return this.steps.get(key);
    const { firstEdge, targets, labels } = this.graph;
    const found: { label: number; next: Step; weight: bigint }[] = [];
    for (let edge = firstEdge[from]!; edge < firstEdge[from + 1]!; edge++) {
      const [p, m] = this.costOf(edge);
      const target = targets[edge]!;
      if (p > params || m > macs || target > to) continue;
      if (target === to) {
        if (p === params && m === macs) found.push({ label: labels[edge]!, next: arrived, weight: 1n });
      } else if (this.graph.boundary[target] === 0) {
        const next = this.findStep(target, to, params - p, macs - m);
        if (next) found.push({ label: labels[edge]!, next, weight: next.draw.total });
      }
    }
    const step = found.length === 0 ? undefined : { draw: new WeightedDraw(found.map(({ weight }) => weight)), labels: found.map(({ label }) => label), next: found.map(({ next }) => next) };
    this.steps.set(key, step);
    return step;
  }
}

const arrived: Step = { draw: new WeightedDraw([1n]), labels: [], next: [] };

function follow(step: Step, random: Random, word: number[]): void {
  while (step !== arrived) {
    const index = step.draw.pick(random);
    word.push(step.labels[index]!);
    step = step.next[index]!;
  }
}

function one(): Points {
  const points = new Points();
  points.add(0, 0, 1n);
  return points;
}
