/**
 * A graph cut at stage boundaries into segments. Within a segment the distinct costs are few, since a block's
 * cost depends on what it is and not on where in the stage it stands; over all segments they multiply.
 */
import { type Amount, needsBig, product, sum } from './amounts.js';
import { limits, type Windows } from './budgets.js';
import type { Graph } from './graph.js';
import { TooLargeError } from './layout-machine.js';
import { Points } from './points.js';

/** Distinct costs held at one place. */
export const POINT_LIMIT = 2_500_000;

/** Words from one node to a later boundary with one cost. */
export interface Path {
  readonly to: number;
  readonly params: number;
  readonly macs: number;
  readonly count: Amount;
}
type Pair = readonly [params: Float64Array, macs: Float64Array];

export class Segments {
  /** Amounts are numbers of words, not probabilities. */
  readonly exact: boolean;
  readonly useParams: boolean;
  readonly useMacs: boolean;
  /** Per stage boundary its nodes; first the root, last the ends. */
  readonly levels: readonly (readonly number[])[];
  /** Cost of each edge in the measures that are asked for. */
  readonly edgeParams: Float64Array;
  readonly edgeMacs: Float64Array;
  /** Lowest and highest cost of what follows a node, and of what leads to it. */
  readonly after: { readonly low: Pair; readonly high: Pair };
  readonly before: { readonly low: Pair; readonly high: Pair };
  /** Words from the root to each node; empty where amounts are probabilities. */
  private readonly wordsBefore: readonly bigint[];
  private readonly pathsFrom = new Map<number, readonly Path[]>();

  constructor(
    readonly graph: Graph,
    readonly windows: Windows,
  ) {
    this.exact = graph.weights === undefined;
    this.useParams = limits(windows.params);
    this.useMacs = limits(windows.macs);
    const {
      events,
      places: { costs },
      nodes,
      firstEdge,
      targets,
      boundary,
    } = graph;
    this.edgeParams = Float64Array.from(events, (event) => (this.useParams ? costs[event]!.params : 0));
    this.edgeMacs = Float64Array.from(events, (event) => (this.useMacs ? costs[event]!.macs : 0));
    const make = (value: number): Pair => [
      new Float64Array(nodes).fill(value),
      new Float64Array(nodes).fill(value),
    ];
    this.after = { low: make(Infinity), high: make(-Infinity) };
    this.before = { low: make(Infinity), high: make(-Infinity) };
    for (const measure of [0, 1] as const) this.extremes(measure);
    const words = new Array<bigint>(this.exact ? nodes : 0).fill(0n);
    if (this.exact) words[0] = 1n;
    for (let node = 0; this.exact && node < nodes; node++)
      for (let edge = firstEdge[node]!; edge < firstEdge[node + 1]!; edge++)
        words[targets[edge]!]! += words[node]!;
    this.wordsBefore = words;
    const levels: number[][] = [[0]];
    const ends: number[] = [];
    for (let node = 0; node < nodes; node++) {
      if (boundary[node]! > 0) (levels[boundary[node]!] ??= []).push(node);
      if (this.isEnd(node)) ends.push(node);
    }
    this.levels = [...levels, ends];
  }

  isEnd(node: number): boolean {
    return this.graph.firstEdge[node] === this.graph.firstEdge[node + 1];
  }

  private extremes(measure: 0 | 1): void {
    const { nodes, firstEdge, targets } = this.graph;
    const cost = measure === 0 ? this.edgeParams : this.edgeMacs;
    const { before, after } = this;
    before.low[measure][0] = before.high[measure][0] = 0;
    for (let node = 0; node < nodes; node++) {
      for (let edge = firstEdge[node]!; edge < firstEdge[node + 1]!; edge++) {
        const target = targets[edge]!;
        before.low[measure][target] = Math.min(
          before.low[measure][target]!,
          before.low[measure][node]! + cost[edge]!,
        );
        before.high[measure][target] = Math.max(
          before.high[measure][target]!,
          before.high[measure][node]! + cost[edge]!,
        );
      }
    }
    for (let node = nodes - 1; node >= 0; node--) {
      if (this.isEnd(node)) after.low[measure][node] = after.high[measure][node] = 0;
      for (let edge = firstEdge[node]!; edge < firstEdge[node + 1]!; edge++) {
        after.low[measure][node] = Math.min(
          after.low[measure][node]!,
          cost[edge]! + after.low[measure][targets[edge]!]!,
        );
        after.high[measure][node] = Math.max(
          after.high[measure][node]!,
          cost[edge]! + after.high[measure][targets[edge]!]!,
        );
      }
    }
  }

  /** Some completion's cost may lie in the windows, by the extremes alone. */
  mayFit(node: number, params: number, macs: number): boolean {
    const {
      after: { low, high },
      windows,
    } = this;
    return (
      params + low[0][node]! <= windows.params.high &&
      params + high[0][node]! >= windows.params.low &&
      macs + low[1][node]! <= windows.macs.high &&
      macs + high[1][node]! >= windows.macs.low
    );
  }

  /** What follows a node may, with something that leads to it, lie in the windows. */
  mayFollow(node: number, params: number, macs: number): boolean {
    const {
      before: { low, high },
      windows,
    } = this;
    return (
      params + low[0][node]! <= windows.params.high &&
      params + high[0][node]! >= windows.params.low &&
      macs + low[1][node]! <= windows.macs.high &&
      macs + high[1][node]! >= windows.macs.low
    );
  }

  /** Every completion's cost lies in the windows. */
  allFit(node: number, params: number, macs: number): boolean {
    const {
      after: { low, high },
      windows,
    } = this;
    return (
      params + high[0][node]! <= windows.params.high &&
      params + low[0][node]! >= windows.params.low &&
      macs + high[1][node]! <= windows.macs.high &&
      macs + low[1][node]! >= windows.macs.low
    );
  }

  /** The windows that are left once this much is spent. */
  left(params: number, macs: number): Windows {
    const { windows } = this;
    return {
      params: { low: windows.params.low - params, high: windows.params.high - params },
      macs: { low: windows.macs.low - macs, high: windows.macs.high - macs },
    };
  }

  /** Amounts of words from the root to a node need big integers. */
  bigBefore(node: number): boolean {
    return this.exact && needsBig(this.wordsBefore[node]!);
  }
  /** Amounts of words from a node to the end do. */
  bigAfter(node: number): boolean {
    return this.exact && needsBig(this.graph.counts[node]!);
  }
  /** Amounts of words between two nodes do. */
  bigBetween(from: number, to: number): boolean {
    return this.bigBefore(to) && this.bigAfter(from);
  }

  /** Words from a node to the next boundary or the end, by cost. */
  paths(from: number): readonly Path[] {
    const known = this.pathsFrom.get(from);
    if (known) return known;
    const {
      graph: { firstEdge, targets, boundary, weights },
      edgeParams,
      edgeMacs,
    } = this;
    const open = new Map<number, Points>();
    const result: Path[] = [];
    const first = new Points();
    first.add(0, 0, this.bigBetween(from, from) ? 1n : 1);
    open.set(from, first);
    const queue = [from]; // falling, since edges go to higher numbers and nodes are taken in that order
    while (queue.length > 0) {
      const node = queue.pop()!;
      const points = open.get(node)!;
      open.delete(node);
      if (node !== from && (boundary[node]! > 0 || this.isEnd(node))) {
        const big = this.bigBetween(from, node);
        for (let at = 0; at < points.size; at++)
          result.push({
            to: node,
            params: points.params[at]!,
            macs: points.macs[at]!,
            count: big ? BigInt(points.counts[at]!) : points.counts[at]!,
          });
        continue;
      }
      for (let edge = firstEdge[node]!; edge < firstEdge[node + 1]!; edge++) {
        const target = targets[edge]!;
        const big = this.bigBetween(from, target);
        let into = open.get(target);
        if (!into) {
          open.set(target, (into = new Points()));
          let place = queue.length;
          while (place > 0 && queue[place - 1]! < target) place--;
          queue.splice(place, 0, target);
        }
        const [params, macs, weight] = [edgeParams[edge]!, edgeMacs[edge]!, weights ? weights[edge]! : 1];
        for (let at = 0; at < points.size; at++)
          into.add(
            points.params[at]! + params,
            points.macs[at]! + macs,
            weights
              ? (points.counts[at] as number) * weight
              : big
                ? BigInt(points.counts[at]!)
                : points.counts[at]!,
          );
        if (into.size > POINT_LIMIT)
          throw new TooLargeError(`one stage has more than ${POINT_LIMIT} distinct costs`);
      }
    }
    this.pathsFrom.set(from, result);
    return result;
  }
}

/** Σ over pairs of one amount from each side; a big integer where amounts are exact. */
export function total(exact: boolean, pairs: Iterable<readonly [Amount, Amount]>): Amount {
  let whole: Amount = exact ? 0n : 0;
  for (const [a, b] of pairs) if (b !== 0 && b !== 0n) whole = sum(whole, product(a, b, exact));
  return whole;
}
